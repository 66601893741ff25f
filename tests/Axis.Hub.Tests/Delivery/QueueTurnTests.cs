using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Storage;
using Axis.Hub.Tests.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Tests.Delivery;

/// <summary>Who may delete a dead queue, when several nodes see that it is dead and any of them may die.</summary>
public sealed class QueueTurnTests
{
    private static readonly BrokerOptions s_options = new();

    private readonly SetClock _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private NpgsqlDataSource _database = null!;
    private int _queues;
    private string _queue = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _database = NpgsqlDataSource.Create(await LocalServersSetUp.Servers.CreateDatabaseAsync());
        var migrator = new Migrator(_database, TimeProvider.System, NullLogger<Migrator>.Instance);
        await migrator.MigrateAsync(CancellationToken.None);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _database.DisposeAsync();

    [SetUp]
    public void Begin() => _queue = $"axis.inbox.{_queues++}";

    [Test]
    public async Task Of_many_nodes_that_saw_the_same_dead_queue_one_gets_the_turn()
    {
        foreach (var seen in (long[])[0, 1])
        {
            var turns = await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(_ => Task.Run(() => Node().TryTakeAsync(_queue, seen, default)))
            );

            var turn = turns.Single(one => one is not null)!;
            Assert.That(turn.Number, Is.EqualTo(seen + 1));
            await Node().EndAsync(turn, default);
        }
    }

    [Test]
    public async Task What_was_seen_before_a_turn_says_nothing_after_it()
    {
        var seen = await Node().NumberAsync(_queue, default);
        var turn = await Node().TryTakeAsync(_queue, seen, default);
        await Node().EndAsync(turn!, default);

        Assert.That(await Node().TryTakeAsync(_queue, seen, default), Is.Null);
        _clock.Now += s_options.ReplacementLease * 2;
        Assert.That(await Node().TryTakeAsync(_queue, seen, default), Is.Null, "however long ago");
        // Who began to watch after it has evidence of the new queue.
        var now = await Node().NumberAsync(_queue, default);
        Assert.That(await Node().TryTakeAsync(_queue, now, default), Is.Not.Null);
    }

    [Test]
    public async Task Nobody_else_begins_while_the_broker_may_be_at_the_delete_of_a_node_that_died()
    {
        await Node().TryTakeAsync(_queue, 0, default);

        var seen = await Node().NumberAsync(_queue, default);
        _clock.Now += s_options.ReplacementLease - TimeSpan.FromSeconds(1);
        Assert.That(await Node().TryTakeAsync(_queue, seen, default), Is.Null);
        _clock.Now += TimeSpan.FromSeconds(1);
        Assert.That(await Node().TryTakeAsync(_queue, seen, default), Is.Not.Null);
    }

    [Test]
    public async Task A_node_that_ends_its_turn_late_does_not_end_the_turn_of_another()
    {
        var frozen = await Node().TryTakeAsync(_queue, 0, default);
        _clock.Now += s_options.ReplacementLease;
        var other = await Node().TryTakeAsync(_queue, 1, default);

        await Node().EndAsync(frozen!, default);

        Assert.That(await Node().TryTakeAsync(_queue, other!.Number, default), Is.Null);
    }

    [Test]
    public async Task One_dead_queue_holds_up_no_other()
    {
        await Node().TryTakeAsync(_queue, 0, default);

        Assert.That(await Node().TryTakeAsync(_queue + ".urgent", 0, default), Is.Not.Null);
    }

    private QueueTurnNotes Node() => new(_database, Options.Create(s_options), _clock);
}
