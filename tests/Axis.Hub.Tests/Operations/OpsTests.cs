using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Operations;

public sealed class OpsTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _viewer = null!;
    private HttpClient _room = null!;
    private Letter _letter = null!;
    private Answer _receipt = null!;

    [OneTimeSetUp]
    public async Task Send_a_letter_to_a_commune_and_to_the_national_axis()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("truc-vh", "viewer", "auditor");
        _office = await _hub.ClientAsync("office");
        _viewer = await _hub.ClientAsync("truc-vh", ops: true);
        _room = _hub.AnonymousClient(ops: true);
        _letter = new Letter(TestProvince.Office, TestProvince.Commune, TestProvince.Ministry);
        _receipt = await _office.SubmitAsync(_letter.Signed());
        Assert.That(_receipt.Status, Is.EqualTo(HttpStatusCode.Created), _receipt.Text);
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM delivery WHERE state = 'dispatched'") == 1
        );
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _office.Dispose();
        _viewer.Dispose();
        _room.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_letter_is_found_by_document_id_by_number_and_by_package_id()
    {
        foreach (
            var question in (string[])
                [
                    _letter.DocumentId,
                    $"{_letter.Number}/{_letter.Notation}",
                    _receipt.PackageId.ToString(),
                ]
        )
        {
            var items = await _viewer.ItemsAsync(
                "ops/v1/documents?q=" + Uri.EscapeDataString(question)
            );
            Assert.That(items, Has.Count.EqualTo(1), question);
            Assert.That(
                items[0].GetProperty("packageId").GetGuid(),
                Is.EqualTo(_receipt.PackageId)
            );
            Assert.That(items[0].GetProperty("deliveries").GetArrayLength(), Is.EqualTo(2));
        }
        Assert.That(await _viewer.ItemsAsync("ops/v1/documents?q=nothing"), Is.Empty);
    }

    [Test]
    public async Task What_is_held_is_listed_with_its_reason()
    {
        var items = await _viewer.ItemsAsync("ops/v1/deliveries");
        Assert.That(items, Has.Count.EqualTo(1));
        var held = items[0];
        Assert.That(held.GetProperty("state").GetString(), Is.EqualTo("held"));
        Assert.That(held.GetProperty("route").GetString(), Is.EqualTo("national"));
        Assert.That(held.GetProperty("agency").GetString(), Is.EqualTo(TestProvince.Ministry));
        Assert.That(held.GetProperty("documentId").GetString(), Is.EqualTo(_letter.DocumentId));
        Assert.That(held.GetProperty("createdAt").GetString(), Does.EndWith("+07:00"));
    }

    [Test]
    public async Task Deliveries_are_filtered_and_paged()
    {
        var byState = await _viewer.ItemsAsync("ops/v1/deliveries?state=dispatched");
        var bySystem = await _viewer.ItemsAsync(
            "ops/v1/deliveries?state=dispatched&officeSystem=commune"
        );
        var byOther = await _viewer.ItemsAsync(
            "ops/v1/deliveries?state=dispatched&officeSystem=office"
        );
        var byAgency = await _viewer.ItemsAsync(
            $"ops/v1/deliveries?agency={TestProvince.MinistryOld}"
        );
        Assert.That(
            (byState.Count, bySystem.Count, byOther.Count, byAgency.Count),
            Is.EqualTo((1, 1, 0, 1))
        );

        var page = await _viewer.GetFromJsonAsync<JsonElement>(
            new Uri("ops/v1/deliveries?limit=1", UriKind.Relative)
        );
        var next = page.GetProperty("next").GetGuid();
        Assert.That(await _viewer.ItemsAsync($"ops/v1/deliveries?limit=1&after={next}"), Is.Empty);
    }

    [TestCase("deliveries?limit=0")]
    [TestCase("deliveries?limit=many")]
    [TestCase("deliveries?limit=1001")]
    [TestCase("deliveries?state=lost")]
    [TestCase("deliveries?after=here")]
    [TestCase("deliveries?agency=H77")]
    [TestCase("documents")]
    [TestCase("audit?before=yesterday")]
    public async Task A_parameter_that_cannot_be_read_is_named(string question)
    {
        var answer = await _viewer.GetAnswerAsync("ops/v1/" + question);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6005" }));
    }

    [Test]
    public async Task Every_route_has_its_line()
    {
        var lines = (await _viewer.ItemsAsync("ops/v1/routes")).ToDictionary(line =>
            line.TryGetProperty("officeSystem", out var id)
                ? id.GetString()!
                : line.GetProperty("route").GetString()!
        );
        Assert.That(lines.Keys, Is.EquivalentTo(["office", "department", "commune", "national"]));
        Assert.That(lines["national"].GetProperty("held").GetInt32(), Is.EqualTo(1));
        Assert.That(lines["commune"].GetProperty("dispatched").GetInt32(), Is.EqualTo(1));
        Assert.That(lines["commune"].TryGetProperty("oldestAt", out _));
        Assert.That(lines["office"].TryGetProperty("oldestAt", out _), Is.False);
    }

    [Test]
    public async Task An_agency_is_found_by_any_of_its_codes()
    {
        var answer = await _viewer.GetAnswerAsync("ops/v1/agencies/" + TestProvince.OfficeOld);
        Assert.That(
            answer.Json.GetProperty("codes")[0].GetProperty("code").GetString(),
            Is.EqualTo(TestProvince.Office)
        );
        Assert.That(answer.Json.GetProperty("officeSystem").GetString(), Is.EqualTo("office"));
        Assert.That(answer.Json.GetProperty("reach").GetString(), Is.EqualTo("province"));

        var ministry = await _viewer.GetAnswerAsync("ops/v1/agencies/" + TestProvince.Ministry);
        Assert.That(
            ministry.Json.GetProperty("counts").GetProperty("held").GetInt32(),
            Is.EqualTo(1)
        );
        var unknown = await _viewer.GetAnswerAsync("ops/v1/agencies/H77");
        Assert.That(unknown.Codes, Is.EqualTo(new[] { "AXIS-6004" }));
    }

    [Test]
    public async Task The_audit_log_is_paged_from_its_end()
    {
        var first = await _viewer.GetFromJsonAsync<JsonElement>(
            new Uri("ops/v1/audit?limit=1", UriKind.Relative)
        );
        var line = first.GetProperty("items")[0];
        Assert.That(line.GetProperty("detail").ValueKind, Is.EqualTo(JsonValueKind.Object));
        var before = first.GetProperty("next").GetInt64();
        var second = await _viewer.ItemsAsync($"ops/v1/audit?limit=1&before={before}");
        Assert.That(second[0].GetProperty("id").GetInt64(), Is.LessThan(before));
    }

    [Test]
    public async Task The_hub_is_live_and_ready()
    {
        Assert.That(
            (await _room.GetAnswerAsync("health/live")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        // A check that takes longer than two seconds has failed, and the next may not.
        var ready = await Eventually.GetAsync(async () =>
            await _room.GetAnswerAsync("health/ready") is { Status: HttpStatusCode.OK } answer
                ? answer
                : null
        );
        Assert.That(ready.Json.GetProperty("status").GetString(), Is.EqualTo("ready"));
        Assert.That(
            ready
                .Json.GetProperty("checks")
                .EnumerateArray()
                .Select(check => check.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "running", "postgresql", "registry", "rabbitmq" })
        );
    }

    [Test]
    public async Task The_metrics_can_be_scraped_again_and_again()
    {
        await _room.GetAnswerAsync("metrics");
        var text = (await _room.GetAnswerAsync("metrics")).Text;
        Assert.That(text, Does.Contain("# TYPE axis_packages_accepted_total counter"));
        Assert.That(text, Does.Match("axis_packages_accepted_total\\{door=\"http\"\\} [1-9]"));
        Assert.That(text, Does.Contain("# TYPE http_server_request_duration_seconds histogram"));
        Assert.That(
            text,
            Does.Match("http_server_request_duration_seconds_bucket\\{.*le=\"\\+Inf\"\\}")
        );
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.That(
                line,
                Does.Match(
                    "^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\\{([a-z_0-9]+=\"[^\"]*\",?)+\\})? (-?[0-9.E+-]+|\\+Inf|NaN))$"
                )
            );
        }
        var described = text.Split('\n')
            .Where(line => line.StartsWith("# TYPE", StringComparison.Ordinal))
            .ToArray();
        Assert.That(described, Is.Unique);
    }
}
