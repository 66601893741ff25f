using System.Globalization;
using System.Net;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.NationalSim;
using Axis.NationalSim.Provinces;
using Axis.TestKit;
using Axis.Vxp;

namespace Axis.Hub.Tests.National;

/// <summary>What operators see of the border and do to it.</summary>
public sealed class NationalOpsTests
{
    private Border _border = null!;
    private HttpClient _ops = null!;
    private HttpClient _office = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _border = await Border.OpenAsync(
            LocalServersSetUp.Servers,
            settings: [("National:BreakerFailures", "2"), ("Operations:CountInterval", "00:00:01")]
        );
        await _border.Hub.AddOperatorAsync("keeper", "operator", "viewer");
        _ops = await _border.Hub.ClientAsync("keeper", ops: true);
        _office = await _border.Hub.ClientAsync("office");
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        _office.Dispose();
        _ops.Dispose();
        await _border.DisposeAsync();
    }

    [TearDown]
    public void EndAllVices() => _border.Sim.Vices.Clear();

    [Test]
    public async Task Paused_nothing_leaves_and_resumed_it_does()
    {
        Assert.That(
            await PostAsync("national/pause?direction=out"),
            Is.EqualTo(HttpStatusCode.NoContent)
        );
        var letter = await SubmitAsync();
        await Eventually.HoldsAsync(async () =>
            (await AxisAsync()).GetProperty("waiting").GetInt64() >= 1
        );
        var paused = (await AxisAsync()).GetProperty("directions")[0];
        Assert.That(paused.GetProperty("state").GetString(), Is.EqualTo("paused"));
        Assert.That(paused.GetProperty("pausedBy").GetString(), Is.EqualTo("keeper"));
        Assert.That(_border.There(letter), Is.Empty);
        // What waits for another axis is no sign of trouble with the broker or the database.
        await Eventually.HoldsAsync(async () =>
        {
            var figures = (await _ops.GetAnswerAsync("metrics")).Text;
            return Figure(figures, "axis_deliveries_open", "waiting", "national") >= 1
                && Figure(figures, "axis_deliveries_oldest_age_seconds", "waiting", "national") > 0
                && Figure(figures, "axis_deliveries_open", "waiting", "office_system") == 0
                && Figure(figures, "axis_deliveries_oldest_age_seconds", "waiting", "office_system")
                    == 0;
        });

        Assert.That(await PostAsync("national/resume"), Is.EqualTo(HttpStatusCode.NoContent));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
    }

    [Test]
    public async Task An_outage_is_an_alert_with_a_beginning_and_an_end()
    {
        _border.Sim.Vices.Set(ViceKind.Down);
        var letter = await SubmitAsync();
        await Eventually.HoldsAsync(async () =>
            Alert(await AxisAsync(), "in-down") is { } alert
            && !alert.TryGetProperty("endedAt", out _)
        );
        Assert.That(
            await _border.Hub.CountAsync(
                "SELECT count(*) FROM audit WHERE action = 'national.alert'"
            ),
            Is.GreaterThan(0)
        );
        _border.Sim.Vices.Clear();
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        await Eventually.HoldsAsync(async () =>
            Alert(await AxisAsync(), "in-down")!.Value.TryGetProperty("endedAt", out _)
        );
    }

    [Test]
    public async Task A_clock_that_differs_is_seen()
    {
        _border.Sim.Vices.Set(ViceKind.ClockDifference, new Vice(Seconds: 7200));
        await Eventually.HoldsAsync(async () =>
            (await AxisAsync()).TryGetProperty("clockAheadSeconds", out var ahead)
            && ahead.GetInt64() > 7000
            && Alert(await AxisAsync(), "clock") is not null
        );
    }

    [Test]
    public async Task What_was_undeliverable_is_delivered_when_its_agency_is_registered()
    {
        var written = _border.Sim.Write(
            new LetterWish { To = [Border.Stranger], From = TestProvince.Ministry }
        );
        var item = await KeptAsync(written.DocumentId!);
        Assert.That(item.GetProperty("missing")[0].GetString(), Is.EqualTo(Border.Stranger));
        Assert.That(
            item.GetProperty("reasons")[0].GetProperty("code").GetString(),
            Is.EqualTo("AXIS-3001")
        );
        var path = $"undeliverable/{item.GetProperty("id").GetString()}/replay";
        Assert.That(await ReplayAsync(path), Is.EqualTo("undeliverable"));

        await _border.Hub.AddAgencyAsync(Border.Stranger);
        await _border.Hub.AddOfficeSystemAsync(
            "stranger",
            Door.Http,
            SignaturePolicy.Record,
            Border.Stranger
        );
        Assert.That(await ReplayAsync(path), Is.EqualTo("accepted"));
        Assert.That(await PostAsync(path), Is.EqualTo(HttpStatusCode.NotFound));
        using var stranger = await _border.Hub.ClientAsync("stranger");
        var inbox = await stranger.ItemsAsync("v1/inbox?limit=10");
        Assert.That(
            inbox.Single().GetProperty("documentId").GetString(),
            Is.EqualTo(written.DocumentId)
        );
    }

    [Test]
    public async Task A_package_shows_its_path_across_the_border()
    {
        var letter = await SubmitAsync();
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        var package = (
            await _office.ItemsAsync(
                $"v1/documents?documentId={Uri.EscapeDataString(letter.DocumentId)}"
            )
        )
            .Single()
            .GetProperty("packageId")
            .GetString();
        var crossing = (await _ops.ItemsAsync($"ops/v1/national/crossings/{package}")).Single();
        Assert.That(crossing.GetProperty("state").GetString(), Is.EqualTo("sent"));
        Assert.That(
            crossing.GetProperty("farId").GetString(),
            Is.EqualTo(_border.There(letter).Single().DocId)
        );
    }

    [Test]
    public async Task A_letter_taken_back_while_it_was_being_sent_is_followed_by_its_recall()
    {
        _border.Sim.Vices.Set(
            ViceKind.Slow,
            new Vice(Calls: [VxpCall.SendEdoc.Name], Next: 1, Milliseconds: 3_000)
        );
        var letter = await SubmitAsync();
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_sending WHERE state IN ('calling', 'sent') AND source_id IN (SELECT id FROM package WHERE document_id = '{letter.DocumentId}')"
            ) > 0
        );
        var recall = await _office.SubmitAsync((letter with { Business = 1 }).Signed());
        Assert.That(recall.Status, Is.EqualTo(HttpStatusCode.Created), recall.Text);
        await Eventually.HoldsAsync(() => Task.FromResult(_border.There(letter).Count == 2));
    }

    [TestCase("national/nowhere/pause", HttpStatusCode.NotFound)]
    [TestCase("national/national/pause?direction=up", HttpStatusCode.BadRequest)]
    [TestCase("national/national/replay", HttpStatusCode.OK)]
    [TestCase(
        "national/undeliverable/00000000-0000-0000-0000-000000000000/settle",
        HttpStatusCode.NotFound
    )]
    public async Task Orders_are_checked(string path, HttpStatusCode expected)
    {
        using var answer = await _ops.PostAsync(new Uri($"ops/v1/{path}", UriKind.Relative), null);
        Assert.That(answer.StatusCode, Is.EqualTo(expected));
    }

    private async Task<Letter> SubmitAsync()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Ministry);
        var answer = await _office.SubmitAsync(letter.Signed());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return letter;
    }

    private async Task<HttpStatusCode> PostAsync(string path)
    {
        using var answer = await _ops.PostAsync(
            new Uri($"ops/v1/national/{path}", UriKind.Relative),
            null
        );
        return answer.StatusCode;
    }

    private async Task<string?> ReplayAsync(string path)
    {
        using var answer = await _ops.PostAsync(
            new Uri($"ops/v1/national/{path}", UriKind.Relative),
            null
        );
        var text = await answer.Content.ReadAsStringAsync();
        return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("state").GetString();
    }

    private async Task<JsonElement> AxisAsync() =>
        (await _ops.GetAnswerAsync("ops/v1/national")).Json.GetProperty("axes")[0];

    private async Task<JsonElement> KeptAsync(string documentId) =>
        (
            await Eventually.GetAsync(async () =>
                (await _ops.ItemsAsync("ops/v1/national/undeliverable"))
                    .Where(item => item.GetProperty("documentId").GetString() == documentId)
                    .Select(item => new Found(item))
                    .FirstOrDefault()
            )
        ).Item;

    private static JsonElement? Alert(JsonElement axis, string kind) =>
        axis.GetProperty("alerts")
            .EnumerateArray()
            .Where(alert => alert.GetProperty("kind").GetString() == kind)
            .Select(alert => (JsonElement?)alert)
            .FirstOrDefault();

    /// <summary>A figure of /metrics by its state and route; not a number when it is not there.</summary>
    private static double Figure(string figures, string name, string state, string route) =>
        figures
            .Split('\n')
            .Where(line =>
                line.StartsWith(name + "{", StringComparison.Ordinal)
                && line.Contains($"state=\"{state}\"", StringComparison.Ordinal)
                && line.Contains($"route=\"{route}\"", StringComparison.Ordinal)
            )
            .Select(line => double.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture))
            .DefaultIfEmpty(double.NaN)
            .Single();

    private sealed record Found(JsonElement Item);
}
