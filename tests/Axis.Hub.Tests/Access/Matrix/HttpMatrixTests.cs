using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;
using Axis.Hub.Access;
using Axis.Hub.Registry;
using Axis.TestKit;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Access.Matrix;

/// <summary>
/// Every endpoint that the running hub has, asked by every kind of caller; the answers are the table
/// <c>http.txt</c>. A new endpoint without a row fails, and the failure shows the row.
/// </summary>
public sealed class HttpMatrixTests
{
    private static readonly MatrixTable s_table = MatrixTable.Load("http.txt");

    private TestHub _hub = null!;
    private Guid _package;
    private Guid _delivery;
    private string _event = null!;

    [OneTimeSetUp]
    public async Task A_letter_each_way_and_a_status()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOfficeSystemAsync(
            "closed",
            Door.Http,
            SignaturePolicy.Record,
            TestProvince.Closed
        );
        await _hub.AddOfficeSystemAsync(
            "locked",
            Door.Http,
            SignaturePolicy.Record,
            TestProvince.Unconnected
        );
        foreach (var role in (string[])["viewer", "operator", "registrar", "auditor"])
        {
            await _hub.AddOperatorAsync($"the-{role}", role);
        }
        using var office = await _hub.ClientAsync("office");
        using var department = await _hub.ClientAsync("department");
        var sent = new Letter(TestProvince.Office, TestProvince.Department);
        _package = (await office.SubmitAsync(sent.Signed())).PackageId;
        await department.SubmitAsync(
            new Report(TestProvince.Department, "01", TestProvince.Office, sent.DocumentId).Bytes()
        );
        var received = await department.SubmitAsync(
            new Letter(TestProvince.Department, TestProvince.Office).Signed()
        );
        _delivery = received.DeliveryTo(TestProvince.Office);
        _event = (await office.ItemsAsync("v1/events?wait=5"))[0].GetProperty("id").GetString()!;
        await _hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'locked' WHERE id = 'locked'"
        );
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _hub.DisposeAsync();

    private IEnumerable<RouteEndpoint> Endpoints =>
        _hub.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>();

    [Test]
    public void No_endpoint_is_without_a_policy() =>
        Assert.That(
            Endpoints
                .Where(endpoint =>
                    endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
                    && endpoint
                        .Metadata.GetOrderedMetadata<IAuthorizeData>()
                        .All(one => one.Policy is null)
                )
                .Select(KeyOf),
            Is.Empty
        );

    [Test]
    public void Every_row_is_an_endpoint_of_the_hub() =>
        Assert.That(s_table.Keys, Is.SubsetOf(Endpoints.Select(KeyOf)));

    [Test]
    public async Task Every_endpoint_answers_every_caller_as_the_table_says()
    {
        var wrong = new List<string>();
        foreach (var endpoint in Endpoints)
        {
            var key = KeyOf(endpoint);
            var answers = new List<string>();
            foreach (var caller in s_table.Columns)
            {
                answers.Add(await AskAsync(endpoint, caller));
            }
            var isListed = s_table.Keys.Contains(key);
            if (!isListed || !answers.Zip(s_table.Columns).All(pair => Fits(key, pair)))
            {
                wrong.Add(MatrixTable.Row(key, answers));
            }
        }
        Assert.That(
            wrong,
            Is.Empty,
            "These endpoints have no row in Access/Matrix/http.txt or answer otherwise. Their rows would be:\n"
                + string.Join('\n', wrong)
        );
    }

    // "in": the door is open, and what came after it is for other tests.
    private static bool Fits(string key, (string Answer, string Caller) pair) =>
        s_table.Cell(key, pair.Caller) switch
        {
            "in" => pair.Answer is not ("401" or "403" or "405" or "500"),
            var expected => expected == pair.Answer,
        };

    private static string KeyOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods[0]
        + " /"
        + Regex
            .Replace(
                endpoint.RoutePattern.RawText!,
                @"\{(?<name>\w+)[^}]*\}",
                "{${name}}",
                RegexOptions.NonBacktracking
            )
            .Trim('/');

    private async Task<string> AskAsync(RouteEndpoint endpoint, string caller)
    {
        var key = KeyOf(endpoint);
        var (verb, path) = (key[..key.IndexOf(' ')], key[(key.IndexOf(' ') + 1)..]);
        var isOps =
            path.StartsWith("/ops/", StringComparison.Ordinal)
            || path.StartsWith("/broker-auth/", StringComparison.Ordinal)
            || path.StartsWith("/health/", StringComparison.Ordinal)
            || path == "/metrics";
        using var client = _hub.AnonymousClient(isOps);
        using var request = new HttpRequestMessage(
            new HttpMethod(verb),
            new Uri(Filled(path), UriKind.Relative)
        );
        if (path == "/oauth2/token")
        {
            request.Content = TokenForm(caller);
        }
        else
        {
            request.Headers.Authorization = await CredentialsAsync(caller);
            request.Content = BodyOf(verb, path);
        }
        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode).ToString(
            System.Globalization.CultureInfo.InvariantCulture
        );
    }

    private string Filled(string path) =>
        Regex.Replace(
            path,
            @"\{(?<name>\w+)\}",
            match =>
                match.Groups["name"].Value switch
                {
                    "packageId" => _package.ToString(),
                    "deliveryId" => _delivery.ToString(),
                    "eventId" => _event,
                    // Nobody else's: it may be closed.
                    "code" => TestProvince.Unconnected,
                    // Nothing of this id exists, so an endpoint that changes something changes nothing.
                    _ => Guid.CreateVersion7().ToString(),
                },
            RegexOptions.NonBacktracking
        );

    private HttpContent? BodyOf(string verb, string path) =>
        (verb, path) switch
        {
            ("POST", "/v1/packages") => new ByteArrayContent(
                new Letter(TestProvince.Office, TestProvince.Commune).Signed()
            ),
            ("POST", "/v1/events/ack") => JsonContent.Create(new { ids = (string[])[_event] }),
            (_, { } p) when p.StartsWith("/broker-auth/", StringComparison.Ordinal) =>
                new FormUrlEncodedContent([]),
            ("POST", "/v1/deliveries/{deliveryId}/status") => JsonContent.Create(
                new { status = "05" }
            ),
            ("POST", "/v1/deliveries/{deliveryId}/extension") => JsonContent.Create(
                new { until = "2099-01-05", reason = "x" }
            ),
            ("POST", "/v1/deliveries/{deliveryId}/extension/answer") => JsonContent.Create(
                new { granted = true }
            ),
            ("POST" or "PUT" or "PATCH", _) => JsonContent.Create(new { }),
            _ => null,
        };

    private async Task<AuthenticationHeaderValue?> CredentialsAsync(string caller) =>
        caller switch
        {
            "none" => null,
            "wrong" => new(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes("office:wrong-secret"))
            ),
            "expired" => new("Bearer", Issue("office", HolderKind.OfficeSystem, hoursAgo: 2)),
            "locked" => new("Bearer", Issue("locked", HolderKind.OfficeSystem, hoursAgo: 0)),
            "own" => new("Bearer", await TokenAsync("office")),
            "foreign" => new("Bearer", await TokenAsync("commune")),
            "closed" => new("Bearer", await TokenAsync("closed")),
            _ => new("Bearer", await TokenAsync("the-" + caller)),
        };

    private readonly Dictionary<string, string> _tokens = [];

    private async Task<string> TokenAsync(string id)
    {
        if (!_tokens.TryGetValue(id, out var token))
        {
            using var client = await _hub.ClientAsync(id);
            token = client.DefaultRequestHeaders.Authorization!.Parameter!;
            _tokens.Add(id, token);
        }
        return token;
    }

    private string Issue(string id, HolderKind kind, int hoursAgo) =>
        new AccessTokens(
            _hub.Services.GetRequiredService<TokenKeys>(),
            _hub.Services.GetRequiredService<IOptions<AccessOptions>>(),
            new SetClock(TimeProvider.System.GetUtcNow().AddHours(-hoursAgo))
        ).Issue(
            new(
                new Holder(kind, id),
                ProofName.Of(
                    _hub
                        .Services.GetRequiredService<RegistryCache>()
                        .Current.CredentialsOfOfficeSystem(id)[0]
                )
            )
        );

    private FormUrlEncodedContent TokenForm(string caller)
    {
        var (id, secret) = caller switch
        {
            "none" => ("", ""),
            "wrong" or "expired" => ("office", "wrong-secret"),
            "foreign" => ("office", _hub.SecretOf("commune")),
            "own" => ("office", _hub.SecretOf("office")),
            "locked" => ("locked", _hub.SecretOf("locked")),
            "closed" => ("closed", _hub.SecretOf("closed")),
            _ => ("the-" + caller, _hub.SecretOf("the-" + caller)),
        };
        return new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = id,
                ["client_secret"] = secret,
            }
        );
    }
}
