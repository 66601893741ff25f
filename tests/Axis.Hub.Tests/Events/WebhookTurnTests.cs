using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.AspNetCore.Http;
using static Axis.Hub.Tests.Events.FeedProvince;

namespace Axis.Hub.Tests.Events;

/// <summary>
/// What a webhook waits for and what not, by a clock that stands: the sweep that looks at all of them now and then comes
/// only when the test says so, and helps nobody out.
/// </summary>
public sealed class WebhookTurnTests
{
    private SetClock _clock = null!;
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;
    private WebhookEndpoint _endpoint = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // Ahead of the database, whose own clock says since when agencies are served.
        _clock = new SetClock(TimeProvider.System.GetUtcNow().AddHours(1));
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            settings:
            [
                ("Webhooks:AllowHttp", "true"),
                ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"),
                ("Webhooks:Timeout", "00:01:00"),
            ]
        );
    }

    [OneTimeTearDown]
    public Task StopAsync() => _hub.DisposeAsync().AsTask();

    [SetUp]
    public async Task Begin_with_an_endpoint_and_no_other_webhook()
    {
        await ExecuteAsync("DELETE FROM webhook");
        (_office, _commune) = (await _hub.ClientAsync("office"), await _hub.ClientAsync("commune"));
        _endpoint = await WebhookEndpoint.StartAsync();
    }

    [TearDown]
    public async Task Close()
    {
        _office.Dispose();
        _commune.Dispose();
        await _endpoint.DisposeAsync();
    }

    [Test]
    public async Task A_slow_webhook_holds_up_no_other_of_its_office_system_and_misses_nothing_itself()
    {
        await using var slow = await WebhookEndpoint.StartAsync();
        slow.Answer = WhenTheOtherHasAllAsync;
        await AddAsync(slow.Address);
        await AddAsync(_endpoint.Address);

        for (var n = 1; n <= 3; n++)
        {
            await LetterWithAsync(_office, _commune, "01");
            await CalledAsync(_endpoint, n);
        }
        await CalledAsync(slow, 3);

        Assert.That(slow.Ids, Is.EqualTo(_endpoint.Ids));
        Assert.That(slow.Calls, Has.Count.EqualTo(3), "each was answered the first time");

        Task WhenTheOtherHasAllAsync(HttpContext call) =>
            Eventually.HoldsAsync(() =>
                Task.FromResult(
                    _endpoint.Ids.Count == 3 || call.RequestAborted.IsCancellationRequested
                )
            );
    }

    [Test]
    public async Task A_replay_begins_at_once_though_nothing_new_comes_and_keeps_the_order()
    {
        var after = await HeadAsync(_hub);
        var hook = await AddAsync(_endpoint.Address);
        await LetterWithAsync(_office, _commune, "01", "03", "06");
        await CalledAsync(_endpoint, 3);
        await CursorReachesAsync(hook, await HeadAsync(_hub));
        var first = _endpoint.Ids;

        using var replay = await _office.PostAsJsonAsync(
            new Uri($"v1/webhooks/{hook}/replay", UriKind.Relative),
            new { after }
        );
        Assert.That(replay.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await Eventually.HoldsAsync(() => Task.FromResult(_endpoint.Calls.Count == 6));

        Assert.That(_endpoint.Calls.Skip(3).Select(call => call.Id), Is.EqualTo(first));
    }

    [Test]
    public async Task A_webhook_of_a_locked_office_system_waits_however_long_and_goes_on_when_it_is_unlocked()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        await _office.SubmitAsync(letter.Signed());
        var hook = await AddAsync(_endpoint.Address);
        await LockAsync("locked");
        await ReportAsync(_commune, letter, ["01"]);
        await HoldsAsync(hook, "last_error LIKE '%locked%'");

        // Longer than any endpoint may fail.
        _clock.Now += TimeSpan.FromDays(4);
        await HoldsAsync(hook, $"next_attempt_at > '{_clock.Now:O}'");
        await HoldsAsync(hook, "state = 'active' AND failures = 0");
        Assert.That(_endpoint.Calls, Is.Empty);

        await LockAsync("active");
        _clock.Now += TimeSpan.FromMinutes(1);
        await CalledAsync(_endpoint, 1);
        await HoldsAsync(hook, "last_error IS NULL");
    }

    [Test]
    public async Task A_webhook_whose_events_are_kept_no_more_is_paused_instead_of_going_on_silently()
    {
        var hook = await AddAsync(_endpoint.Address);
        await ExecuteAsync("UPDATE webhook SET position = 10000000000, is_ordered = true");
        await LetterWithAsync(_office, _commune, "01");

        await HoldsAsync(hook, "state = 'paused' AND reason LIKE '%kept no more%'");

        Assert.That(_endpoint.Calls, Is.Empty);
    }

    [Test]
    public async Task A_filter_by_agency_lets_through_the_letters_of_that_agency_by_any_of_its_codes()
    {
        await using var other = await WebhookEndpoint.StartAsync();
        await AddAsync(_endpoint.Address, TestProvince.Commune);
        var ofOthers = await AddAsync(other.Address, TestProvince.DepartmentOld);

        await LetterWithAsync(_office, _commune, "01", "03");
        await CalledAsync(_endpoint, 2);
        await CursorReachesAsync(ofOthers, await HeadAsync(_hub));

        Assert.That(other.Calls, Is.Empty);
    }

    private async Task<Guid> AddAsync(Uri url, string? agency = null)
    {
        using var answer = await _office.PostAsJsonAsync(
            new Uri("v1/webhooks", UriKind.Relative),
            new
            {
                url,
                after = await HeadAsync(_hub),
                agency,
            }
        );
        var added = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), added.ToString());
        return added.GetProperty("webhookId").GetGuid();
    }

    private Task LockAsync(string status) =>
        _hub.ChangeRegistryAsync(
            $"UPDATE office_system SET status = '{status}' WHERE id = 'office'"
        );

    private static Task CalledAsync(WebhookEndpoint endpoint, int events) =>
        Eventually.HoldsAsync(() => Task.FromResult(endpoint.Ids.Count >= events));

    private Task CursorReachesAsync(Guid hook, string head) =>
        HoldsAsync(hook, $"position >= {head}");

    private Task HoldsAsync(Guid hook, string what) =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync($"SELECT count(*) FROM webhook WHERE id = '{hook}' AND {what}")
            == 1
        );

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
