using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axis.Hub.Delivery;
using Axis.Hub.Registry;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Delivery;

/// <summary>An inbox that takes nothing must cost the others nothing, and nothing may wait for ever.</summary>
public sealed class BreakerTests
{
    private const string Branch = "H99.03";
    private const string Full = "full";

    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _operator = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings:
            [
                ("Delivery:FirstRetry", "00:00:00.200"),
                ("Delivery:LongestRetry", "00:00:01"),
                ("Delivery:RecoveryInterval", "00:00:00.200"),
                ("Delivery:BreakerFailures", "2"),
                ("Broker:SubmissionPrefetch", "2"),
            ]
        );
        await _hub.AddAgencyAsync(Branch);
        await _hub.AddOfficeSystemAsync("branch", Door.Amqp, SignaturePolicy.Record, Branch);
        await _hub.AddOperatorAsync("truc-vh", "viewer", "operator");
        _office = await _hub.ClientAsync("office");
        _operator = await _hub.ClientAsync("truc-vh", ops: true);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _operator.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_full_inbox_is_passed_by_the_others_flow_and_all_arrives_when_there_is_room()
    {
        await LetAsync("inbox.department", mayBeFull: true);
        await FillAsync("department");

        // The breaker opens, and operators see why and when the next try is.
        var breaker = await Eventually.GetAsync(() => OpenBreakerAsync("department"));
        Assert.That((string?)breaker["lastError"], Does.Contain("refused"));
        Assert.That((int?)breaker["failures"], Is.GreaterThanOrEqualTo(2));
        Assert.That(breaker["nextTryAt"], Is.Not.Null);

        // Its deliveries are parked, the ones of others arrive.
        var parked = await SendAsync(TestProvince.Department);
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{parked}' AND next_attempt_at = 'infinity'") == 1
        );
        var other = await SendAsync(Branch);
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{other}' AND state = 'dispatched'") == 1
        );
        var listed = (
            await _operator.ItemsAsync("ops/v1/deliveries?state=waiting&limit=1000")
        ).Single(item => item.GetProperty("deliveryId").GetGuid() == parked);
        Assert.That(listed.TryGetProperty("nextAttemptAt", out _), listed.ToString());
        var tracked = await _office.GetAnswerAsync(
            $"v1/documents?documentId={Uri.EscapeDataString(listed.GetProperty("documentId").GetString()!)}"
        );
        Assert.That(tracked.Status, Is.EqualTo(HttpStatusCode.OK));

        // The breaker is a row: a restart does not forget it, and parked deliveries use up no attempts.
        await _hub.RestartAsync();
        await ReconnectAsync();
        Assert.That(await OpenBreakerAsync("department"), Is.Not.Null);
        Assert.That(await CountAsync($"id = '{parked}' AND attempts <= 1"), Is.EqualTo(1));

        await LetAsync("inbox.department", mayBeFull: false);
        await Eventually.HoldsAsync(async () => await CountAsync("state = 'waiting'") == 0);
        await Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM route_breaker WHERE failures > 0") == 0
        );
        Assert.That(await OpenBreakerAsync("department"), Is.Null);
    }

    [Test]
    public async Task An_event_queue_that_takes_no_answer_holds_up_its_own_office_system_and_nobody_else()
    {
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await using var branch = await AmqpOfficeSystem.ConnectAsync(_hub, "branch");
        await department.WaitForQueuesAsync();
        await branch.ListenAsync();
        await LetAsync("events.department", mayBeFull: true);
        var submissions = new Dictionary<string, Letter>();
        for (var i = 0; i < 8; i++)
        {
            var letter = new Letter(TestProvince.Department, TestProvince.Commune);
            submissions[await department.SubmitAsync(letter.Signed())] = letter;
        }

        // More of them than the hub holds in its hands come before it, and have no answer.
        var other = await branch.SubmitAsync(new Letter(Branch, TestProvince.Commune).Signed());
        Assert.That((await branch.AnswerToAsync(other)).Type, Is.EqualTo("axis.receipt"));

        // Operators see that it is stopped, why, and when the next try is.
        var breaker = await Eventually.GetAsync(() =>
            OpenBreakerAsync("department", ofEvents: true)
        );
        Assert.That((string?)breaker["lastError"], Does.Contain("refused"));
        Assert.That(breaker["nextTryAt"], Is.Not.Null);

        await LetAsync("events.department", mayBeFull: false);
        await department.ListenAsync();
        foreach (var (submission, letter) in submissions)
        {
            var answer = await department.AnswerToAsync(submission);
            Assert.That(answer.Type, Is.EqualTo("axis.receipt"));
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
                ),
                Is.EqualTo(1)
            );
        }
    }

    [Test]
    public async Task Retry_now_probes_an_open_breaker_and_brings_forward_what_waits()
    {
        var delivery = await SendAsync(Branch);
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{delivery}' AND state = 'dispatched'") == 1
        );
        await ExecuteAsync(
            $"""
            UPDATE delivery SET state = 'waiting', next_attempt_at = 'infinity', last_error = 'x' WHERE id = '{delivery}';
            INSERT INTO route_breaker VALUES ('branch', 'open', 9, 'x', now(), now() + interval '1 day')
            ON CONFLICT (office_system_id) DO UPDATE SET state = 'open', failures = 9, next_probe_at = now() + interval '1 day'
            """
        );
        using var asked = await _operator.PostAsync(
            new Uri("ops/v1/routes/branch/retry", UriKind.Relative),
            null
        );
        Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{delivery}' AND state = 'dispatched'") == 1
        );

        await ExecuteAsync(
            $"UPDATE delivery SET state = 'waiting', next_attempt_at = now() + interval '1 day', last_error = 'x' WHERE id = '{delivery}'"
        );
        foreach (var _ in (int[])[1, 2])
        {
            using var again = await _operator.PostAsync(
                new Uri("ops/v1/routes/branch/retry", UriKind.Relative),
                null
            );
            Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        }
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{delivery}' AND state = 'dispatched'") == 1
        );
        using var nobody = await _operator.PostAsync(
            new Uri("ops/v1/routes/nobody/retry", UriKind.Relative),
            null
        );
        Assert.That(nobody.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Retry_now_probes_an_event_queue_as_it_probes_an_inbox()
    {
        var letter = new Letter(Branch, TestProvince.Commune);
        using var branch = await _hub.ClientAsync("branch");
        using var commune = await _hub.ClientAsync("commune");
        await branch.SubmitAsync(letter.Signed());
        var reported = await commune.SubmitAsync(
            new Report(TestProvince.Commune, "01", Branch, letter.DocumentId).Bytes()
        );
        Assert.That(reported.Status, Is.EqualTo(HttpStatusCode.Created), reported.Text);
        await Eventually.HoldsAsync(async () => await EventsAsync("taken") == 1);
        await ExecuteAsync(
            $"""
            UPDATE event SET state = 'waiting', next_attempt_at = 'infinity' WHERE {OfLetter()};
            INSERT INTO event_breaker VALUES ('branch', 'open', 9, 'x', now(), now() + interval '1 day')
            ON CONFLICT (office_system_id) DO UPDATE SET state = 'open', failures = 9, next_probe_at = now() + interval '1 day'
            """
        );
        var line = await LineAsync("branch");
        Assert.That(
            line.GetProperty("eventQueue").GetProperty("waiting").GetInt32(),
            Is.EqualTo(1)
        );
        Assert.That(line.TryGetProperty("breaker", out _), Is.False, "the inbox is well");

        await RetryAsync();
        await Eventually.HoldsAsync(async () => await EventsAsync("taken") == 1);
        await Eventually.HoldsAsync(async () =>
            await OpenBreakerAsync("branch", ofEvents: true) is null
        );

        await ExecuteAsync(
            $"UPDATE event SET state = 'waiting', attempts = 1, next_attempt_at = now() + interval '1 day' WHERE {OfLetter()}"
        );
        await RetryAsync();
        await Eventually.HoldsAsync(async () => await EventsAsync("taken") == 1);

        string OfLetter() =>
            $"office_system_id = 'branch' AND body #>> '{{data,documentId}}' = '{letter.DocumentId}'";

        Task<long> EventsAsync(string state) =>
            _hub.CountAsync($"SELECT count(*) FROM event WHERE state = '{state}' AND {OfLetter()}");

        async Task RetryAsync()
        {
            using var asked = await _operator.PostAsync(
                new Uri("ops/v1/routes/branch/retry", UriKind.Relative),
                null
            );
            Assert.That(asked.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        }
    }

    [Test]
    public async Task A_breaker_that_closed_long_ago_is_not_asked_every_second_until_it_opens_again()
    {
        var delivery = await SendAsync(Branch);
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{delivery}' AND state = 'dispatched'") == 1
        );
        await ExecuteAsync(
            """
            INSERT INTO route_breaker VALUES ('branch', 'closed', 0, NULL, now() - interval '1 hour', now())
            ON CONFLICT (office_system_id) DO UPDATE SET
                state = 'closed', failures = 0, changed_at = now() - interval '1 hour', emptied_at = NULL
            """
        );
        await Eventually.HoldsAsync(async () =>
            await BreakersAsync("office_system_id = 'branch' AND emptied_at IS NOT NULL") == 1
        );

        // With pauses that do not end by themselves: with nothing parked the breaker would close with the first.
        var slow = new DeliveryOptions
        {
            FirstRetry = TimeSpan.FromDays(1),
            LongestRetry = TimeSpan.FromDays(1),
        };
        await ActivatorUtilities
            .CreateInstance<QueueBreakers<DispatchItem>>(
                _hub.Services,
                _hub.Services.GetRequiredService<DeliveryOutbox>(),
                BreakerTables.Inboxes,
                Options.Create(slow)
            )
            .FailedAsync("branch", "x", atOnce: true, default);
        Assert.That(
            await BreakersAsync(
                "office_system_id = 'branch' AND state = 'open' AND emptied_at IS NULL"
            ),
            Is.EqualTo(1)
        );

        // What is parked while it is open comes when it closes.
        await ExecuteAsync(
            $"""
            UPDATE delivery SET state = 'waiting', next_attempt_at = 'infinity' WHERE id = '{delivery}';
            UPDATE route_breaker SET next_probe_at = now() WHERE office_system_id = 'branch'
            """
        );
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"id = '{delivery}' AND state = 'dispatched'") == 1
        );

        Task<long> BreakersAsync(string condition) =>
            _hub.CountAsync($"SELECT count(*) FROM route_breaker WHERE {condition}");
    }

    [Test]
    public async Task After_every_reconnect_everything_that_waits_flows()
    {
        var sent = new List<Guid>();
        for (var round = 0; round < 3; round++)
        {
            // The management API learns of a connection some seconds after it is open.
            await Eventually.HoldsAsync(async () =>
                await LocalServersSetUp.Servers.CloseConnectionsToAsync(_hub.Amqp) > 0
            );
            for (var i = 0; i < 10; i++)
            {
                sent.Add(await SendAsync(Branch));
            }
        }
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"state = 'dispatched' AND id = ANY('{{{string.Join(',', sent)}}}')")
            == sent.Count
        );
        Assert.That(
            await _hub.CountAsync(
                "SELECT count(*) FROM route_breaker WHERE office_system_id = 'branch' AND failures > 0"
            ),
            Is.Zero,
            "a lost connection is no fault of an inbox"
        );
    }

    private async Task<Guid> SendAsync(string recipient)
    {
        var receipt = await _office.SubmitAsync(
            new Letter(TestProvince.Office, recipient).Signed()
        );
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        return receipt.DeliveryTo(recipient);
    }

    // A quorum queue takes a few more than its limit before it refuses.
    private async Task FillAsync(string officeSystem) =>
        await Eventually.HoldsAsync(async () =>
        {
            await SendAsync(TestProvince.Department);
            return await OpenBreakerAsync(officeSystem) is not null;
        });

    private Task LetAsync(string queue, bool mayBeFull) =>
        LocalServersSetUp.Servers.SetQueuePolicyAsync(
            _hub.Amqp,
            Full,
            $@"^axis\.{queue.Replace(".", @"\.", StringComparison.Ordinal)}$",
            mayBeFull
                ? new Dictionary<string, object>
                {
                    ["max-length"] = 1,
                    ["overflow"] = "reject-publish",
                }
                : null
        );

    private async Task<JsonNode?> OpenBreakerAsync(string officeSystem, bool ofEvents = false)
    {
        var line = await LineAsync(officeSystem);
        return
            (ofEvents ? line.GetProperty("eventQueue") : line).TryGetProperty(
                "breaker",
                out var breaker
            )
            && breaker.GetProperty("state").GetString() == "open"
            ? JsonNode.Parse(breaker.GetRawText())
            : null;
    }

    private async Task<JsonElement> LineAsync(string officeSystem) =>
        (await _operator.ItemsAsync("ops/v1/routes")).Single(one =>
            one.TryGetProperty("officeSystem", out var id) && id.GetString() == officeSystem
        );

    private async Task ReconnectAsync()
    {
        _office.Dispose();
        _operator.Dispose();
        _office = await _hub.ClientAsync("office");
        _operator = await _hub.ClientAsync("truc-vh", ops: true);
    }

    private Task<long> CountAsync(string condition) =>
        _hub.CountAsync($"SELECT count(*) FROM delivery WHERE {condition}");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
