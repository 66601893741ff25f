using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Axis.EdXml;
using Axis.Hub.Errors;
using Axis.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Contracts;

/// <summary>The hub is held against the contracts that vendors read (docs/decisions/0009).</summary>
public sealed partial class ContractTests
{
    private readonly (Contract Public, Contract Ops) _contracts = Contract.Load();
    private readonly List<string> _faults = [];
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("watch", "viewer", "auditor");
    }

    [OneTimeTearDown]
    public Task StopAsync() => _hub.DisposeAsync().AsTask();

    [SetUp]
    public void Forget() => _faults.Clear();

    [Test]
    public void The_hub_serves_every_operation_of_the_contracts_and_no_other()
    {
        var served = _hub
            .Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint =>
                endpoint
                    .Metadata.GetMetadata<HttpMethodMetadata>()!
                    .HttpMethods.Select(method => $"{method} {TemplateOf(endpoint)}")
            )
            // The broker asks by POST; GET is there for brokers that were not told to.
            .Where(operation =>
                !operation.StartsWith("GET /broker-auth/", StringComparison.Ordinal)
            )
            .ToArray();

        var promised = _contracts.Public.Operations().Concat(_contracts.Ops.Operations());

        Assert.That(served, Is.EquivalentTo(promised));
    }

    [Test]
    public void Every_error_number_in_the_contracts_is_in_the_catalogue()
    {
        var known = ErrorCatalogue
            .All.Select(error => error.Code)
            .Concat(Rules.All.Select(rule => $"AXIS-{rule.Number}"))
            .ToHashSet();
        var folder = Path.Combine(Documents.Root(), "contracts");

        var named = Directory
            .GetFiles(folder, "*.yaml")
            .SelectMany(file => ErrorNumber().Matches(File.ReadAllText(file)))
            .Select(match => match.Value)
            .Distinct();

        Assert.That(named.Where(number => !known.Contains(number)), Is.Empty);
    }

    [Test]
    public void Every_example_has_the_shape_of_its_schema()
    {
        var examples = 0;
        foreach (var contract in (Contract[])[_contracts.Public, _contracts.Ops])
        {
            foreach (var media in MediaTypesIn(contract.Root))
            {
                var given = media["examples"]?.AsObject().Select(one => one.Value!) ?? [];
                if (media["example"] is { } single)
                {
                    given = given.Append(new JsonObject { ["value"] = single.DeepClone() });
                }
                foreach (var example in given)
                {
                    var value = contract.Follow(example).Node["value"]!;
                    var faults = Shape.Faults(
                        contract,
                        media["schema"]!,
                        JsonSerializer.SerializeToElement(value)
                    );
                    Assert.That(faults, Is.Empty, value.ToJsonString());
                    examples++;
                }
            }
        }
        Assert.That(examples, Is.GreaterThan(5));
    }

    [Test]
    public async Task What_office_systems_are_answered_has_the_shape_of_the_contract()
    {
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        using var stranger = new HttpClient { BaseAddress = _hub.Http };
        var letter = new Letter(
            TestProvince.Office,
            TestProvince.Commune,
            TestProvince.Department,
            TestProvince.MinistryOld
        );

        var receipt = await SubmitAsync(office, letter.Signed());
        await SubmitAsync(office, letter.Signed());
        await SubmitAsync(office, (letter with { Subject = "Khác" }).Signed());
        await SubmitAsync(office, new Letter(TestProvince.Office, "H99.77").Unsigned());
        await SubmitAsync(office, new Letter(TestProvince.Commune, TestProvince.Office).Unsigned());
        await SubmitAsync(office, []);
        await SubmitAsync(stranger, letter.Signed());

        var packageId = receipt.GetProperty("packageId").GetString();
        var delivery = receipt.GetProperty("deliveries")[0].GetProperty("deliveryId").GetString();
        await AskAsync(commune, "/v1/inbox", "/v1/inbox");
        await AskAsync(commune, "/v1/inbox", "/v1/inbox?limit=0");
        await AskAsync(commune, "/v1/inbox", "/v1/inbox?wait=56");
        await AskAsync(commune, "/v1/inbox/{deliveryId}/content", $"/v1/inbox/{delivery}/content");
        await AskAsync(office, "/v1/inbox/{deliveryId}/content", $"/v1/inbox/{delivery}/content");
        await TellAsync(commune, "/v1/inbox/{deliveryId}/ack", $"/v1/inbox/{delivery}/ack");
        await TellAsync(office, "/v1/inbox/{deliveryId}/ack", $"/v1/inbox/{delivery}/ack");

        foreach (var code in (string[])["01", "03", "01", "99"])
        {
            await SubmitAsync(
                commune,
                new Report(TestProvince.Commune, code, TestProvince.Office, letter.DocumentId)
                {
                    Timestamp = $"2026/11/20 09:00:{(code == "01" ? "01" : "02")}",
                }.Bytes()
            );
        }
        var events = await AskAsync(office, "/v1/events", "/v1/events?wait=5");
        var eventId = events.GetProperty("items")[0].GetProperty("id").GetString();
        await AskAsync(office, "/v1/events/{eventId}/content", $"/v1/events/{eventId}/content");
        await AskAsync(commune, "/v1/events/{eventId}/content", $"/v1/events/{eventId}/content");
        await TellAsync(
            office,
            "/v1/events/ack",
            "/v1/events/ack",
            $$"""{"ids":["{{eventId}}"]}"""
        );
        await TellAsync(office, "/v1/events/ack", "/v1/events/ack", """{"ids":[]}""");

        await AskAsync(office, "/v1/packages/{packageId}", $"/v1/packages/{packageId}");
        await AskAsync(commune, "/v1/packages/{packageId}", $"/v1/packages/{packageId}");
        await AskAsync(
            commune,
            "/v1/packages/{packageId}",
            $"/v1/packages/{Guid.CreateVersion7()}"
        );
        await AskAsync(
            office,
            "/v1/packages/{packageId}/content",
            $"/v1/packages/{packageId}/content"
        );
        await AskAsync(office, "/v1/documents", $"/v1/documents?number={letter.Number}/UBND-VP");
        await AskAsync(office, "/v1/documents", "/v1/documents");
        await AskAsync(stranger, "/v1/documents", "/v1/documents?number=1");
        await AskAsync(stranger, "/openapi.yaml", "/openapi.yaml");
        await AskAsync(stranger, "/asyncapi.yaml", "/asyncapi.yaml");

        Assert.That(_faults, Is.Empty);
    }

    [Test]
    public async Task What_the_token_endpoint_answers_has_the_shape_of_the_contract()
    {
        using var client = new HttpClient { BaseAddress = _hub.Http };
        var right = _hub.SecretOf("office");

        await AskForTokenAsync(client, "client_credentials", right);
        await AskForTokenAsync(client, "client_credentials", "wrong");
        await AskForTokenAsync(client, "password", right);

        Assert.That(_faults, Is.Empty);
    }

    [Test]
    public async Task What_operators_are_answered_has_the_shape_of_the_contract()
    {
        using var office = await _hub.ClientAsync("office");
        using var watch = await _hub.ClientAsync("watch", ops: true);
        using var intruder = await _hub.ClientAsync("office", ops: true);
        var letter = new Letter(TestProvince.Office, TestProvince.Commune, TestProvince.Ministry);
        await SubmitAsync(office, letter.Signed());
        await SubmitAsync(office, letter.Unsigned());

        await AskAsync(
            watch,
            "/ops/v1/documents",
            $"/ops/v1/documents?q={letter.Number}/UBND-VP",
            ops: true
        );
        await AskAsync(watch, "/ops/v1/documents", "/ops/v1/documents", ops: true);
        await AskAsync(watch, "/ops/v1/deliveries", "/ops/v1/deliveries", ops: true);
        await AskAsync(
            watch,
            "/ops/v1/deliveries",
            "/ops/v1/deliveries?state=dispatched&limit=1",
            ops: true
        );
        await AskAsync(watch, "/ops/v1/deliveries", "/ops/v1/deliveries?state=lost", ops: true);
        await AskAsync(watch, "/ops/v1/routes", "/ops/v1/routes", ops: true);
        await AskAsync(
            watch,
            "/ops/v1/agencies/{code}",
            "/ops/v1/agencies/000.00.00.H99",
            ops: true
        );
        await AskAsync(watch, "/ops/v1/agencies/{code}", "/ops/v1/agencies/H98", ops: true);
        await AskAsync(watch, "/ops/v1/audit", "/ops/v1/audit?limit=5", ops: true);
        await AskAsync(intruder, "/ops/v1/routes", "/ops/v1/routes", ops: true);
        await AskAsync(watch, "/health/ready", "/health/ready", ops: true);
        await AskAsync(watch, "/health/live", "/health/live", ops: true);
        await AskAsync(watch, "/metrics", "/metrics", ops: true);

        Assert.That(_faults, Is.Empty);
    }

    private async Task AskForTokenAsync(HttpClient client, string grant, string secret)
    {
        using var content = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = grant,
                ["client_id"] = "office",
                ["client_secret"] = secret,
            }
        );
        using var response = await client.PostAsync(
            new Uri("/oauth2/token", UriKind.Relative),
            content
        );
        await CompareAsync(response, "/oauth2/token", _contracts.Public);
    }

    private async Task<JsonElement> SubmitAsync(HttpClient client, byte[] package)
    {
        using var content = new ByteArrayContent(package);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/xml");
        using var response = await client.PostAsync(
            new Uri("/v1/packages", UriKind.Relative),
            content
        );
        return await CompareAsync(response, "/v1/packages", _contracts.Public);
    }

    private async Task<JsonElement> AskAsync(
        HttpClient client,
        string template,
        string path,
        bool ops = false
    )
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return await CompareAsync(response, template, ops ? _contracts.Ops : _contracts.Public);
    }

    private async Task TellAsync(
        HttpClient client,
        string template,
        string path,
        string? json = null
    )
    {
        using var content = json is null
            ? null
            : new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        await CompareAsync(response, template, _contracts.Public);
    }

    /// <summary>Status, media type and members must be the contract's; what is not is kept for the end.</summary>
    private async Task<JsonElement> CompareAsync(
        HttpResponseMessage response,
        string template,
        Contract contract
    )
    {
        var method = response.RequestMessage!.Method.Method;
        var status = (int)response.StatusCode;
        var called = $"{method} {template} {status}";
        if (contract.ResponseOf(method, template, status) is not var (home, promised))
        {
            _faults.Add(
                $"{called}: not in the contract: {await response.Content.ReadAsStringAsync()}"
            );
            return default;
        }
        var type = response.Content.Headers.ContentType?.MediaType;
        var media = promised["content"] is { } content && type is not null ? content[type] : null;
        if (promised["content"] is not null && media is null)
        {
            _faults.Add($"{called}: {type ?? "nothing"} is not in the contract");
        }
        if (type?.EndsWith("json", StringComparison.Ordinal) != true || media is null)
        {
            return default;
        }
        var value = JsonSerializer.Deserialize<JsonElement>(
            await response.Content.ReadAsStringAsync()
        );
        _faults.AddRange(
            Shape.Faults(home, media["schema"]!, value).Select(fault => $"{called}: {fault}")
        );
        return value;
    }

    private static IEnumerable<JsonObject> MediaTypesIn(JsonNode node) =>
        node switch
        {
            JsonObject map
                when map["schema"] is not null && (map["example"] ?? map["examples"]) is not null =>
                [map],
            JsonObject map => map.Where(pair => pair.Value is not null)
                .SelectMany(pair => MediaTypesIn(pair.Value!)),
            JsonArray list => list.Where(item => item is not null)
                .SelectMany(item => MediaTypesIn(item!)),
            _ => [],
        };

    // "{deliveryId:guid}" is "{deliveryId}" to a vendor, and a group's own path may end in a slash.
    private static string TemplateOf(RouteEndpoint endpoint) =>
        "/" + Constraint().Replace(endpoint.RoutePattern.RawText!, "}").Trim('/');

    [GeneratedRegex(@":[a-z]+\}", RegexOptions.NonBacktracking)]
    private static partial Regex Constraint();

    [GeneratedRegex(@"AXIS-\d{4}\b", RegexOptions.NonBacktracking)]
    private static partial Regex ErrorNumber();
}
