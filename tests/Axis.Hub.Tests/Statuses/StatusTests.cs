using System.Net;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Statuses;

public sealed class StatusTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task Statuses_01_to_06_come_back_to_the_sender_in_order_as_json_and_as_edxml()
    {
        var (letter, receipt) = await SendAsync();
        var reports = new[] { "01", "03", "04", "05", "06" }
            .Select(code =>
                new Report(
                    TestProvince.Commune,
                    code,
                    TestProvince.Office,
                    letter.DocumentId
                ).Bytes()
            )
            .ToArray();

        foreach (var report in reports)
        {
            var answer = await _commune.SubmitAsync(report);
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
            Assert.That(answer.Json.GetProperty("outcome").GetString(), Is.EqualTo("applied"));
        }
        var events = (await _office.ItemsAsync("v1/events?limit=1000"))
            .Where(one => DocumentIdOf(one) == letter.DocumentId)
            .ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                events.Select(one => one.GetProperty("data").GetProperty("status").GetString()),
                Is.EqualTo(new[] { "01", "03", "04", "05", "06" })
            );
            Assert.That(
                events.Select(one =>
                    one.GetProperty("data").GetProperty("statusPackage").GetBytesFromBase64()
                ),
                Is.EqualTo(reports)
            );
            var id = events[0].GetProperty("id").GetString();
            Assert.That(
                await _office.GetByteArrayAsync(
                    new Uri($"v1/events/{id}/content", UriKind.Relative)
                ),
                Is.EqualTo(reports[0])
            );
            Assert.That(
                (await _commune.GetAnswerAsync($"v1/events/{id}/content")).Status,
                Is.EqualTo(HttpStatusCode.NotFound)
            );
        }
        var view = await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}");
        var delivery = view.Json.GetProperty("deliveries")[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(delivery.GetProperty("state").GetString(), Is.EqualTo("collected"));
            Assert.That(delivery.GetProperty("status").GetString(), Is.EqualTo("06"));
            Assert.That(
                delivery
                    .GetProperty("history")
                    .EnumerateArray()
                    .Count(entry => entry.GetProperty("what").GetString() == "status"),
                Is.EqualTo(5)
            );
        }
    }

    [Test]
    public async Task Acknowledged_events_leave_the_list()
    {
        var (letter, _) = await SendAsync();
        await _commune.SubmitAsync(
            new Report(TestProvince.Commune, "01", TestProvince.Office, letter.DocumentId).Bytes()
        );
        var mine = (await _office.ItemsAsync("v1/events?wait=5&limit=1000")).Single(one =>
            DocumentIdOf(one) == letter.DocumentId
        );

        using var acknowledged = await _office.PostAsync(
            new Uri("v1/events/ack", UriKind.Relative),
            System.Net.Http.Json.JsonContent.Create(
                new { ids = new[] { mine.GetProperty("id").GetString() } }
            )
        );

        Assert.That(acknowledged.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(
            (await _office.ItemsAsync("v1/events?limit=1000")).Select(DocumentIdOf),
            Does.Not.Contain(letter.DocumentId)
        );
    }

    [Test]
    public async Task A_final_state_stays_final_and_the_late_report_is_kept_and_marked()
    {
        var (letter, receipt) = await SendAsync();
        foreach (var code in (string[])["06", "03"])
        {
            await _commune.SubmitAsync(
                new Report(
                    TestProvince.Commune,
                    code,
                    TestProvince.Office,
                    letter.DocumentId
                ).Bytes()
            );
        }

        var delivery = (
            await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}")
        ).Json.GetProperty("deliveries")[0];

        Assert.That(delivery.GetProperty("status").GetString(), Is.EqualTo("06"));
        Assert.That(
            delivery
                .GetProperty("history")
                .EnumerateArray()
                .Where(entry => entry.GetProperty("what").GetString() == "status")
                .Select(entry =>
                    (
                        entry.GetProperty("status").GetString(),
                        entry.GetProperty("outcome").GetString()
                    )
                ),
            Is.EqualTo(new[] { ("06", "applied"), ("03", "late") })
        );
    }

    [Test]
    public async Task The_same_report_twice_gets_the_first_receipt_and_raises_one_event()
    {
        var (letter, _) = await SendAsync();
        var report = new Report(
            TestProvince.Commune,
            "03",
            TestProvince.Office,
            letter.DocumentId
        ).Bytes();

        var first = await _commune.SubmitAsync(report);
        var second = await _commune.SubmitAsync(report);

        Assert.That(second.Status, Is.EqualTo(HttpStatusCode.OK), second.Text);
        Assert.That(second.Text, Is.EqualTo(first.Text));
        Assert.That(
            (await _office.ItemsAsync("v1/events?limit=1000")).Count(one =>
                DocumentIdOf(one) == letter.DocumentId
            ),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task Only_the_recipient_can_report_on_a_delivery()
    {
        var (letter, receipt) = await SendAsync();
        using var department = await _hub.ClientAsync("department");

        var notMine = await department.SubmitAsync(
            new Report(
                TestProvince.Department,
                "03",
                TestProvince.Office,
                letter.DocumentId
            ).Bytes()
        );
        var inTheNameOfAnother = await department.SubmitAsync(
            new Report(TestProvince.Commune, "03", TestProvince.Office, letter.DocumentId).Bytes()
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(notMine.Codes, Is.EqualTo(new[] { "AXIS-5101" }));
            Assert.That(inTheNameOfAnother.Codes, Is.EqualTo(new[] { "AXIS-2102" }));
            Assert.That(
                (await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}"))
                    .Json.GetProperty("deliveries")[0]
                    .TryGetProperty("status", out _),
                Is.False
            );
        }
    }

    [Test]
    public async Task A_report_without_document_id_is_matched_by_number_and_notation()
    {
        var (letter, receipt) = await SendAsync();

        var answer = await _commune.SubmitAsync(
            (
                new Report(TestProvince.Commune, "03", TestProvince.Office, null) with
                {
                    ResponseCode = $"{letter.Number}/{letter.Notation}",
                }
            ).Bytes()
        );

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        Assert.That(
            answer.Json.GetProperty("deliveryId").GetGuid(),
            Is.EqualTo(receipt.DeliveryTo(TestProvince.Commune))
        );
    }

    [Test]
    public async Task A_recall_is_asked_by_the_sender_and_answered_by_the_recipient()
    {
        var (letter, receipt) = await SendAsync();
        await _commune.AcknowledgeAsync(receipt.DeliveryTo(TestProvince.Commune));
        var asked = await _office.SubmitAsync(
            new Report(TestProvince.Office, "13", TestProvince.Commune, letter.DocumentId).Bytes()
        );
        var told = (await _commune.ItemsAsync("v1/events?wait=5&limit=1000")).Single(one =>
            DocumentIdOf(one) == letter.DocumentId
        );
        var agreed = await _commune.SubmitAsync(
            new Report(TestProvince.Commune, "15", TestProvince.Office, letter.DocumentId).Bytes()
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                asked.Json.GetProperty("outcome").GetString(),
                Is.EqualTo("applied"),
                asked.Text
            );
            Assert.That(
                told.GetProperty("data").GetProperty("status").GetString(),
                Is.EqualTo("13")
            );
            Assert.That(
                agreed.Json.GetProperty("outcome").GetString(),
                Is.EqualTo("applied"),
                agreed.Text
            );
        }
    }

    [Test]
    public async Task An_amqp_sender_gets_its_statuses_on_its_event_queue()
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await amqp.ListenAsync();
        var letter = new Letter(TestProvince.Department, TestProvince.Commune);
        var receipt = await amqp.AnswerToAsync(await amqp.SubmitAsync(letter.Signed()));
        Assert.That(
            receipt.Type,
            Is.EqualTo("axis.receipt"),
            System.Text.Encoding.UTF8.GetString(receipt.Body)
        );

        await _commune.SubmitAsync(
            new Report(
                TestProvince.Commune,
                "03",
                TestProvince.Department,
                letter.DocumentId
            ).Bytes()
        );
        var told = await amqp.NextEventAsync(one => DocumentIdOf(one) == letter.DocumentId);

        Assert.That(
            told.Json.GetProperty("data").GetProperty("statusName").GetString(),
            Is.EqualTo("Đã tiếp nhận")
        );
    }

    [Test]
    public async Task Nobody_reports_on_the_delivery_of_another_over_amqp()
    {
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await amqp.ListenAsync();
        var (letter, receipt) = await SendAsync();

        var notMine = await amqp.AnswerToAsync(
            await amqp.SubmitAsync(
                new Report(
                    TestProvince.Department,
                    "03",
                    TestProvince.Office,
                    letter.DocumentId
                ).Bytes()
            )
        );
        var inTheNameOfAnother = await amqp.AnswerToAsync(
            await amqp.SubmitAsync(
                new Report(
                    TestProvince.Commune,
                    "03",
                    TestProvince.Office,
                    letter.DocumentId
                ).Bytes()
            )
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(CodeOf(notMine), Is.EqualTo("AXIS-5101"));
            Assert.That(CodeOf(inTheNameOfAnother), Is.EqualTo("AXIS-2102"));
            Assert.That(
                (await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}"))
                    .Json.GetProperty("deliveries")[0]
                    .TryGetProperty("status", out _),
                Is.False
            );
        }

        static string? CodeOf(Received answer) =>
            answer.Json.GetProperty("errors")[0].GetProperty("code").GetString();
    }

    private async Task<(Letter Letter, Answer Receipt)> SendAsync()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        return (letter, receipt);
    }

    private static string? DocumentIdOf(JsonElement cloudEvent) =>
        cloudEvent.GetProperty("data").GetProperty("documentId").GetString();
}
