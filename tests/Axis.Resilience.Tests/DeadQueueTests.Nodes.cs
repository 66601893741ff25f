using Axis.Hub;
using Axis.HubUnderTest;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>Who goes on when the node dies that deletes a dead queue, and nodes that see the same one.</summary>
public sealed partial class DeadQueueTests
{
    [Test]
    [DiesAt(CrashPoint.QueueDeleted)] // 22
    public async Task What_a_node_that_died_has_deleted_is_made_anew_by_another_and_who_listened_to_it_is_told()
    {
        const string Queue = "axis.inbox.department";
        await using var department = await AmqpOfficeSystem.ConnectAsync(_hub, "department");
        await department.ListenAsync(Queue);
        var letter = await SendAsync(priority: 0);
        await department.NextDeliveryAsync(letter.DocumentId);
        await RunAsync(CrashPoint.QueueDeleted);
        // It takes no queue for dead itself, so it is the first that deletes it.
        var other = await _hub.StartNodeAsync(("Delivery:DeadQueueAfter", "01:00:00"));
        try
        {
            await BreakAsync(Queue, QueueHarm.LosesItsProcess);
            await _hub.DiesAsync();

            await IsPutBackAsync(letter);
            await Eventually.HoldsAsync(async () => await CountAsync(letter, "dispatched") == 1);
            await Eventually.HoldsAsync(() => Task.FromResult(!department.Channel.IsOpen));
            await NobodyIsDeafAsync();
        }
        finally
        {
            await other.StopAsync();
        }
        // The broker asks the first whether an office system may read.
        await RunAsync(null);
        await ArriveAsync(Queue, letter, await SendAsync(priority: 0));
    }

    [Test]
    [DiesAt(CrashPoint.QueueTurnTaken)] // 23
    public async Task A_turn_whose_node_died_before_it_deleted_the_queue_is_taken_by_another()
    {
        const string Queue = "axis.inbox.department.urgent";
        var letter = await SendAsync(priority: 1);
        await Eventually.HoldsAsync(async () => await CountAsync(letter, "dispatched") == 1);
        await RunAsync(CrashPoint.QueueTurnTaken);

        await BreakAsync(Queue, QueueHarm.LosesItsProcess);
        await _hub.DiesAsync();
        Assert.That(await IsNamedAsync(Queue), "it was not deleted");

        await RunAsync(null);
        await IsPutBackAsync(letter);
        await ArriveAsync(Queue, letter);
        await NobodyIsDeafAsync();
    }

    [Test]
    public async Task Two_nodes_that_see_the_same_dead_queue_delete_it_in_turn()
    {
        const string Queue = "axis.inbox.department";
        var letter = await SendAsync(priority: 0);
        await Eventually.HoldsAsync(async () => await CountAsync(letter, "dispatched") == 1);
        var unsaid = await TurnsAsync(Queue) - Deaths(_hub.Log);
        var other = await _hub.StartNodeAsync();
        try
        {
            await BreakAsync(Queue, QueueHarm.LosesItsProcess);
            await IsPutBackAsync(letter);
            await ArriveAsync(Queue, letter);

            await Eventually.HoldsAsync(async () =>
                Deaths(_hub.Log) + Deaths(other.Log) + unsaid == await TurnsAsync(Queue)
            );
        }
        finally
        {
            await other.StopAsync();
        }

        static int Deaths(string log) =>
            log.Split('\n').Count(line => line.Contains($"Queue {Queue} is dead"));
    }

    private Task NobodyIsDeafAsync() =>
        Eventually.HoldsAsync(async () =>
            await _hub.CountAsync("SELECT count(*) FROM deaf_consumers") == 0
        );

    private Task<long> TurnsAsync(string queue) =>
        _hub.CountAsync(
            $"SELECT coalesce(sum(number), 0)::bigint FROM queue_turn WHERE queue = '{queue}'"
        );

    private async Task<bool> IsNamedAsync(string queue)
    {
        using var management = new BrokerManagement(_hub.Management);
        return (await management.ListAsync(VirtualHost, "queues")).Any(one =>
            one.GetProperty("name").GetString() == queue
        );
    }

    private async Task RunAsync(CrashPoint? point)
    {
        _office.Dispose();
        _hub.Program = point is null ? null : typeof(DieAt).Assembly.Location;
        _hub.ProcessEnvironment = point is null
            ? null
            : new Dictionary<string, string> { [DieAt.Variable] = point.Value.ToString() };
        await _hub.RestartAsync();
        _office = await _hub.ClientAsync("office");
    }
}
