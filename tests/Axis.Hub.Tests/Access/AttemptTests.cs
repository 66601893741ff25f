using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Axis.Hub.Tests.Architecture;
using Axis.TestKit;

namespace Axis.Hub.Tests.Access;

/// <summary>Attempts that must fail, on a running hub. docs/security.md names them.</summary>
public sealed class AttemptTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: [("Listen:BodyGrace", "00:00:02"), ("Listen:MinBodyBytesPerSecond", "100000")]
        );
        await _hub.AddOperatorAsync("xem", "viewer", "auditor");
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task Guessing_an_id_tells_no_more_than_making_one_up()
    {
        var sent = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        var delivery = sent.DeliveryTo(TestProvince.Department);
        foreach (
            var (path, id) in ((string, Guid)[])
                [
                    ("v1/packages/{0}", sent.PackageId),
                    ("v1/packages/{0}/content", sent.PackageId),
                    ("v1/inbox/{0}/content", delivery),
                ]
        )
        {
            var madeUp = Guid.CreateVersion7();
            var guessed = await _commune.GetAnswerAsync(string.Format(path, id));
            var nothing = await _commune.GetAnswerAsync(string.Format(path, madeUp));
            Assert.That(guessed.Status, Is.EqualTo(HttpStatusCode.NotFound), path);
            Assert.That(
                guessed.Text.Replace(id.ToString(), "id", StringComparison.Ordinal),
                Is.EqualTo(nothing.Text.Replace(madeUp.ToString(), "id", StringComparison.Ordinal))
            );
        }
        Assert.That(await _commune.AcknowledgeAsync(delivery), Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Anothers_events_cannot_be_taken_off_its_list()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        await _office.SubmitAsync(letter.Signed());
        await _commune.SubmitAsync(
            new Report(TestProvince.Commune, "01", TestProvince.Office, letter.DocumentId).Bytes()
        );
        var ids = (await _office.ItemsAsync("v1/events?wait=5"))
            .Select(one => one.GetProperty("id").GetString())
            .ToArray();
        using var body = System.Net.Http.Json.JsonContent.Create(new { ids });
        using var answer = await _commune.PostAsync(
            new Uri("v1/events/ack", UriKind.Relative),
            body
        );
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(
            (await _office.ItemsAsync("v1/events?limit=1000")).Select(one =>
                one.GetProperty("id").GetString()
            ),
            Is.SupersetOf(ids)
        );
    }

    [Test]
    public async Task An_office_system_has_no_access_to_the_management_API()
    {
        using var http = new HttpClient();
        foreach (
            var path in (string[])["api/overview", "api/queues", "api/connections", "api/users"]
        )
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                new Uri(
                    new UriBuilder(LocalServersSetUp.Servers.Management)
                    {
                        UserName = "",
                        Password = "",
                    }.Uri,
                    path
                )
            );
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(
                    Encoding.UTF8.GetBytes($"department:{_hub.SecretOf("department")}")
                )
            );
            using var answer = await http.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), path);
        }
    }

    [TestCase("/ops/v1/routes")]
    [TestCase("/OPS/V1/routes")]
    [TestCase("//ops/v1/routes")]
    [TestCase("/ops//v1/routes")]
    [TestCase("/ops/v1/routes/")]
    [TestCase("/v1/../ops/v1/routes")]
    [TestCase("/v1/%2e%2e/ops/v1/routes")]
    [TestCase("/v1/..%2fops/v1/routes")]
    [TestCase("/ops%2fv1%2froutes")]
    [TestCase("/%6fps/v1/routes")]
    [TestCase("/ops/v1/./routes")]
    [TestCase("/ops/v1/routes%00")]
    [TestCase("/ops/v1/routes;x=1")]
    [TestCase("/ops\\v1\\routes")]
    [TestCase("http://127.0.0.1/ops/v1/routes")]
    [TestCase("/broker-auth/../metrics")]
    [TestCase("/METRICS")]
    public async Task No_spelling_of_a_path_opens_the_machine_room_from_outside(string path)
    {
        using var viewer = await _hub.ClientAsync("xem");
        var token = viewer.DefaultRequestHeaders.Authorization!.Parameter;
        var answer = await RawAsync(
            $"GET {path} HTTP/1.1\r\nHost: {_hub.Ops.Authority}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
        );
        Assert.That(StatusOf(answer), Is.EqualTo(404).Or.EqualTo(400), answer);
    }

    [TestCase("/V1/INBOX")]
    [TestCase("//v1/inbox")]
    [TestCase("/v1//inbox")]
    [TestCase("/v1/inbox/")]
    [TestCase("/v1/x/../inbox")]
    [TestCase("/v1/%69nbox")]
    [TestCase("/openapi.yaml/../v1/inbox")]
    public async Task No_spelling_of_a_path_goes_round_the_token(string path)
    {
        var answer = await RawAsync(
            $"GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"
        );
        Assert.That(StatusOf(answer), Is.EqualTo(401).Or.EqualTo(404), answer);
    }

    [TestCase("Content-Length: 4\r\nContent-Length: 30", "two lengths")]
    [TestCase("Content-Length: 4, 30", "a list of lengths")]
    [TestCase("Content-Length: -1", "negative")]
    [TestCase("Transfer-Encoding: chunked\r\nContent-Length: 4", "length and encoding")]
    [TestCase("Content-Length: 4\r\nTransfer-Encoding: chunked", "encoding and length")]
    [TestCase("Transfer-Encoding: xchunked", "an unknown encoding")]
    [TestCase("Transfer-Encoding: chunked, identity", "chunked is not last")]
    [TestCase("Transfer-Encoding : chunked", "a blank before the colon")]
    [TestCase("X-One: 1\r\n Content-Length: 4", "a folded line")]
    [TestCase("X-One: 1\nX-Two\u0000: 2", "a null in a name")]
    public async Task A_request_whose_end_is_ambiguous_is_refused_and_the_rest_not_read(
        string headers,
        string why
    )
    {
        var answer = await RawAsync(
            $"POST /oauth2/token HTTP/1.1\r\nHost: hub\r\n{headers}\r\n\r\n"
                + "0\r\n\r\nGET /openapi.yaml HTTP/1.1\r\nHost: hub\r\n\r\n"
        );
        Assert.That(StatusOf(answer), Is.InRange(400, 501), why);
        Assert.That(answer, Does.Not.Contain("openapi:"), $"{why}: the smuggled request");
    }

    [Test]
    public async Task Headers_without_end_are_cut_off()
    {
        var answer = await RawAsync(
            $"GET /openapi.yaml HTTP/1.1\r\nHost: hub\r\nX-Long: {new string('a', 1_000_000)}\r\n\r\n"
        );
        Assert.That(StatusOf(answer), Is.EqualTo(431));
    }

    [Test]
    public async Task A_body_that_trickles_is_cut_off()
    {
        var token = _office.DefaultRequestHeaders.Authorization!.Parameter;
        // One byte and then nothing: the hub must not wait for the rest.
        var answer = await RawAsync(
            $"POST /v1/packages HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {token}\r\n"
                + "Content-Type: application/xml\r\nContent-Length: 100000\r\n\r\n<"
        );
        Assert.That(answer, Is.Empty.Or.StartsWith("HTTP/1.1 408"));
    }

    [Test]
    public void Secrets_are_compared_in_constant_time_and_unknown_ids_no_faster()
    {
        var comparing = Sources
            .In("src/Axis.Hub/Access")
            .Single(file => file.Path.EndsWith("ClientSecrets.cs", StringComparison.Ordinal))
            .Text;
        Assert.That(comparing, Does.Contain("CryptographicOperations.FixedTimeEquals(Nobody"));
        Assert.That(comparing, Does.Not.Contain("SequenceEqual"));
        Assert.That(
            Sources
                .In("src/Axis.Hub")
                .Where(file => Sources.Names(file.Text, "SecretSha256"))
                .Where(file => file.Text.Contains("SequenceEqual", StringComparison.Ordinal))
                .Select(file => file.Path),
            Is.Empty
        );
    }

    [Test]
    public async Task No_secret_token_or_content_is_in_the_audit_log()
    {
        const string Typed = "mat-khau-go-nham-vao-day";
        using var anyone = _hub.AnonymousClient();
        foreach (var (id, secret) in ((string, string)[])[("office", Typed), (Typed, "x")])
        {
            using var form = new FormUrlEncodedContent(
                new Dictionary<string, string>
                {
                    ["grant_type"] = "client_credentials",
                    ["client_id"] = id,
                    ["client_secret"] = secret,
                }
            );
            using var answer = await anyone.PostAsync(
                new Uri("oauth2/token", UriKind.Relative),
                form
            );
        }
        anyone.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Typed);
        await anyone.GetAnswerAsync("v1/inbox");
        var refused = new Letter(TestProvince.Office, "H99.99.99") { Subject = "Nội dung mật" };
        await _office.SubmitAsync(refused.Signed());

        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM audit WHERE action = 'package.submit'") > 0
            && await _hub.CountAsync("SELECT count(*) FROM audit WHERE action = 'http.request'") > 0
        );
        var forbidden = (string[])
            [
                Typed,
                _hub.SecretOf("office"),
                _hub.SecretOf("xem"),
                _office.DefaultRequestHeaders.Authorization!.Parameter!,
                "Nội dung mật",
            ];
        await using var command = _hub.Database.CreateCommand(
            "SELECT count(*) FROM audit a WHERE EXISTS (SELECT FROM unnest($1) s WHERE position(s IN a::text) > 0)"
        );
        command.Parameters.Add(new() { Value = forbidden });
        Assert.That(await command.ExecuteScalarAsync(), Is.Zero);
    }

    /// <summary>Sends bytes as they are and reads until the hub closes.</summary>
    private async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _hub.Http.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, bound.Token);
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // Reset: the hub has closed, which is an answer too. Or it holds the connection open for more.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }

    private static int StatusOf(string answer) =>
        answer.Length >= 12
            ? int.Parse(answer.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture)
            : 0;
}
