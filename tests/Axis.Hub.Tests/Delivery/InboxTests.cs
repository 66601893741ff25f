using System.Net;
using Axis.TestKit;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Tests.Delivery;

public sealed class InboxTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _department = null!;
    private HttpClient _commune = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _office = await _hub.ClientAsync("office");
        _department = await _hub.ClientAsync("department");
        _commune = await _hub.ClientAsync("commune");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _department.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
    }

    [TestCase(0, "axis.inbox.department")]
    [TestCase(3, "axis.inbox.department.urgent")]
    public async Task A_letter_reaches_an_amqp_inbox_byte_for_byte(int priority, string queue)
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await amqp.WaitForQueuesAsync(queue);
        var letter = new Letter(TestProvince.Office, TestProvince.Department) with
        {
            Priority = priority,
        };
        var package = letter.Signed();

        var receipt = await _office.SubmitAsync(package);
        var deliveryId = receipt.DeliveryTo(TestProvince.Department);
        var message = await Eventually.GetAsync(async () =>
            await amqp.Channel.BasicGetAsync(queue, autoAck: true) is { } got
            && got.BasicProperties.MessageId == deliveryId.ToString()
                ? got
                : null
        );

        Assert.That(message.Body.ToArray(), Is.EqualTo(package));
        await Eventually.HoldsAsync(async () => await StateAsync(deliveryId) == "dispatched");
        await amqp.AcknowledgeAsync(deliveryId);
        await Eventually.HoldsAsync(async () => await StateAsync(deliveryId) == "collected");
    }

    [Test]
    public async Task A_large_letter_travels_as_a_claim_check_and_is_fetched_over_http()
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await amqp.ListenAsync();
        var letter = new Letter(TestProvince.Office, TestProvince.Department) with
        {
            AttachmentBytes = 500_000,
        };
        var package = letter.Signed();

        await _office.SubmitAsync(package);
        var message = await amqp.NextDeliveryAsync(letter.DocumentId);

        Assert.That(message.ContentType, Is.EqualTo("application/vnd.axis.claim+json"));
        var bytes = await _department.GetByteArrayAsync(
            new Uri(message.Json.GetProperty("path").GetString()!.TrimStart('/'), UriKind.Relative)
        );
        Assert.That(bytes.AsSpan().SequenceEqual(package));
    }

    [Test]
    public async Task Urgent_letters_stand_first_in_an_http_inbox()
    {
        var normal = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune).Signed()
        );
        var urgent = await _office.SubmitAsync(
            (new Letter(TestProvince.Office, TestProvince.Commune) with { Priority = 2 }).Signed()
        );

        var ids = (await _commune.ItemsAsync("v1/inbox"))
            .Select(item => item.GetProperty("packageId").GetGuid())
            .ToList();

        Assert.That(ids.IndexOf(urgent.PackageId), Is.LessThan(ids.IndexOf(normal.PackageId)));
    }

    [Test]
    public async Task An_office_system_cannot_read_or_acknowledge_the_deliveries_of_another_over_http()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        var deliveryId = receipt.DeliveryTo(TestProvince.Department);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (await _commune.GetAnswerAsync($"v1/inbox/{deliveryId}/content")).Status,
                Is.EqualTo(HttpStatusCode.NotFound)
            );
            Assert.That(
                await _commune.AcknowledgeAsync(deliveryId),
                Is.EqualTo(HttpStatusCode.NotFound)
            );
            Assert.That(
                (await _commune.GetAnswerAsync($"v1/packages/{receipt.PackageId}")).Status,
                Is.EqualTo(HttpStatusCode.NotFound)
            );
            Assert.That(
                (await _commune.GetAnswerAsync($"v1/packages/{receipt.PackageId}/content")).Status,
                Is.EqualTo(HttpStatusCode.NotFound)
            );
            Assert.That(
                (await _department.GetAnswerAsync($"v1/packages/{receipt.PackageId}")).Status,
                Is.EqualTo(HttpStatusCode.OK)
            );
        }
    }

    [Test]
    public async Task A_recipient_does_not_see_the_other_recipients_of_a_letter()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department, TestProvince.Commune).Signed()
        );

        var seenByRecipient = await _commune.GetAnswerAsync($"v1/packages/{receipt.PackageId}");
        var seenBySender = await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}");

        Assert.That(seenByRecipient.Json.GetProperty("deliveries").GetArrayLength(), Is.EqualTo(1));
        Assert.That(seenBySender.Json.GetProperty("deliveries").GetArrayLength(), Is.EqualTo(2));
    }

    [Test]
    public async Task An_office_system_cannot_acknowledge_the_deliveries_of_another_over_amqp()
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "commune");
        await amqp.ListenAsync();
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        var deliveryId = receipt.DeliveryTo(TestProvince.Department);

        await amqp.AcknowledgeAsync(deliveryId);
        var answer = await Eventually.GetAsync(() =>
            Task.FromResult(amqp.Problems.FirstOrDefault())
        );

        Assert.That(
            answer.Json.GetProperty("errors")[0].GetProperty("code").GetString(),
            Is.EqualTo("AXIS-6004")
        );
        Assert.That(await StateAsync(deliveryId), Is.Not.EqualTo("collected"));
    }

    [TestCase("axis.inbox.department")]
    [TestCase("axis.inbox.department.urgent")]
    [TestCase("axis.events.department")]
    [TestCase("axis.submissions")]
    [TestCase("axis.submissions.dead")]
    public async Task An_office_system_cannot_read_the_queues_of_others(string queue)
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "commune");

        Assert.That(
            async () => await amqp.Channel.BasicGetAsync(queue, autoAck: true),
            Throws
                .InstanceOf<OperationInterruptedException>()
                .With.Message.Contains("ACCESS_REFUSED")
        );
    }

    [TestCase("axis.submit", "submit.office")]
    [TestCase("axis.submit", "ack.office")]
    [TestCase("axis.submit", "submit.commune.x")]
    [TestCase("", "axis.inbox.department")]
    [TestCase("amq.topic", "submit.commune")]
    public async Task An_office_system_cannot_publish_elsewhere(string exchange, string routingKey)
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "commune");

        Assert.That(
            async () => await amqp.PublishAsync(exchange, routingKey, "x"u8.ToArray(), "m"),
            Throws.Exception
        );
        Assert.That(amqp.Channel.IsClosed, "the broker closes the channel");
    }

    private async Task<string> StateAsync(Guid deliveryId)
    {
        await using var command = _hub.Database.CreateCommand(
            "SELECT state FROM delivery WHERE id = $1"
        );
        command.Parameters.Add(new() { Value = deliveryId });
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
