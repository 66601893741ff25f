using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Axis.Hub.Errors;
using Axis.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Contracts;

/// <summary>
/// The hub has the operations of the contracts and no others, each behind the door that the contract says. That every
/// single answer is as described is checked in all tests, by <see cref="ContractHandler"/>.
/// </summary>
public sealed class HttpContractTests
{
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("truc-vh", "viewer", "registrar", "auditor", "operator");
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _hub.DisposeAsync();

    [Test]
    public void The_endpoints_of_the_hub_are_the_operations_of_the_contracts()
    {
        var endpoints =
            from endpoint in _hub
                .Services.GetRequiredService<EndpointDataSource>()
                .Endpoints.Cast<RouteEndpoint>()
            from verb in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
            select $"{verb} {Template(endpoint.RoutePattern.RawText!)}";
        var operations = ContractHttp
            .Public.Operations.Concat(ContractHttp.Vxp.Operations)
            .Concat(ContractHttp.Ops.Operations)
            .Select(operation => $"{operation.Verb} {operation.Path}");

        Assert.That(endpoints, Is.EquivalentTo(operations));

        // The contract says the format of a parameter in its schema, the hub in its route.
        static string Template(string route) =>
            "/"
            + Regex
                .Replace(route, @"\{(?<name>\w+)[^}]*\}", "{${name}}", RegexOptions.NonBacktracking)
                .Trim('/');
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Without_a_token_only_the_operations_open_to_all_answer(bool ops)
    {
        using var client = _hub.AnonymousClient(ops);
        foreach (var operation in (ops ? ContractHttp.Ops : ContractHttp.Public).Operations)
        {
            var status = await StatusOfAsync(client, operation.Verb, operation.Path);
            var open = operation.Operation["security"] is not null;
            // The one open operation that asks who calls: it wants a form, and there is none.
            var expected =
                !open ? HttpStatusCode.Unauthorized
                : operation.Path == "/oauth2/token" ? HttpStatusCode.BadRequest
                : HttpStatusCode.OK;
            Assert.That(status, Is.EqualTo(expected), $"{operation.Verb} {operation.Path}");
        }
    }

    [Test]
    public async Task The_operations_listener_alone_has_the_machine_room()
    {
        using var asOperator = await _hub.ClientAsync("truc-vh");
        foreach (var operation in ContractHttp.Ops.Operations)
        {
            Assert.That(
                await StatusOfAsync(asOperator, operation.Verb, operation.Path),
                Is.EqualTo(HttpStatusCode.NotFound),
                $"{operation.Verb} {operation.Path}"
            );
        }
    }

    [TestCase("v1/nothing")]
    [TestCase("v1/packages/15")]
    [TestCase("v1/inbox/15/content")]
    [TestCase("v1/events/15/content")]
    public async Task What_does_not_exist_is_refused_in_words(string path)
    {
        using var office = await _hub.ClientAsync("office");
        var answer = await office.GetAnswerAsync(path);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6004" }));
    }

    [Test]
    public async Task Another_verb_is_refused_in_words()
    {
        using var office = await _hub.ClientAsync("office");
        using var answer = await office.DeleteAsync(new Uri("v1/inbox", UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(answer.Content.Headers.Allow, Does.Contain("GET"));
        Assert.That(
            await answer.Content.ReadAsStringAsync(),
            Does.Contain("AXIS-6002").And.Contain("another method").And.Contain("phương thức")
        );
    }

    [Test]
    public async Task Another_media_type_is_refused_in_words()
    {
        using var office = await _hub.ClientAsync("office");
        using var text = new StringContent("ids");
        using var answer = await office.PostAsync(new Uri("v1/events/ack", UriKind.Relative), text);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        Assert.That(
            await answer.Content.ReadAsStringAsync(),
            Does.Contain("AXIS-6002").And.Contain("application/json")
        );
    }

    [TestCase("{\"ids\":", "line 1, byte 8", "ids")]
    [TestCase("{\"ids\":[\"x\"]}", "ids[0] (line 1", "ids[0]")]
    [TestCase("[]", "JSON as the contract has it was expected", null)]
    [TestCase("", "JSON", null)]
    public async Task A_body_that_is_not_the_JSON_of_the_contract_is_refused_with_its_place(
        string body,
        string words,
        string? path
    )
    {
        using var office = await _hub.ClientAsync("office");
        using var json = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await office.PostAsync(new Uri("v1/events/ack", UriKind.Relative), json);
        var problem = JsonSerializer.Deserialize<Problem>(
            await answer.Content.ReadAsStringAsync(),
            HubJson.Options
        )!;

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(problem.Errors[0].Code, Is.EqualTo("AXIS-6002"));
        Assert.That(problem.Errors[0].Message, Does.Contain(words));
        Assert.That(problem.Errors[0].MessageVi, Does.Contain("giao ước kỹ thuật"));
        Assert.That(problem.Errors[0].Path, Is.EqualTo(path));
        Assert.That(problem.Title, Does.Not.Contain("System.").And.Not.Contain("Axis."));
    }

    [Test]
    public void A_number_that_the_contract_names_has_that_status_in_the_catalogue()
    {
        var catalogue = ErrorCatalogue.All.ToDictionary(
            error => $"AXIS-{error.Number}",
            error => error.HttpStatus
        );
        var named = (
            from operation in ContractHttp.Public.Operations.Concat(ContractHttp.Ops.Operations)
            from response in operation.Operation["responses"]!.Members
            from number in ContractHttp.NumbersIn(response.Node)
            where !number.EndsWith('x')
            select (Number: number, Status: int.Parse(response.Name), response.Node)
        ).ToArray();

        Assert.That(named, Has.Length.GreaterThan(50));
        foreach (var (number, status, node) in named)
        {
            Assert.That(catalogue, Contains.Key(number), node.ToString());
            // What the framework refuses keeps the framework's status.
            if (number != "AXIS-6002")
            {
                Assert.That(catalogue[number], Is.EqualTo(status), $"{number} in {node}");
            }
        }
    }

    [TestCase("openapi.yaml")]
    [TestCase("openapi-vxp.yaml")]
    [TestCase("asyncapi.yaml")]
    public async Task Vendors_read_the_contract_that_the_hub_is_held_against(string name)
    {
        using var anyone = _hub.AnonymousClient();
        Assert.That(
            await anyone.GetStringAsync(new Uri(name, UriKind.Relative)),
            Is.EqualTo(
                await File.ReadAllTextAsync(Path.Combine(Documents.Root(), "contracts", name))
            )
        );
    }

    private static async Task<HttpStatusCode> StatusOfAsync(
        HttpClient client,
        string verb,
        string path
    )
    {
        var asked = path.Replace("{code}", TestProvince.Office, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(
            new HttpMethod(verb),
            Regex.Replace(
                asked,
                @"\{\w+\}",
                Guid.CreateVersion7().ToString(),
                RegexOptions.NonBacktracking
            )
        );
        if (path.StartsWith("/broker-auth/", StringComparison.Ordinal))
        {
            request.Content = new FormUrlEncodedContent([]);
        }
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
