using Axis.Hub;
using Axis.HubUnderTest;
using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Resilience.Tests;

/// <summary>
/// The places to die of docs/durability.md between a breaker, its probe and the rows that it holds back. The numbers are
/// those of its table.
/// </summary>
public sealed class BreakerCrashTests
{
    private const string Inbox = "axis.inbox.department";

    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings:
            [
                ("Delivery:FirstLease", "00:00:03"),
                ("Delivery:FirstRetry", "00:00:00.200"),
                ("Delivery:LongestRetry", "00:00:01"),
            ]
        );

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    [Test]
    [DiesAt(CrashPoint.FailureNotCounted)] // 15
    public async Task A_failure_that_was_not_counted_is_counted_by_the_next_one_who_tries()
    {
        await FillInboxAsync();
        await ArmAsync(CrashPoint.FailureNotCounted);
        using (var office = await _hub.ClientAsync("office"))
        {
            await AnsweredOrNotAsync(office);
            await _hub.DiesAsync();
        }
        Assert.That(await CountAsync("route_breaker WHERE failures > 0"), Is.Zero);
        Assert.That(await CountAsync("delivery WHERE state = 'waiting'"), Is.GreaterThan(0));

        await RunSoundAsync();
        await Eventually.HoldsAsync(async () =>
            await CountAsync("route_breaker WHERE failures > 0") == 1
        );

        await EmptyInboxAsync();
        await AllIsWellAsync();
    }

    [Test]
    [DiesAt(CrashPoint.ProbeTaken)] // 16
    public async Task A_probe_that_was_not_published_is_taken_again_after_its_lease()
    {
        var delivery = await ParkOneAsync();
        await DieProbingAsync(CrashPoint.ProbeTaken);

        Assert.That(
            await CountAsync($"delivery WHERE id = '{delivery}' AND state = 'waiting'"),
            Is.EqualTo(1)
        );
        Assert.That(await CountAsync("route_breaker WHERE state = 'open'"), Is.EqualTo(1));
        await RunSoundAsync();
        await AllIsWellAsync();
    }

    [Test]
    [DiesAt(CrashPoint.ProbeConfirmed)] // 17
    public async Task A_probe_that_arrived_and_closed_nothing_makes_a_repeat_under_the_same_id()
    {
        var delivery = await ParkOneAsync();
        await DieProbingAsync(CrashPoint.ProbeConfirmed);

        Assert.That(await CountAsync("route_breaker WHERE state = 'open'"), Is.EqualTo(1));
        await RunSoundAsync();
        await AllIsWellAsync();
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync();
        // Once when it was accepted, once as the probe that was not written down, and once more.
        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                department.Inbox.Count(message => message.MessageId == delivery.ToString()) >= 3
            )
        );
    }

    /// <summary>A delivery that waits for the probe of its open breaker, which is not due.</summary>
    private async Task<Guid> ParkOneAsync()
    {
        await RunSoundAsync();
        using var office = await _hub.ClientAsync("office");
        var answer = await office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        var delivery = answer.DeliveryTo(TestProvince.Department);
        await Eventually.HoldsAsync(async () =>
            await CountAsync($"delivery WHERE id = '{delivery}' AND state = 'dispatched'") == 1
        );
        await ExecuteAsync(
            $"""
            INSERT INTO route_breaker VALUES ('department', 'open', 9, 'x', now(), now() + interval '1 day')
            ON CONFLICT (office_system_id) DO UPDATE SET state = 'open', failures = 9, next_probe_at = now() + interval '1 day';
            UPDATE delivery SET state = 'waiting', next_attempt_at = 'infinity' WHERE id = '{delivery}'
            """
        );
        return delivery;
    }

    private async Task DieProbingAsync(CrashPoint point)
    {
        await ArmAsync(point);
        await ExecuteAsync("UPDATE route_breaker SET next_probe_at = now()");
        await _hub.DiesAsync();
    }

    private async Task AllIsWellAsync()
    {
        await Eventually.HoldsAsync(async () =>
            await CountAsync("route_breaker WHERE state = 'open' OR failures > 0") == 0
        );
        await Eventually.HoldsAsync(async () =>
            await CountAsync("delivery WHERE state = 'waiting'") == 0
        );
    }

    private static async Task AnsweredOrNotAsync(HttpClient office)
    {
        try
        {
            await office.SubmitAsync(
                new Letter(TestProvince.Office, TestProvince.Department).Signed()
            );
        }
        catch (HttpRequestException)
        {
            // Died before the receipt was out.
            return;
        }
    }

    /// <summary>
    /// Returns when the queue refuses the first message of a new channel, such as the hub's next one: it takes a few more
    /// than its limit before. A limit that is set while the queue is being made can pass it by, so it is set again.
    /// </summary>
    private async Task FillInboxAsync()
    {
        await using (var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department"))
        {
            await department.WaitForQueuesAsync(Inbox);
        }
        await using var connection = await ConnectAsync();
        var tries = 0;
        await Eventually.HoldsAsync(async () =>
        {
            if (tries++ % 10 == 0)
            {
                await LimitInboxAsync(1 + tries / 10);
            }
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(true, true)
            );
            try
            {
                await channel.BasicPublishAsync("", Inbox, mandatory: true, Array.Empty<byte>());
                return false;
            }
            catch (PublishException refused)
            {
                return !refused.IsReturn;
            }
        });
    }

    private async Task EmptyInboxAsync()
    {
        await LimitInboxAsync(null);
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueuePurgeAsync(Inbox);
    }

    private Task<IConnection> ConnectAsync() =>
        new ConnectionFactory { Uri = _hub.Amqp }.CreateConnectionAsync();

    private Task LimitInboxAsync(int? messages) =>
        LocalServersSetUp.Servers.SetQueuePolicyAsync(
            _hub.Amqp,
            "full",
            $"^{Inbox.Replace(".", @"\.", StringComparison.Ordinal)}$",
            messages is { } limit
                ? new Dictionary<string, object>
                {
                    ["max-length"] = limit,
                    ["overflow"] = "reject-publish",
                }
                : null
        );

    private Task ArmAsync(CrashPoint point)
    {
        _hub.Program = typeof(DieAt).Assembly.Location;
        _hub.ProcessEnvironment = new Dictionary<string, string>
        {
            [DieAt.Variable] = point.ToString(),
        };
        return _hub.RestartAsync();
    }

    private Task RunSoundAsync()
    {
        _hub.Program = null;
        _hub.ProcessEnvironment = null;
        return _hub.RestartAsync();
    }

    private Task<long> CountAsync(string from) => _hub.CountAsync($"SELECT count(*) FROM {from}");

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
