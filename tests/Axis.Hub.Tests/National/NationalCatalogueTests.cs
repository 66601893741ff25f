using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.NationalSim;
using Axis.TestKit;

namespace Axis.Hub.Tests.National;

/// <summary>The catalogue of the simulated national axis and the registry of a hub.</summary>
public sealed class NationalCatalogueTests
{
    private Border _border = null!;
    private HttpClient _registrar = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _border = await Border.OpenAsync(LocalServersSetUp.Servers);
        await _border.Hub.AddOperatorAsync("so-dang-ky", "registrar", "viewer", "operator");
        _registrar = await _border.Hub.ClientAsync("so-dang-ky", ops: true);
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        _registrar.Dispose();
        await _border.DisposeAsync();
    }

    [TearDown]
    public void EndAllVices() => _border.Sim.Vices.Clear();

    [Test, Order(1)]
    public async Task A_dry_run_shows_the_difference_and_changes_nothing()
    {
        var before = await VersionAsync();

        var difference = await SyncAsync("apply=false");

        Assert.That(difference.GetProperty("applied").GetBoolean(), Is.False);
        Assert.That(
            difference.GetProperty("counts").GetProperty("added").GetInt32(),
            Is.GreaterThan(100)
        );
        Assert.That(await VersionAsync(), Is.EqualTo(before));
    }

    [Test, Order(2)]
    public async Task Our_own_agencies_are_told_apart_and_never_changed()
    {
        var difference = await SyncAsync("apply=false");

        Assert.That(Texts(difference, "unknownHere"), Is.EqualTo(new[] { Border.Stranger }));
        Assert.That(Texts(difference, "notThere"), Does.Contain(TestProvince.Second));
        Assert.That(
            difference
                .GetProperty("changes")
                .EnumerateArray()
                .Select(change => change.GetProperty("code").GetString()!),
            Has.None.StartsWith("H99")
        );
    }

    [Test, Order(3)]
    public async Task Applied_the_registry_knows_the_country_and_a_second_time_there_is_nothing_to_do()
    {
        _border.Sim.Vices.Set(ViceKind.DuplicateLists);
        var applied = await SyncAsync("apply=true");
        Assert.That(applied.GetProperty("applied").GetBoolean(), Is.True, applied.ToString());

        var again = await SyncAsync("apply=true");

        Assert.That(again.GetProperty("changes").GetArrayLength(), Is.Zero, again.ToString());
        var found = await _registrar.GetFromJsonAsync<JsonElement>("ops/v1/agencies?q=G05");
        Assert.That(found.GetProperty("items").GetArrayLength(), Is.GreaterThan(0));
    }

    [Test, Order(4)]
    public async Task A_closure_says_which_letters_it_strands_and_the_alarm_is_open()
    {
        // The letter must still be here when its recipient closes.
        using (var link = await PauseAsync())
        {
            Assert.That(link.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        }
        using var office = await _border.Hub.ClientAsync("office");
        var sent = await office.SubmitAsync(new Letter(TestProvince.Office, "G05").Signed());
        Assert.That(sent.Status, Is.EqualTo(HttpStatusCode.Created), sent.Text);
        _border.Sim.Close("G05");

        var difference = await SyncAsync("apply=true");

        var closing = difference.GetProperty("closing").EnumerateArray().Single();
        Assert.That(closing.GetProperty("code").GetString(), Is.EqualTo("G05"));
        Assert.That(closing.GetProperty("waiting").GetInt64(), Is.EqualTo(1));
        await Eventually.HoldsAsync(async () => (await OpenAlertsAsync()).Contains("catalogue"));
    }

    [Test, Order(5)]
    public async Task A_catalogue_that_closes_half_the_country_closes_nothing_unless_told_to()
    {
        var codes = new List<string>();
        for (var i = 1; i <= 40; i++)
        {
            var code = $"H{i:00}";
            if (_border.Sim.Close(code))
            {
                codes.Add(code);
            }
        }

        using var refused = await PostAsync("apply=true");
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("AXIS-3202"));

        var shown = await SyncAsync("apply=false");
        Assert.That(
            shown.GetProperty("closing").GetArrayLength(),
            Is.GreaterThanOrEqualTo(codes.Count - 1)
        );
        var forced = await SyncAsync("apply=true&force=true");
        Assert.That(forced.GetProperty("applied").GetBoolean(), Is.True);
    }

    [TestCase(ViceKind.HtmlPage)]
    [TestCase(ViceKind.EmptyAnswer)]
    [TestCase(ViceKind.PlainUnauthorized)]
    [TestCase(ViceKind.CutAnswer)]
    [TestCase(ViceKind.NullData)]
    public async Task A_catalogue_that_cannot_be_read_changes_nothing_and_is_said(ViceKind vice)
    {
        var before = await VersionAsync();
        _border.Sim.Vices.Set(vice);

        using var answer = await PostAsync("apply=true&closeMissing=true&force=true");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadGateway));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("AXIS-3201"));
        Assert.That(await VersionAsync(), Is.EqualTo(before));
        var last = await _registrar.GetFromJsonAsync<JsonElement>(
            "ops/v1/national/national/catalogue"
        );
        Assert.That(last.GetProperty("last").GetProperty("failure").GetString(), Is.Not.Empty);
    }

    [Test]
    public async Task Our_agencies_are_registered_there_when_asked_and_no_others()
    {
        using var answer = await _registrar.PostAsJsonAsync(
            "ops/v1/national/national/agencies",
            new { codes = new[] { TestProvince.Second, TestProvince.Ministry, "H99.00.01" } }
        );

        var items = (await answer.Content.ReadFromJsonAsync<JsonElement>())
            .GetProperty("items")
            .EnumerateArray()
            .Select(item => item.TryGetProperty("failure", out _))
            .ToArray();
        Assert.That(items, Is.EqualTo(new[] { false, true, true }));
        var difference = await SyncAsync("apply=false");
        Assert.That(Texts(difference, "notThere"), Does.Not.Contain(TestProvince.Second));
    }

    [Test]
    public async Task An_axis_that_is_not_there_has_no_catalogue()
    {
        using var answer = await _registrar.PostAsync("ops/v1/national/moon/catalogue", null);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private Task<HttpResponseMessage> PostAsync(string query) =>
        _registrar.PostAsync($"ops/v1/national/national/catalogue?{query}", null);

    private Task<HttpResponseMessage> PauseAsync() =>
        _registrar.PostAsync("ops/v1/national/national/pause?direction=out", null);

    private async Task<JsonElement> SyncAsync(string query)
    {
        using var answer = await PostAsync(query);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>The version of the registry, as a difference that touches nothing tells it.</summary>
    private async Task<long> VersionAsync()
    {
        using var content = new StringContent(
            """[{"code":"G22","name":"any"}]""",
            null,
            "application/json"
        );
        using var answer = await _registrar.PostAsync("ops/v1/catalogue", content);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>())
            .GetProperty("version")
            .GetInt64();
    }

    private async Task<string[]> OpenAlertsAsync()
    {
        var status = await _registrar.GetFromJsonAsync<JsonElement>("ops/v1/national");
        return
        [
            .. status
                .GetProperty("axes")
                .EnumerateArray()
                .SelectMany(axis => axis.GetProperty("alerts").EnumerateArray())
                .Where(alert => !alert.TryGetProperty("endedAt", out _))
                .Select(alert => alert.GetProperty("kind").GetString()!),
        ];
    }

    private static string[] Texts(JsonElement difference, string member) =>
        [.. difference.GetProperty(member).EnumerateArray().Select(code => code.GetString()!)];
}
