using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.EdXml;
using Axis.TestKit;

namespace Axis.Hub.Tests.Statuses;

/// <summary>Which letter a report is about, however it is named; and reports in a few words.</summary>
public sealed class MatchingTests
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
    public async Task The_date_tells_letters_of_one_number_apart()
    {
        var (last, lastReceipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { IssuedOn = "2025/11/20" }
        );
        var (_, receipt) = await SendAsync(last with { IssuedOn = "2026/11/20" });

        var answers = new List<Guid>();
        foreach (var date in (string[])["2025/11/20", "20/11/2026"])
        {
            var answer = await _commune.SubmitAsync(ByNumber(last) with { ResponseDate = date });
            answers.Add(answer.Json.GetProperty("deliveryId").GetGuid());
        }

        Assert.That(
            answers,
            Is.EqualTo(
                new[]
                {
                    lastReceipt.DeliveryTo(TestProvince.Commune),
                    receipt.DeliveryTo(TestProvince.Commune),
                }
            )
        );
    }

    [Test]
    public async Task Without_a_date_two_letters_of_one_number_are_ambiguous()
    {
        var (last, _) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { IssuedOn = "2025/11/20" }
        );
        await SendAsync(last with { IssuedOn = "2026/11/20" });

        var answer = await _commune.SubmitAsync(ByNumber(last) with { ResponseDate = "" });

        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-5102" }));
    }

    [Test]
    public async Task A_date_that_does_not_agree_matches_nothing()
    {
        var (letter, _) = await SendAsync(new Letter(TestProvince.Office, TestProvince.Commune));

        var answer = await _commune.SubmitAsync(
            ByNumber(letter) with
            {
                ResponseDate = "2026/11/19",
            }
        );

        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-5101" }));
    }

    [Test]
    public async Task Blanks_and_letter_case_of_a_number_do_not_count()
    {
        var (letter, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
        );

        var answer = await _commune.SubmitAsync(
            ByNumber(letter) with
            {
                ResponseCode = $" {letter.Number} / ubnd-vp ",
            }
        );

        Assert.That(
            answer.Json.GetProperty("deliveryId").GetGuid(),
            Is.EqualTo(receipt.DeliveryTo(TestProvince.Commune)),
            answer.Text
        );
    }

    [Test]
    public async Task A_document_id_written_with_the_old_code_and_another_date_form_is_read_for_its_number()
    {
        var (letter, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
        );

        var answer = await _commune.SubmitAsync(
            new Report(
                TestProvince.Commune,
                "03",
                TestProvince.OfficeOld,
                $"{TestProvince.OfficeOld},2026-11-20,{letter.Number}/{letter.Notation}"
            ).Bytes()
        );

        Assert.That(
            answer.Json.GetProperty("deliveryId").GetGuid(),
            Is.EqualTo(receipt.DeliveryTo(TestProvince.Commune)),
            answer.Text
        );
    }

    [Test]
    public async Task A_status_in_a_few_words_becomes_the_standard_package()
    {
        var (letter, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
        );
        var delivery = receipt.DeliveryTo(TestProvince.Commune);
        var said = new
        {
            status = "03",
            description = "Vào sổ <số> 12 & 13",
            at = "2026-11-22T08:20:36+07:00",
            staff = new { name = "Lê Thị Chi", department = "Văn thư" },
        };

        var first = await TellAsync(_commune, delivery, said);
        var again = await TellAsync(_commune, delivery, said);

        var told = (await _office.ItemsAsync("v1/events?limit=1000"))
            .Select(one => one.GetProperty("data"))
            .Single(data => data.GetProperty("documentId").GetString() == letter.DocumentId);
        var package = new MemoryStream(told.GetProperty("statusPackage").GetBytesFromBase64());
        var reading = await PackageReader.ReadAsync(package, ReadLimits.Default, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Status, Is.EqualTo(HttpStatusCode.Created), first.Text);
            Assert.That(again.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(again.Text, Is.EqualTo(first.Text));
            var written = reading.Status!;
            Assert.That(written.StatusCode, Is.EqualTo("03"));
            Assert.That(written.From.OrganId, Is.EqualTo(TestProvince.Commune));
            Assert.That(written.ResponseFor.DocumentId, Is.EqualTo(letter.DocumentId));
            Assert.That(written.ResponseFor.OrganId, Is.EqualTo(TestProvince.Office));
            Assert.That(written.Description, Is.EqualTo(said.description));
            Assert.That(written.StaffInfo!.Staff, Is.EqualTo("Lê Thị Chi"));
            Assert.That(
                PackageRules
                    .Check(reading, RuleProfile.Axis, new DateOnly(2026, 11, 22))
                    .Where(finding => finding.Severity == Severity.Error),
                Is.Empty
            );
        }
    }

    [Test]
    public async Task Each_side_says_in_a_few_words_what_is_its_to_say()
    {
        var (_, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune, TestProvince.Department)
        );
        var delivery = receipt.DeliveryTo(TestProvince.Commune);
        using var department = await _hub.ClientAsync("department");
        await _commune.AcknowledgeAsync(delivery);
        var why = new { status = "13", description = "Gửi nhầm" };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                await StatusOfAsync(department, new { status = "03" }),
                Is.EqualTo(HttpStatusCode.NotFound)
            );
            Assert.That(
                await StatusOfAsync(_office, new { status = "03" }),
                Is.EqualTo(HttpStatusCode.NotFound)
            );
            Assert.That(await StatusOfAsync(_commune, why), Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(
                await StatusOfAsync(_office, new { status = "13" }),
                Is.EqualTo(HttpStatusCode.BadRequest)
            );
            Assert.That(
                await StatusOfAsync(_commune, new { status = "07" }),
                Is.EqualTo(HttpStatusCode.BadRequest)
            );
            Assert.That(
                await StatusOfAsync(
                    _commune,
                    new { status = "03", at = "2999-01-01T00:00:00+07:00" }
                ),
                Is.EqualTo(HttpStatusCode.BadRequest)
            );
            Assert.That(
                await StatusOfAsync(_commune, new { status = "03", description = "a\u0001" }),
                Is.EqualTo(HttpStatusCode.BadRequest)
            );
            Assert.That(
                await StatusOfAsync(
                    _commune,
                    new { status = "03", description = new string('a', 501) }
                ),
                Is.EqualTo(HttpStatusCode.BadRequest)
            );
        }
        var asked = await TellAsync(_office, delivery, why);
        var agreed = await TellAsync(_commune, delivery, new { status = "15" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked.Json.GetProperty("stage").GetString(), Is.EqualTo("recall_asked"));
            Assert.That(agreed.Json.GetProperty("stage").GetString(), Is.EqualTo("recalled"));
        }

        async Task<HttpStatusCode> StatusOfAsync(HttpClient client, object said) =>
            (await TellAsync(client, delivery, said)).Status;
    }

    [Test]
    public async Task Collecting_is_told_as_01_where_the_office_system_asks_for_it()
    {
        await _hub.AddOperatorAsync("registrar", "viewer", "registrar");
        using var registrar = await _hub.ClientAsync("registrar", ops: true);
        Assert.That(await AskAsync(true), Is.True);
        var (letter, receipt) = await SendAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
        );
        await _commune.AcknowledgeAsync(receipt.DeliveryTo(TestProvince.Commune));

        var told = await Eventually.GetAsync(async () =>
            (await _office.ItemsAsync("v1/events?limit=1000"))
                .Select(one => one.GetProperty("data"))
                .Where(data => data.GetProperty("documentId").GetString() == letter.DocumentId)
                .Cast<JsonElement?>()
                .FirstOrDefault()
                is { } data
                ? data.GetRawText()
                : null
        );

        var data = JsonSerializer.Deserialize<JsonElement>(told);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(data.GetProperty("status").GetString(), Is.EqualTo("01"));
            Assert.That(data.TryGetProperty("statusPackage", out _), Is.True);
        }
        await _commune.AcknowledgeAsync(receipt.DeliveryTo(TestProvince.Commune));
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM delivery WHERE arrival_due IS NOT NULL")
            == 0
        );
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM status_report WHERE delivery_id = '{receipt.DeliveryTo(TestProvince.Commune)}'"
            ),
            Is.EqualTo(1)
        );
        Assert.That(await AskAsync(null), Is.True, "what is not named stays");
        Assert.That(await AskAsync(false), Is.False);

        async Task<bool> AskAsync(bool? collectedIsArrival)
        {
            using var changed = await registrar.PatchAsync(
                new Uri("ops/v1/office-systems/commune", UriKind.Relative),
                JsonContent.Create(new { collectedIsArrival })
            );
            return (await changed.Content.ReadFromJsonAsync<JsonElement>())
                .GetProperty("collectedIsArrival")
                .GetBoolean();
        }
    }

    private async Task<(Letter Letter, Answer Receipt)> SendAsync(Letter letter)
    {
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        return (letter, receipt);
    }

    private static Report ByNumber(Letter letter) =>
        new(TestProvince.Commune, "03", TestProvince.Office, null)
        {
            ResponseCode = $"{letter.Number}/{letter.Notation}",
        };

    private static async Task<Answer> TellAsync(HttpClient client, Guid delivery, object said)
    {
        using var response = await client.PostAsync(
            new Uri($"v1/deliveries/{delivery}/status", UriKind.Relative),
            JsonContent.Create(said)
        );
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }
}

internal static class ReportSubmission
{
    public static Task<Answer> SubmitAsync(this HttpClient client, Report report) =>
        client.SubmitAsync(report.Bytes());
}
