using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Access;

/// <summary>The token endpoint, bearer tokens and the broker's questions, on a running hub.</summary>
public sealed class AccessTests
{
    private TestHub _hub = null!;
    private HttpClient _http = null!;
    private HttpClient _ops = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("truc-vh", "viewer", "operator");
        await _hub.AddOperatorAsync("giam-sat", "auditor");
        _http = _hub.AnonymousClient();
        _ops = _hub.AnonymousClient(ops: true);
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _http.Dispose();
        _ops.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_token_is_issued_for_the_secret_in_the_form_and_by_Basic()
    {
        foreach (
            var request in new[]
            {
                TokenRequest(("client_id", "office"), ("client_secret", _hub.SecretOf("office"))),
                WithBasic(TokenRequest(), "office", _hub.SecretOf("office")),
            }
        )
        {
            using var response = await _http.SendAsync(request);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(answer.GetProperty("token_type").GetString(), Is.EqualTo("Bearer"));
            Assert.That(answer.GetProperty("expires_in").GetInt32(), Is.EqualTo(900));
            Assert.That(response.Headers.CacheControl!.NoStore);
        }
    }

    [Test]
    public async Task A_wrong_secret_and_an_unknown_client_get_the_same_answer()
    {
        var wrong = await AnswerOfAsync(
            TokenRequest(("client_id", "commune"), ("client_secret", "wrong"))
        );
        var unknown = await AnswerOfAsync(
            TokenRequest(("client_id", "nobody"), ("client_secret", "wrong"))
        );
        var anothers = await AnswerOfAsync(
            TokenRequest(("client_id", "commune"), ("client_secret", _hub.SecretOf("office")))
        );
        Assert.That(wrong.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(wrong.Json.GetProperty("error").GetString(), Is.EqualTo("invalid_client"));
        Assert.That(wrong.Codes, Is.EqualTo(new[] { "AXIS-2005" }));
        Assert.That(unknown.Text, Is.EqualTo(wrong.Text));
        Assert.That(anothers.Text, Is.EqualTo(wrong.Text));
    }

    [Test]
    public async Task Token_requests_that_are_none_are_told_why()
    {
        var secret = _hub.SecretOf("office");
        (HttpRequestMessage Request, string Error)[] cases =
        [
            (new(HttpMethod.Post, "oauth2/token"), "invalid_request"),
            (
                new(HttpMethod.Post, "oauth2/token") { Content = JsonContent.Create("{}") },
                "invalid_request"
            ),
            (TokenRequest(("grant_type", "client_credentials")), "invalid_request"),
            (PasswordGrant(), "unsupported_grant_type"),
            (
                WithBasic(TokenRequest(("client_secret", secret)), "office", secret),
                "invalid_request"
            ),
            (TokenRequest(("client_id", "office")), "invalid_client"),
            (TokenRequest(), "invalid_client"),
        ];
        foreach (var (request, error) in cases)
        {
            var answer = await AnswerOfAsync(request);
            Assert.That(answer.Json.GetProperty("error").GetString(), Is.EqualTo(error));
            Assert.That(
                answer.Json.GetProperty("error_description").GetString(),
                Does.Match(@"^[\x20-\x21\x23-\x5B\x5D-\x7E]+$"),
                "RFC 6749 section 5.2"
            );
        }
    }

    [Test]
    public async Task After_some_wrong_secrets_one_has_to_wait()
    {
        Answer answer;
        var tries = 0;
        do
        {
            answer = await AnswerOfAsync(
                TokenRequest(("client_id", "guessed-at"), ("client_secret", $"guess {tries}"))
            );
        } while (answer.Status == HttpStatusCode.Unauthorized && ++tries < 20);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-2007" }));
        // On a busy machine a first wait may be over before the next guess comes.
        Assert.That(tries, Is.GreaterThanOrEqualTo(5));
    }

    [Test]
    public async Task Without_a_token_or_with_a_bad_one_every_door_is_closed()
    {
        var none = await _http.GetAnswerAsync("v1/inbox");
        Assert.That(none.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(none.Codes, Is.EqualTo(new[] { "AXIS-2001" }));

        using var bad = _hub.AnonymousClient();
        bad.DefaultRequestHeaders.Authorization = new("Bearer", "rubbish");
        var refused = await bad.GetAnswerAsync("v1/inbox");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-2002" }));
    }

    [Test]
    public async Task An_operator_is_no_office_system_and_the_other_way_round()
    {
        using var person = await _hub.ClientAsync("truc-vh");
        using var system = await _hub.ClientAsync("office", ops: true);
        var inbox = await person.GetAnswerAsync("v1/inbox");
        var routes = await system.GetAnswerAsync("ops/v1/routes");
        Assert.That(inbox.Codes, Is.EqualTo(new[] { "AXIS-2004" }));
        Assert.That(inbox.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(routes.Codes, Is.EqualTo(new[] { "AXIS-2004" }));
    }

    [Test]
    public async Task A_role_opens_only_its_own_doors()
    {
        using var viewer = await _hub.ClientAsync("truc-vh", ops: true);
        using var auditor = await _hub.ClientAsync("giam-sat", ops: true);
        Assert.That(
            (await viewer.GetAnswerAsync("ops/v1/routes")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        Assert.That(
            (await viewer.GetAnswerAsync("ops/v1/audit")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
        Assert.That(
            (await auditor.GetAnswerAsync("ops/v1/audit")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        Assert.That(
            (await auditor.GetAnswerAsync("ops/v1/routes")).Status,
            Is.EqualTo(HttpStatusCode.Forbidden)
        );
    }

    [Test]
    public async Task A_lock_takes_effect_at_the_next_request_over_both_doors()
    {
        await _hub.AddOfficeSystemAsync(
            "to-be-locked",
            Axis.Hub.Registry.Door.Http,
            Axis.Hub.Registry.SignaturePolicy.Record,
            TestProvince.Unconnected
        );
        using var client = await _hub.ClientAsync("to-be-locked");
        Assert.That(
            (await client.GetAnswerAsync("v1/inbox")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        Assert.That(await LogInAsync("to-be-locked"), Is.EqualTo("allow"));

        await _hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'locked' WHERE id = 'to-be-locked'"
        );

        var refused = await client.GetAnswerAsync("v1/inbox");
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-2003" }));
        var token = await AnswerOfAsync(
            TokenRequest(
                ("client_id", "to-be-locked"),
                ("client_secret", _hub.SecretOf("to-be-locked"))
            )
        );
        Assert.That(token.Json.GetProperty("error").GetString(), Is.EqualTo("unauthorized_client"));
        Assert.That(await LogInAsync("to-be-locked"), Is.EqualTo("deny"));
        Assert.That(
            await AskAsync("vhost", ("username", "to-be-locked"), ("vhost", VirtualHost)),
            Is.EqualTo("deny")
        );
        Assert.That(
            await UseAsync("to-be-locked", "queue", "axis.inbox.to-be-locked", "read"),
            Is.EqualTo("deny")
        );
    }

    [Test]
    public async Task Only_a_client_secret_of_an_office_system_logs_in_to_the_broker()
    {
        using var client = await _hub.ClientAsync("office");
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!;
        Assert.That(await LogInAsync("office"), Is.EqualTo("allow"));
        Assert.That(await LogInAsync("truc-vh"), Is.EqualTo("deny"), "an operator");
        Assert.That(await LogInAsync("office", token), Is.EqualTo("deny"), "a token");
        Assert.That(await LogInAsync("office", _hub.SecretOf("commune")), Is.EqualTo("deny"));
        Assert.That(await LogInAsync("office", ""), Is.EqualTo("deny"));
        Assert.That(await LogInAsync("nobody", "x"), Is.EqualTo("deny"));
        Assert.That(await AskAsync("user"), Is.EqualTo("deny"), "nothing at all");
    }

    [Test]
    public async Task A_secret_is_never_taken_from_a_url()
    {
        using var response = await _ops.GetAsync(
            new Uri(
                $"broker-auth/user?username=office&password={_hub.SecretOf("office")}",
                UriKind.Relative
            )
        );
        Assert.That(response.IsSuccessStatusCode, Is.False);
    }

    [Test]
    public async Task Another_virtual_host_is_denied()
    {
        Assert.That(
            await AskAsync("vhost", ("username", "office"), ("vhost", VirtualHost)),
            Is.EqualTo("allow")
        );
        Assert.That(
            await AskAsync("vhost", ("username", "office"), ("vhost", "other")),
            Is.EqualTo("deny")
        );
        Assert.That(
            await AskAsync("vhost", ("username", "nobody"), ("vhost", VirtualHost)),
            Is.EqualTo("deny")
        );
    }

    [TestCase("exchange", "axis.submit", "write", "allow")]
    [TestCase("queue", "axis.inbox.office", "read", "allow")]
    [TestCase("queue", "axis.inbox.office.urgent", "read", "allow")]
    [TestCase("queue", "axis.events.office", "read", "allow")]
    [TestCase("exchange", "axis.submit", "read", "deny")]
    [TestCase("exchange", "axis.submit", "configure", "deny")]
    [TestCase("exchange", "amq.default", "write", "deny")]
    [TestCase("exchange", "", "write", "deny")]
    [TestCase("exchange", "amq.topic", "write", "deny")]
    [TestCase("queue", "axis.inbox.office", "write", "deny")]
    [TestCase("queue", "axis.inbox.office", "configure", "deny")]
    [TestCase("queue", "axis.inbox.department", "read", "deny")]
    [TestCase("queue", "axis.inbox.office2", "read", "deny")]
    [TestCase("queue", "axis.events.commune", "read", "deny")]
    [TestCase("queue", "axis.submissions", "read", "deny")]
    [TestCase("queue", "axis.submissions.dead", "read", "deny")]
    [TestCase("queue", "mine", "configure", "deny")]
    [TestCase("topic", "axis.submit", "write", "deny")]
    [TestCase("", "", "", "deny")]
    public async Task An_office_system_uses_its_own_objects_and_no_others(
        string kind,
        string name,
        string permission,
        string answer
    ) => Assert.That(await UseAsync("office", kind, name, permission), Is.EqualTo(answer));

    [TestCase("axis.submit", "write", "submit.office", "allow")]
    [TestCase("axis.submit", "write", "ack.office", "allow")]
    [TestCase("axis.submit", "write", "submit.department", "deny")]
    [TestCase("axis.submit", "write", "ack.department", "deny")]
    [TestCase("axis.submit", "write", "submit.office.more", "deny")]
    [TestCase("axis.submit", "write", "submit.", "deny")]
    [TestCase("axis.submit", "write", "submit.#", "deny")]
    [TestCase("axis.submit", "write", "", "deny")]
    [TestCase("axis.submit", "read", "submit.office", "deny")]
    [TestCase("amq.topic", "write", "submit.office", "deny")]
    public async Task A_routing_key_is_ones_own(
        string exchange,
        string permission,
        string routingKey,
        string answer
    ) =>
        Assert.That(
            await AskAsync(
                "topic",
                ("username", "office"),
                ("vhost", VirtualHost),
                ("resource", "topic"),
                ("name", exchange),
                ("permission", permission),
                ("routing_key", routingKey)
            ),
            Is.EqualTo(answer)
        );

    [Test]
    public async Task The_machine_room_does_not_exist_on_the_public_listener()
    {
        foreach (var path in (string[])["health/live", "health/ready", "metrics"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = _hub.Ops.Authority;
            using var response = await _http.SendAsync(request);
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        }
        using var content = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["username"] = "office",
                ["password"] = _hub.SecretOf("office"),
            }
        );
        using var asked = await _http.PostAsync(
            new Uri("broker-auth/user", UriKind.Relative),
            content
        );
        Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        using var viewer = await _hub.ClientAsync("truc-vh");
        Assert.That(
            (await viewer.GetAnswerAsync("ops/v1/routes")).Status,
            Is.EqualTo(HttpStatusCode.NotFound)
        );
    }

    [Test]
    public async Task Denials_are_on_record_and_secrets_are_not()
    {
        await LogInAsync("commune", "wrong-secret-for-the-record");
        await UseAsync("commune", "queue", "axis.inbox.department", "read");
        using var auditor = await _hub.ClientAsync("giam-sat", ops: true);
        var lines = await Eventually.GetAsync(async () =>
        {
            var items = await auditor.ItemsAsync("ops/v1/audit?limit=1000");
            // The lines are written behind the answers, and the token's last.
            return
                items.Any(line => Is(line, "broker.use", "commune"))
                && items.Any(line => Is(line, "broker.login", "commune"))
                && items.Any(line => Is(line, "token.issue", "giam-sat"))
                ? items
                : null;
        });
        var text = string.Concat(lines.Select(line => line.ToString()));
        Assert.That(text, Does.Not.Contain("wrong-secret-for-the-record"));
        Assert.That(text, Does.Not.Contain(_hub.SecretOf("office")));

        static bool Is(JsonElement line, string action, string actor) =>
            line.GetProperty("action").GetString() == action
            && line.GetProperty("actor").GetString() == actor;
    }

    private string VirtualHost => Uri.UnescapeDataString(_hub.Amqp.AbsolutePath.TrimStart('/'));

    private Task<string> LogInAsync(string username, string? password = null) =>
        AskAsync("user", ("username", username), ("password", password ?? _hub.SecretOf(username)));

    private Task<string> UseAsync(string username, string kind, string name, string permission) =>
        AskAsync(
            "resource",
            ("username", username),
            ("vhost", VirtualHost),
            ("resource", kind),
            ("name", name),
            ("permission", permission)
        );

    private async Task<string> AskAsync(string what, params (string, string)[] form)
    {
        using var content = Form(form);
        using var response = await _ops.PostAsync(
            new Uri("broker-auth/" + what, UriKind.Relative),
            content
        );
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<Answer> AnswerOfAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        request.Dispose();
        return new(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }

    private static HttpRequestMessage TokenRequest(params (string, string)[] form) =>
        new(HttpMethod.Post, "oauth2/token")
        {
            Content = Form([("grant_type", "client_credentials"), .. form]),
        };

    private static HttpRequestMessage PasswordGrant() =>
        new(HttpMethod.Post, "oauth2/token") { Content = Form(("grant_type", "password")) };

    private static HttpRequestMessage WithBasic(
        HttpRequestMessage request,
        string id,
        string secret
    )
    {
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"))
        );
        return request;
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] form) =>
        new(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
}
