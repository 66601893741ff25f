using System.Net;
using Axis.Hub.Registry;
using Axis.TestKit;

namespace Axis.Hub.Tests.Routing;

/// <summary>Letters to codes that ended and agencies that closed, through a whole hub.</summary>
public sealed class SuccessionTests
{
    private static readonly DateTimeOffset s_yesterday = TimeProvider
        .System.GetUtcNow()
        .AddDays(-1);

    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _heir = null!;

    [OneTimeSetUp]
    public async Task Redraw_a_province()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddServedAsync("heir", Door.Http, "H98", "H98.01", "H98.02");
        await _hub.AddServedAsync("heir-amqp", Door.Amqp, "H98.03");
        await _hub.AddServedAsync("gone", Door.Http, "H97", "H97.01", "H97.02", "H97.03", "H97.04");
        foreach (
            var (closed, successors) in ((string, string[])[])
                [
                    ("H97", ["H98"]),
                    ("H97.01", ["H97"]),
                    ("H97.02", ["H98.01", "H98.02"]),
                    ("H97.03", ["H98.03"]),
                    ("H97.04", []),
                ]
        )
        {
            await _hub.HandOverAsync(closed, null, s_yesterday);
            await _hub.CloseAsync(closed, s_yesterday, successors);
        }
        await _hub.EndCodeAsync(TestProvince.DepartmentOld, s_yesterday);
        _office = await _hub.ClientAsync("office");
        _heir = await _hub.ClientAsync("heir");
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _office.Dispose();
        _heir.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_letter_to_a_merged_agency_reaches_its_successor_and_both_sides_see_why()
    {
        var letter = new Letter(TestProvince.Office, "H97.01");
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        var delivery = receipt.Json.GetProperty("deliveries")[0];
        Assert.That(delivery.GetProperty("recipient").GetString(), Is.EqualTo("H97.01"));
        Assert.That(delivery.GetProperty("agency").GetString(), Is.EqualTo("H98"));
        var substitution = delivery.GetProperty("substitution");
        Assert.That(substitution.GetProperty("named").GetString(), Is.EqualTo("H97.01"));
        Assert.That(substitution.GetProperty("kind").GetString(), Is.EqualTo("merged"));

        var id = delivery.GetProperty("deliveryId").GetGuid();
        var item = (await _heir.ItemsAsync("v1/inbox")).Single(one =>
            one.GetProperty("deliveryId").GetGuid() == id
        );
        Assert.That(
            item.GetProperty("substitution").GetProperty("agency").GetString(),
            Is.EqualTo("H98")
        );
        using (
            var content = await _heir.GetAsync(new Uri($"v1/inbox/{id}/content", UriKind.Relative))
        )
        {
            Assert.That(
                content.Headers.GetValues("X-Axis-Substitution").Single(),
                Does.StartWith("H97.01; by=H98; kind=merged; since=")
            );
        }
        var tracked = await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}");
        Assert.That(
            tracked.Json.GetProperty("deliveries")[0].GetProperty("substitution").GetRawText(),
            Is.EqualTo(substitution.GetRawText())
        );

        // The successor answers under its own code, and the sender hears of the code that it wrote.
        var report = new Report("H98", "03", TestProvince.Office, letter.DocumentId);
        var reported = await _heir.SubmitAsync(report.Bytes());
        Assert.That(reported.Status, Is.EqualTo(HttpStatusCode.Created), reported.Text);
        var data = (await _office.ItemsAsync("v1/events?limit=1000"))
            .Select(one => one.GetProperty("data"))
            .Single(one => one.GetProperty("deliveryId").GetGuid() == id);
        Assert.That(data.GetProperty("recipient").GetString(), Is.EqualTo("H97.01"));
        Assert.That(data.GetProperty("agency").GetString(), Is.EqualTo("H98"));
        Assert.That(
            data.GetProperty("substitution").GetProperty("named").GetString(),
            Is.EqualTo("H97.01")
        );

        // It may also answer under the closed code, as its software may have it from the letter.
        var closed = new Report("H97.01", "06", TestProvince.Office, letter.DocumentId);
        Assert.That(
            (await _heir.SubmitAsync(closed.Bytes())).Json.GetProperty("outcome").GetString(),
            Is.EqualTo("applied")
        );
    }

    [Test]
    public async Task Over_AMQP_the_message_says_it_too()
    {
        await using var heir = await AmqpOfficeSystem.ConnectAsync(_hub, "heir-amqp");
        await heir.ListenAsync();
        var letter = new Letter(TestProvince.Office, "H97.03");
        await _office.SubmitAsync(letter.Signed());
        var message = await heir.NextDeliveryAsync(letter.DocumentId);
        Assert.That(message.Header("x-axis-recipient"), Is.EqualTo("H97.03"));
        Assert.That(
            message.Header("x-axis-substitution"),
            Does.StartWith("H97.03; by=H98.03; kind=merged; since=")
        );
    }

    [Test]
    public async Task Closed_codes_of_one_successor_and_its_own_make_one_delivery()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, "H97.01", "H97", "H98").Signed()
        );
        Assert.That(receipt.Json.GetProperty("deliveries").GetArrayLength(), Is.EqualTo(1));
        Assert.That(
            receipt.Json.GetProperty("deliveries")[0].GetProperty("recipient").GetString(),
            Is.EqualTo("H97.01")
        );
    }

    [Test]
    public async Task An_ended_code_still_reaches_its_agency()
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.DepartmentOld).Signed()
        );
        var delivery = receipt.Json.GetProperty("deliveries")[0];
        Assert.That(
            delivery.GetProperty("agency").GetString(),
            Is.EqualTo(TestProvince.Department)
        );
        Assert.That(
            delivery.GetProperty("substitution").GetProperty("kind").GetString(),
            Is.EqualTo("renamed")
        );
    }

    [Test]
    public async Task A_letter_to_a_divided_agency_is_refused_with_the_parts()
    {
        var refused = await _office.SubmitAsync(new Letter(TestProvince.Office, "H97.02").Signed());
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-3006" }));
        Assert.That(
            refused.Json.GetProperty("errors")[0].GetProperty("message").GetString(),
            Does.Contain("H98.01 (Cơ quan H98.01), H98.02 (Cơ quan H98.02)")
        );
    }

    [Test]
    public async Task A_letter_to_a_closed_agency_without_successor_is_refused()
    {
        var refused = await _office.SubmitAsync(new Letter(TestProvince.Office, "H97.04").Signed());
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-3002" }));
    }

    [Test]
    public async Task A_closed_agency_sends_nothing_not_even_through_its_successor()
    {
        var refused = await _heir.SubmitAsync(new Letter("H97.01", TestProvince.Office).Unsigned());
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Forbidden), refused.Text);
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-2103" }));
    }

    [Test]
    public async Task One_part_of_a_divided_agency_cannot_report_about_the_others_letters()
    {
        await _hub.AddServedAsync("whole", Door.Http, "H96", "H96.01", "H96.02");
        await _hub.AddServedAsync("part", Door.Http, "H96.03", "H96.04");
        var letter = new Letter(TestProvince.Office, "H96.01");
        await _office.SubmitAsync(letter.Signed());
        await _hub.CloseAsync("H96.01", s_yesterday, "H96.03", "H96.04");
        using var part = await _hub.ClientAsync("part");
        var refused = await part.SubmitAsync(
            new Report("H96.03", "06", TestProvince.Office, letter.DocumentId).Bytes()
        );
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-5101" }));
        Assert.That(
            await part.ItemsAsync($"v1/documents?documentId={letter.DocumentId}"),
            Is.Empty
        );
    }

    [Test]
    public async Task A_status_finds_the_sender_that_closed_meanwhile_at_its_successor()
    {
        await _hub.AddServedAsync("sender", Door.Http, "H95.01");
        using var sender = await _hub.ClientAsync("sender");
        var letter = new Letter("H95.01", TestProvince.Commune);
        await sender.SubmitAsync(letter.Unsigned());
        await _hub.HandOverAsync("H95.01", null, s_yesterday);
        await _hub.CloseAsync("H95.01", s_yesterday, "H98");

        using var commune = await _hub.ClientAsync("commune");
        var report = new Report(TestProvince.Commune, "03", "H95.01", letter.DocumentId);
        var reported = await commune.SubmitAsync(report.Bytes());
        Assert.That(reported.Status, Is.EqualTo(HttpStatusCode.Created), reported.Text);
        var heard = (await _heir.ItemsAsync("v1/events?limit=1000")).Select(one =>
            one.GetProperty("data").GetProperty("documentId").GetString()
        );
        Assert.That(heard, Does.Contain(letter.DocumentId));
        Assert.That(
            await _heir.ItemsAsync($"v1/documents?documentId={letter.DocumentId}"),
            Has.Count.EqualTo(1)
        );
    }
}
