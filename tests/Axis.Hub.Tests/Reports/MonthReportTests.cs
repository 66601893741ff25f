using System.Globalization;
using System.Net;
using System.Text.Json;
using Axis.Hub.Deadlines;
using Axis.Hub.Tests.Access;
using Axis.TestKit;

namespace Axis.Hub.Tests.Reports;

/// <summary>The reports of a synthetic month are what its own ledger says, agency by agency.</summary>
public sealed partial class MonthReportTests
{
    // A Saturday is worked in exchange for the Monday before the National Day, which falls into the lives of its letters.
    private static readonly DateOnly s_month = new(2026, 8, 1);

    private TestHub _hub = null!;
    private HttpClient _viewer = null!;
    private SyntheticMonth _made = null!;

    [OneTimeSetUp]
    public async Task A_small_province_in_August()
    {
        _made = SyntheticMonth.Of(
            20261,
            s_month,
            agencies: 12,
            deliveries: 1500,
            new WorkingTimeOptions().Make()
        );
        _hub = await TestHub.StartAsync(LocalServersSetUp.Servers, new SetClock(_made.AsOf));
        await FillAsync(_hub, _made);
        _viewer = await _hub.ClientAsync("truc-vh", ops: true);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _viewer.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task Every_figure_of_every_agency_is_the_ledgers() =>
        await AssertAgreesAsync(_viewer, _made);

    [Test]
    public void The_month_is_worth_reporting()
    {
        var counted = _made
            .Letters.Where(letter => letter.Business != 1)
            .SelectMany(letter => letter.Deliveries)
            .Where(one => one.About is null)
            .ToArray();
        var acts = counted.SelectMany(one => one.Acts).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(counted, Has.Length.EqualTo(1500));
            Assert.That(
                _made.Letters.Select(letter => letter.Business).Distinct(),
                Is.EquivalentTo(new[] { 0, 1, 2, 3 })
            );
            Assert.That(
                acts.Select(act => act.Status).Distinct(),
                Is.SupersetOf(new[] { "01", "02", "03", "04", "05", "06", "13", "15", "16" })
            );
            Assert.That(
                acts.Select(act => act.Outcome).Distinct(),
                Is.SupersetOf(new[] { "applied", "repeated", "late" })
            );
            Assert.That(
                counted.Select(one => one.State).Distinct(),
                Is.SupersetOf(
                    new[] { "dispatched", "collected", "withdrawn", "replaced", "expired" }
                )
            );
            Assert.That(
                counted.Select(one => one.Settled?.Outcome).Distinct(),
                Is.SupersetOf(new[] { "met", "missed", "void", null })
            );
            // Questions over work that is done, and over what nobody took.
            Assert.That(
                counted.Select(one => (one.Dialogue, one.Work ?? one.State)).Distinct(),
                Is.SupersetOf(
                    new[]
                    {
                        ("update_asked", "06"),
                        ("update_asked", "dispatched"),
                        ("update_asked", "05"),
                        ("update_agreed", "06"),
                        ("recall_asked", "05"),
                        ("replaced", "03"),
                    }
                )
            );
            Assert.That(
                _made.Letters.Select(letter => letter.Promulgated?.Year).Distinct(),
                Has.Some.LessThan(2025).And.Some.GreaterThan(2026)
            );
            Assert.That(_made.Letters.Max(letter => letter.At.Month), Is.EqualTo(9), "an act");
        }
    }

    [Test]
    public void The_same_seed_makes_the_same_month()
    {
        var time = new WorkingTimeOptions().Make();
        string Of(int seed) =>
            JsonSerializer.Serialize(SyntheticMonth.Of(seed, s_month, 12, 200, time).Letters);
        var first = Of(3);
        Assert.That(Of(3), Is.EqualTo(first));
        Assert.That(Of(4), Is.Not.EqualTo(first));
    }

    [Test]
    public async Task One_agency_is_reported_alone_beside_the_province()
    {
        var report = await ReportAsync(_viewer, "&agency=H77.3");
        Assert.That(
            report
                .GetProperty("rows")
                .EnumerateArray()
                .Select(row => $"{row.GetProperty("agency")} {row.GetProperty("direction")}"),
            Is.EqualTo(new[] { "H77.3 sent", "H77.3 received" })
        );
    }

    [Test]
    public async Task Another_month_is_empty()
    {
        var report = await ReportAsync(_viewer, month: "2026-06");
        Assert.That(report.GetProperty("rows").GetArrayLength(), Is.Zero);
        Assert.That(
            report.GetProperty("province").GetProperty("letters").GetProperty("count").GetInt32(),
            Is.Zero
        );
    }

    [Test]
    public async Task As_csv_it_has_the_same_figures()
    {
        var csv = await _viewer.GetAnswerAsync("ops/v1/reports/month?month=2026-08&format=csv");
        var lines = csv.Text.TrimEnd().Split("\r\n").Select(line => line.Split(',')).ToArray();
        var report = await ReportAsync(_viewer);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Length.EqualTo(2 + report.GetProperty("rows").GetArrayLength()));
            Assert.That(lines[1][Array.IndexOf(lines[0], "deliveries")], Is.EqualTo("1500"));
            Assert.That(
                lines.Skip(2).Select(cells => cells[Array.IndexOf(lines[0], "envelopeSigned")]),
                Is.EqualTo(
                    report
                        .GetProperty("rows")
                        .EnumerateArray()
                        .Select(row =>
                            row.GetProperty("letters").GetProperty("envelopeSigned").ToString()
                        )
                )
            );
        }
    }

    [Test]
    public async Task As_a_page_it_is_Vietnamese_and_fetches_nothing()
    {
        var page = await _viewer.GetAnswerAsync("ops/v1/reports/month?month=2026-08&format=html");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page.Text, Does.Contain("BÁO CÁO TÌNH HÌNH GỬI, NHẬN VĂN BẢN ĐIỆN TỬ"));
            Assert.That(
                page.Text,
                Does.Contain("08/2026").And.Contain("size: A4").And.Contain("<td>1.500</td>")
            );
            Assert.That(page.Text, Does.Not.Contain("<script").And.Not.Contain("http"));
        }
    }

    [Test]
    public async Task Words_of_others_are_shown_as_words()
    {
        await _hub.ChangeRegistryAsync(
            "UPDATE agency SET name = '=HYPERLINK(\"x\"),<script>' WHERE name = 'Cơ quan thử nghiệm số 5'"
        );
        var csv = await _viewer.GetAnswerAsync("ops/v1/reports/month?month=2026-08&format=csv");
        var page = await _viewer.GetAnswerAsync(
            "ops/v1/reports/month?month=2026-08&format=html&agency=H77.5"
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That(csv.Text, Does.Contain("\"'=HYPERLINK(\"\"x\"\"),<script>\""));
            Assert.That(page.Text, Does.Not.Contain("<script"));
        }
    }

    [TestCase("month=2026-13")]
    [TestCase("")]
    [TestCase("month=2026-08&agency=H99.99")]
    [TestCase("month=2026-08&format=pdf")]
    public async Task What_cannot_be_read_is_refused_in_words(string asked)
    {
        var answer = await _viewer.GetAnswerAsync("ops/v1/reports/month?" + asked);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6005" }));
    }

    [Test, Explicit, Category("Long")]
    public async Task A_whole_province_agrees_too()
    {
        var made = SyntheticMonth.Of(
            7,
            s_month,
            agencies: 300,
            deliveries: 150_000,
            new WorkingTimeOptions().Make()
        );
        // On the same hub: another database would need another hub.
        await _hub.ChangeRegistryAsync("TRUNCATE package, delivery, delivery_history, deadline");
        await SyntheticMonthRows.WriteAsync(made, _hub.Database);
        await _hub.ChangeRegistryAsync("UPDATE agency SET changed_at = now()");
        await AssertAgreesAsync(_viewer, made);
    }

    private static async Task FillAsync(TestHub hub, SyntheticMonth made)
    {
        await hub.AddOperatorAsync("truc-vh", "viewer");
        await SyntheticMonthRows.WriteAsync(made, hub.Database);
        await hub.ChangeRegistryAsync("UPDATE agency SET changed_at = now()");
    }

    private static async Task AssertAgreesAsync(HttpClient viewer, SyntheticMonth made)
    {
        var report = await ReportAsync(viewer);
        var ledger = new LedgerFigures(made);
        var rows = report
            .GetProperty("rows")
            .EnumerateArray()
            .ToDictionary(
                row =>
                    (
                        row.GetProperty("agency").GetString()!,
                        row.GetProperty("direction").GetString()!
                    ),
                FiguresOf
            );
        Assert.That(
            Lines(FiguresOf(report.GetProperty("province"))),
            Is.EqualTo(Lines(ledger.Of(null, sent: true))),
            "the province"
        );
        for (var agency = 0; agency < made.Agencies; agency++)
        {
            foreach (var sent in (bool[])[true, false])
            {
                var expected = ledger.Of(agency, sent);
                var key = (SyntheticMonth.CodeOf(agency), sent ? "sent" : "received");
                if (expected["deliveries.count"] == 0)
                {
                    Assert.That(rows.Keys, Does.Not.Contain(key));
                    continue;
                }
                Assert.That(Lines(rows[key]), Is.EqualTo(Lines(expected)), key.ToString());
            }
        }
    }

    private static async Task<JsonElement> ReportAsync(
        HttpClient viewer,
        string more = "",
        string month = "2026-08"
    )
    {
        var answer = await viewer.GetAnswerAsync($"ops/v1/reports/month?month={month}{more}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        return answer.Json;
    }

    /// <summary>So that a difference is shown by its name.</summary>
    private static IEnumerable<string> Lines(IReadOnlyDictionary<string, double> figures) =>
        figures.Select(one =>
            string.Create(CultureInfo.InvariantCulture, $"{one.Key} {one.Value}")
        );

    private static SortedDictionary<string, double> FiguresOf(JsonElement row)
    {
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var group in (string[])["letters", "deliveries", "deadlines"])
        {
            foreach (var one in row.GetProperty(group).EnumerateObject())
            {
                figures[$"{group}.{one.Name}"] = one.Value.GetDouble();
            }
        }
        foreach (var state in row.GetProperty("timeTo").EnumerateObject())
        {
            foreach (var one in state.Value.EnumerateObject())
            {
                figures[
                    string.Create(CultureInfo.InvariantCulture, $"timeTo.{state.Name}.{one.Name}")
                ] = one.Value.GetDouble();
            }
        }
        foreach (var refusal in row.GetProperty("refusals").EnumerateArray())
        {
            figures[$"refusals.{refusal.GetProperty("reason").GetString()}"] = refusal
                .GetProperty("count")
                .GetDouble();
        }
        return figures;
    }
}
