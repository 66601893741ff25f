using System.Net;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Intake;

public sealed class AcceptanceTests
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
    public async Task A_letter_reaches_an_http_inbox_byte_for_byte()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune).Signed();

        var receipt = await _office.SubmitAsync(letter);
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        var deliveryId = receipt.DeliveryTo(TestProvince.Commune);
        var items = await _commune.ItemsAsync("v1/inbox?wait=5");
        var bytes = await _commune.GetByteArrayAsync(
            new Uri($"v1/inbox/{deliveryId}/content", UriKind.Relative)
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                items.Select(item => item.GetProperty("deliveryId").GetGuid()),
                Does.Contain(deliveryId)
            );
            Assert.That(bytes, Is.EqualTo(letter));
            Assert.That(
                await _commune.AcknowledgeAsync(deliveryId),
                Is.EqualTo(HttpStatusCode.NoContent)
            );
            Assert.That(
                await _commune.AcknowledgeAsync(deliveryId),
                Is.EqualTo(HttpStatusCode.NoContent)
            );
            Assert.That(
                (await _commune.ItemsAsync("v1/inbox")).Select(item =>
                    item.GetProperty("deliveryId").GetGuid()
                ),
                Does.Not.Contain(deliveryId)
            );
        }
    }

    [Test]
    public async Task A_letter_above_the_inline_limit_is_a_file_and_still_arrives_byte_for_byte()
    {
        var letter = (
            new Letter(TestProvince.Office, TestProvince.Commune) with
            {
                AttachmentBytes = 3_000_000,
            }
        ).Signed();

        var receipt = await _office.SubmitAsync(letter);
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        var path = $"v1/inbox/{receipt.DeliveryTo(TestProvince.Commune)}/content";
        var bytes = await _commune.GetByteArrayAsync(new Uri(path, UriKind.Relative));
        using var ranged = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        ranged.Headers.Range = new(1_000_000, 1_000_099);
        using var part = await _commune.SendAsync(ranged);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(bytes.AsSpan().SequenceEqual(letter));
            Assert.That(part.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
            Assert.That(
                await part.Content.ReadAsByteArrayAsync(),
                Is.EqualTo(letter[1_000_000..1_000_100])
            );
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM payload WHERE package_id = '{receipt.PackageId}' AND bytes IS NULL"
                ),
                Is.EqualTo(1)
            );
        }
    }

    [Test]
    public async Task The_same_submission_twice_gets_the_first_receipt_over_http_over_amqp_and_across_both()
    {
        var viaHttp = new Letter(TestProvince.Office, TestProvince.Commune).Signed();
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "office");
        await amqp.ListenAsync();

        var first = await _office.SubmitAsync(viaHttp);
        var second = await _office.SubmitAsync(viaHttp);
        var third = await amqp.AnswerToAsync(await amqp.SubmitAsync(viaHttp));
        var fourth = await amqp.AnswerToAsync(await amqp.SubmitAsync(viaHttp));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Status, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(second.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(second.Text, Is.EqualTo(first.Text));
            Assert.That(third.Type, Is.EqualTo("axis.receipt"));
            Assert.That(System.Text.Encoding.UTF8.GetString(third.Body), Is.EqualTo(first.Text));
            Assert.That(fourth.Body, Is.EqualTo(third.Body));
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM delivery WHERE package_id = '{first.PackageId}'"
                ),
                Is.EqualTo(1)
            );
        }
    }

    [Test]
    public async Task The_first_submission_over_amqp_answers_its_repeat_over_http()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune).Signed();
        await using var amqp = await AmqpOfficeSystem.ConnectAsync(_hub, "office");
        await amqp.ListenAsync();

        var first = await amqp.AnswerToAsync(await amqp.SubmitAsync(letter));
        var second = await _office.SubmitAsync(letter);

        Assert.That(second.Status, Is.EqualTo(HttpStatusCode.OK), second.Text);
        Assert.That(second.Text, Is.EqualTo(System.Text.Encoding.UTF8.GetString(first.Body)));
    }

    [Test]
    public async Task Many_copies_of_one_submission_at_once_are_accepted_once()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune).Signed();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => _office.SubmitAsync(letter))
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                answers.Count(answer => answer.Status == HttpStatusCode.Created),
                Is.EqualTo(1)
            );
            Assert.That(answers.Select(answer => answer.Text).Distinct().Count(), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Other_bytes_under_the_same_document_id_are_a_conflict()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);

        var first = await _office.SubmitAsync(letter.Signed());
        var other = await _office.SubmitAsync((letter with { Subject = "Nội dung khác" }).Signed());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(other.Status, Is.EqualTo(HttpStatusCode.Conflict), other.Text);
            Assert.That(other.Codes, Is.EqualTo(new[] { "AXIS-5001" }));
            Assert.That(other.Text, Does.Contain(first.PackageId.ToString()));
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task A_recall_update_or_replacement_of_a_document_is_no_duplicate(int business)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var act = letter with { Business = business };

        await _office.SubmitAsync(letter.Signed());
        var first = await _office.SubmitAsync(act.Signed());
        var other = await _office.SubmitAsync((act with { Subject = "Lần hai" }).Signed());

        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.Created), first.Text);
        Assert.That(other.Status, Is.EqualTo(HttpStatusCode.Created), other.Text);
    }

    [Test]
    public async Task Old_and_new_code_of_one_agency_are_one_delivery()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(
                TestProvince.Office,
                TestProvince.Department,
                TestProvince.DepartmentOld,
                TestProvince.MinistryOld,
                TestProvince.Ministry
            ).Signed()
        );

        Assert.That(
            receipt
                .Json.GetProperty("deliveries")
                .EnumerateArray()
                .Select(delivery => delivery.GetProperty("recipient").GetString()),
            Is.EqualTo(new[] { TestProvince.Department, TestProvince.MinistryOld })
        );
    }

    [Test]
    public async Task A_recipient_behind_the_national_axis_is_held_and_visible()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Ministry).Signed()
        );

        var view = await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}");
        var delivery = view.Json.GetProperty("deliveries")[0];
        Assert.That(delivery.GetProperty("route").GetString(), Is.EqualTo("national"));
        Assert.That(delivery.GetProperty("state").GetString(), Is.EqualTo("held"));
    }

    [Test]
    public async Task A_package_accepted_once_keeps_its_receipt_even_if_its_recipient_closes()
    {
        await _hub.AddAgencyAsync("H99.60");
        await _hub.AddOfficeSystemAsync("shortlived", Door.Http, SignaturePolicy.Record, "H99.60");
        var letter = new Letter(TestProvince.Office, "H99.60").Signed();
        var first = await _office.SubmitAsync(letter);

        await _hub.ChangeRegistryAsync(
            "UPDATE agency SET status = 'closed' WHERE id = (SELECT agency_id FROM agency_code WHERE code = 'H99.60')"
        );
        var second = await _office.SubmitAsync(letter);

        Assert.That(second.Status, Is.EqualTo(HttpStatusCode.OK), second.Text);
        Assert.That(second.Text, Is.EqualTo(first.Text));
    }
}
