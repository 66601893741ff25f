using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Axis.TestKit;
using static Axis.Hub.Tests.Events.FeedProvince;

namespace Axis.Hub.Tests.Events;

/// <summary>Webhooks against real servers that are well, slow, down, redirecting and lying.</summary>
public sealed partial class WebhookTests
{
    private readonly ShiftedClock _clock = new();
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;
    private WebhookEndpoint _endpoint = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            settings:
            [
                ("Webhooks:AllowHttp", "true"),
                ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"),
                ("Webhooks:FirstRetry", "00:00:00.050"),
                ("Webhooks:LongestRetry", "00:00:00.200"),
                ("Webhooks:Timeout", "00:00:02"),
            ]
        );
        await _hub.AddOperatorAsync("centre", "viewer", "operator");
    }

    [OneTimeTearDown]
    public Task StopAsync() => _hub.DisposeAsync().AsTask();

    [SetUp]
    public async Task Begin_with_an_endpoint_and_new_tokens()
    {
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
        _endpoint = await WebhookEndpoint.StartAsync();
    }

    [TearDown]
    public async Task Remove_all_webhooks()
    {
        foreach (var hook in await _office.ItemsAsync("v1/webhooks"))
        {
            await _office.DeleteAsync(
                new Uri($"v1/webhooks/{hook.GetProperty("webhookId")}", UriKind.Relative)
            );
        }
        _office.Dispose();
        _commune.Dispose();
        await _endpoint.DisposeAsync();
    }

    [Test]
    public async Task Events_are_pushed_in_order_signed_with_the_secret_that_was_shown_once()
    {
        var after = await HeadAsync(_hub);
        var hook = await AddAsync(_endpoint.Address, after: after);
        var secret = hook.GetProperty("secret").GetString()!;

        await LetterWithAsync(_office, _commune, "01", "03", "05", "06");
        await CalledAsync(4);

        var (told, _) = await ReadAllAsync(_office, after);
        Assert.That(_endpoint.Ids, Is.EqualTo(told.Select(IdOf)));
        foreach (var call in _endpoint.Calls)
        {
            var key = Convert.FromBase64String(secret["whsec_".Length..]);
            var signed = Encoding.UTF8.GetBytes($"{call.Id}.{call.Timestamp}.");
            Assert.That(
                call.Signature,
                Is.EqualTo(
                    "v1,"
                        + Convert.ToBase64String(
                            HMACSHA256.HashData(key, (byte[])[.. signed, .. call.Body])
                        )
                )
            );
            Assert.That(
                JsonSerializer.Deserialize<JsonElement>(call.Body).GetProperty("id").GetString(),
                Is.EqualTo(call.Id)
            );
        }
        Assert.That(
            (await ViewAsync(hook)).TryGetProperty("secret", out _),
            Is.False,
            "shown once"
        );
        Assert.That(
            await _hub.CountAsync(
                $"SELECT count(*) FROM webhook WHERE encode(sealed, 'escape') LIKE '%{secret[6..20]}%'"
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task An_endpoint_that_fails_gets_the_same_event_again_before_the_next()
    {
        var failures = 3;
        _endpoint.Answer = context =>
            WebhookEndpoint.Status(
                Interlocked.Decrement(ref failures) >= 0
                    ? HttpStatusCode.InternalServerError
                    : HttpStatusCode.OK
            )(context);
        await AddAsync(_endpoint.Address);

        await LetterWithAsync(_office, _commune, "01", "03");
        await CalledAsync(2);

        var ids = _endpoint.Calls.Select(call => call.Id).ToArray();
        Assert.That(ids.Take(4).Distinct().Count(), Is.EqualTo(1));
        Assert.That(ids[^1], Is.Not.EqualTo(ids[0]));
    }

    [Test]
    public async Task A_slow_endpoint_is_given_up_and_called_again_later()
    {
        using var release = new SemaphoreSlim(0);
        _endpoint.Answer = context => release.WaitAsync(context.RequestAborted);
        var hook = await AddAsync(_endpoint.Address);

        await LetterWithAsync(_office, _commune, "01");
        await FailsAsync(hook, "in time");
        _endpoint.Answer = WebhookEndpoint.Status(HttpStatusCode.OK);

        await TakenAsync(hook);
        Assert.That(_endpoint.Ids, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_endpoint_that_is_down_holds_up_nobody_else()
    {
        Uri down;
        using (var closed = new LyingServer(""))
        {
            down = closed.Address;
        }
        var dead = await AddAsync(down);
        await AddAsync(_endpoint.Address);

        await LetterWithAsync(_office, _commune, "01", "06");

        await CalledAsync(2);
        await FailsAsync(dead, "cannot be reached");
    }

    [Test]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await WebhookEndpoint.StartAsync();
        _endpoint.Answer = context =>
        {
            context.Response.Redirect(elsewhere.Address.AbsoluteUri);
            return Task.CompletedTask;
        };
        var hook = await AddAsync(_endpoint.Address);

        await LetterWithAsync(_office, _commune, "01");

        await FailsAsync(hook, "answered 302");
        Assert.That(elsewhere.Calls, Is.Empty);
    }

    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nshort", false)]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nmuch longer than it said", false)]
    [TestCase("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n", true)]
    [TestCase("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk", true)]
    public async Task The_body_of_an_answer_does_not_matter_however_it_lies(
        string says,
        bool endlessly
    )
    {
        using var liar = new LyingServer(says, endlessly);
        var hook = await AddAsync(liar.Address);

        await LetterWithAsync(_office, _commune, "01", "03");

        await TakenAsync(hook);
    }

    [TestCase("garbage", false)]
    [TestCase("", false)]
    [TestCase("HTTP/1.1 200 OK\r\nX: ", true)]
    public async Task An_answer_that_is_none_takes_no_event(string says, bool endlessly)
    {
        using var liar = new LyingServer(says, endlessly);
        var hook = await AddAsync(liar.Address);

        await LetterWithAsync(_office, _commune, "01");

        await FailsAsync(hook, "");
        Assert.That(liar.Connections, Is.GreaterThan(0));
    }

    [Test]
    public async Task An_endpoint_that_wants_no_more_is_paused_at_once()
    {
        _endpoint.Answer = WebhookEndpoint.Status(HttpStatusCode.Gone);
        var hook = await AddAsync(_endpoint.Address);

        await LetterWithAsync(_office, _commune, "01");

        var paused = await StateAsync(hook, "paused");
        Assert.That(paused.GetProperty("reason").GetString(), Does.Contain("410"));
    }

    [Test]
    public async Task A_dead_endpoint_is_paused_after_days_and_misses_nothing_when_it_is_resumed()
    {
        _endpoint.Answer = WebhookEndpoint.Status(HttpStatusCode.ServiceUnavailable);
        var after = await HeadAsync(_hub);
        var hook = await AddAsync(_endpoint.Address, after: after);
        await LetterWithAsync(_office, _commune, "01", "03");
        await FailsAsync(hook, "answered 503");

        _clock.JumpTo(_clock.GetUtcNow().AddDays(4));
        // The tokens are of four days ago.
        _office.Dispose();
        _commune.Dispose();
        (_office, _commune) = (await _hub.ClientAsync("office"), await _hub.ClientAsync("commune"));
        var paused = await StateAsync(hook, "paused");
        Assert.That(paused.GetProperty("reason").GetString(), Does.StartWith("failing since"));

        await LetterWithAsync(_office, _commune, "06");
        _endpoint.Answer = WebhookEndpoint.Status(HttpStatusCode.OK);
        var resumed = await PostAsync(_office, hook, "resume");
        Assert.That(resumed.GetProperty("state").GetString(), Is.EqualTo("active"));
        await CalledAsync(3);
        var (told, _) = await ReadAllAsync(_office, after);
        Assert.That(_endpoint.Ids, Is.EqualTo(told.Select(IdOf)));
    }

    [Test]
    public async Task A_replay_tells_everything_from_a_cursor_on_again()
    {
        var after = await HeadAsync(_hub);
        var hook = await AddAsync(_endpoint.Address, after: after);
        await LetterWithAsync(_office, _commune, "01", "03");
        await TakenAsync(hook);
        var first = _endpoint.Ids;
        var calls = _endpoint.Calls.Count;

        await PostAsync(_office, hook, "replay", new { after });

        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                _endpoint.Calls.Skip(calls).Select(call => call.Id).Distinct().Count() == 2
            )
        );
        Assert.That(
            _endpoint.Calls.Skip(calls).Select(call => call.Id).Distinct(),
            Is.EqualTo(first)
        );
    }

    [Test]
    public async Task A_filter_lets_through_only_what_it_names()
    {
        var hook = await AddAsync(_endpoint.Address, types: ["vn.axis.recall.answered"]);
        await LetterWithAsync(_office, _commune, "01", "03");

        await TakenAsync(hook);

        Assert.That(_endpoint.Calls, Is.Empty);
    }

    [TestCase("ftp://example.vn/", HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("https://user:secret@example.vn/", HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("https://example.vn/#there", HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("/hook", HttpStatusCode.BadRequest, "AXIS-6005")]
    [TestCase("https://10.0.0.1/", HttpStatusCode.UnprocessableEntity, "AXIS-5411")]
    [TestCase("https://169.254.169.254/latest", HttpStatusCode.UnprocessableEntity, "AXIS-5411")]
    [TestCase("https://[::1]/", HttpStatusCode.UnprocessableEntity, "AXIS-5411")]
    [TestCase("https://[::ffff:192.168.0.1]/", HttpStatusCode.UnprocessableEntity, "AXIS-5411")]
    [TestCase("https://0x0a000001/", HttpStatusCode.UnprocessableEntity, "AXIS-5411")]
    [TestCase("https://167772161/", HttpStatusCode.UnprocessableEntity, "AXIS-5411")]
    public async Task An_address_that_is_not_to_be_called_is_refused(
        string url,
        HttpStatusCode status,
        string code
    )
    {
        var answer = await SayAsync(_office, "v1/webhooks", new { url });
        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Codes, Is.EqualTo(new[] { code }));
    }

    [Test]
    public async Task Only_so_many_webhooks_can_be_had()
    {
        for (var i = 0; i < 10; i++)
        {
            await AddAsync(_endpoint.Address);
        }
        var answer = await SayAsync(_office, "v1/webhooks", new { url = _endpoint.Address });
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-5412" }));
    }

    [Test]
    public async Task Nobody_touches_the_webhook_of_another_but_an_operator()
    {
        var hook = await AddAsync(_endpoint.Address);
        var id = hook.GetProperty("webhookId").GetString();
        using var centre = await _hub.ClientAsync("centre", ops: true);

        var stranger = await SayAsync(_commune, $"v1/webhooks/{id}/pause", new { });
        Assert.That(stranger.Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await _commune.ItemsAsync("v1/webhooks"), Is.Empty);
        var paused = await SayAsync(centre, $"ops/v1/webhooks/{id}/pause", new { });
        Assert.That(paused.Json.GetProperty("state").GetString(), Is.EqualTo("paused"));
        Assert.That(
            (await ViewAsync(hook)).GetProperty("reason").GetString(),
            Is.EqualTo("paused by centre")
        );
    }

    [Test]
    public async Task A_webhook_of_the_it_centre_hears_of_all_and_reads_no_status_package()
    {
        using var centre = await _hub.ClientAsync("centre", ops: true);
        var added = await SayAsync(centre, "ops/v1/webhooks", new { url = _endpoint.Address });
        Assert.That(added.Status, Is.EqualTo(HttpStatusCode.Created), added.Text);
        await LetterWithAsync(_office, _commune, "01");

        await CalledAsync(1);

        Assert.That(
            Encoding.UTF8.GetString(_endpoint.Calls.First().Body),
            Does.Not.Contain("statusPackage")
        );
        using var removed = await centre.DeleteAsync(
            new Uri(
                $"ops/v1/webhooks/{added.Json.GetProperty("webhookId").GetString()}",
                UriKind.Relative
            )
        );
        Assert.That(removed.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
    }

    private async Task<JsonElement> AddAsync(Uri url, string? after = null, string[]? types = null)
    {
        var answer = await SayAsync(
            _office,
            "v1/webhooks",
            new
            {
                url,
                after = after ?? await HeadAsync(_hub),
                types,
            }
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return answer.Json;
    }

    private Task CalledAsync(int events) =>
        Eventually.HoldsAsync(() => Task.FromResult(_endpoint.Ids.Count >= events));

    /// <summary>Waits until all that was written up to now was taken.</summary>
    private async Task TakenAsync(JsonElement hook)
    {
        var head = long.Parse(
            await HeadAsync(_hub),
            System.Globalization.CultureInfo.InvariantCulture
        );
        await Eventually.HoldsAsync(async () =>
            long.Parse(
                (await ViewAsync(hook)).GetProperty("cursor").GetString()!,
                System.Globalization.CultureInfo.InvariantCulture
            ) >= head
        );
    }

    private async Task FailsAsync(JsonElement hook, string how)
    {
        // On a busy machine a call may be given up once before it fails in its own way.
        await Eventually.HoldsAsync(async () =>
        {
            var view = await ViewAsync(hook);
            return view.GetProperty("failures").GetInt32() > 0
                && view.GetProperty("lastError")
                    .GetString()!
                    .Contains(how, StringComparison.Ordinal);
        });
    }

    private async Task<JsonElement> StateAsync(JsonElement hook, string state)
    {
        await Eventually.HoldsAsync(async () =>
            (await ViewAsync(hook)).GetProperty("state").GetString() == state
        );
        return await ViewAsync(hook);
    }

    private async Task<JsonElement> ViewAsync(JsonElement hook) =>
        (await _office.ItemsAsync("v1/webhooks")).Single(one =>
            one.GetProperty("webhookId").GetString() == hook.GetProperty("webhookId").GetString()
        );

    private static async Task<JsonElement> PostAsync(
        HttpClient client,
        JsonElement hook,
        string verb,
        object? body = null
    )
    {
        var answer = await SayAsync(
            client,
            $"v1/webhooks/{hook.GetProperty("webhookId").GetString()}/{verb}",
            body ?? new { }
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        return answer.Json;
    }

    private static async Task<Answer> SayAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        return new Answer(
            answer.StatusCode,
            text,
            text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default
        );
    }
}
