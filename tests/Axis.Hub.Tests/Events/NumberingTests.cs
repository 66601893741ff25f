using Axis.Hub.Events;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static Axis.Hub.Tests.Events.FeedProvince;

namespace Axis.Hub.Tests.Events;

/// <summary>Why nothing is skipped (docs/events.md): events that commit late, cross, or come from another cluster.</summary>
public sealed class NumberingTests
{
    private const string Insert = """
        INSERT INTO event (id, office_system_id, type, at, delivery_id, body, state, sequence)
        VALUES ($1, 'office', 'vn.axis.delivery.status', now(), $2, $3::json, 'listed', $4)
        """;

    private TestHub _hub = null!;
    private HttpClient _office = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _office = await _hub.ClientAsync("office");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task An_event_that_commits_after_a_later_one_is_not_skipped()
    {
        var after = await HeadAsync(_hub);
        await using var slow = await _hub.Database.OpenConnectionAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        var early = await WriteAsync(slow, Guid.CreateVersion7(), 1);
        var late = await WriteAloneAsync(Guid.CreateVersion7(), 1);

        // A round that runs now must leave the later one, or the earlier one would end up behind a reader.
        var (_, left) = await NumberAsync();
        var (seen, cursor) = await ReadAllAsync(_office, after);
        Assert.That(left, Is.True);
        Assert.That(seen, Is.Empty);

        await transaction.CommitAsync();
        var both = await WhenThereAreAsync(_office, 2, cursor);
        Assert.That(both.Select(IdOf), Is.EquivalentTo(new[] { $"{early}", $"{late}" }));
    }

    [Test]
    public async Task The_events_of_a_delivery_keep_their_order_though_the_later_transaction_began_first()
    {
        var after = await HeadAsync(_hub);
        var delivery = Guid.CreateVersion7();
        await using var second = await _hub.Database.OpenConnectionAsync();
        // It has its number now, and waits for the delivery that the first one holds.
        await using var transaction = await BeginAsync(second);
        var first = await WriteAloneAsync(delivery, 1);
        var then = await WriteAsync(second, delivery, 2);
        await transaction.CommitAsync();

        var both = await WhenThereAreAsync(_office, 2, after);

        Assert.That(both.Select(IdOf), Is.EqualTo(new[] { $"{first}", $"{then}" }));
    }

    [Test]
    public async Task The_events_of_a_delivery_keep_their_order_though_a_transaction_between_them_still_runs()
    {
        var after = await HeadAsync(_hub);
        var delivery = Guid.CreateVersion7();
        await using var second = await _hub.Database.OpenConnectionAsync();
        await using var transaction = await BeginAsync(second);
        // Younger than the second and older than the first: the second is below it, and the first is not.
        await using var third = await _hub.Database.OpenConnectionAsync();
        await using var between = await BeginAsync(third);
        var first = await WriteAloneAsync(delivery, 1);
        var stranger = await WriteAloneAsync(Guid.CreateVersion7(), 1);
        var then = await WriteAsync(second, delivery, 2);
        await transaction.CommitAsync();

        var (_, left) = await NumberAsync();
        var early = await WhenThereAreAsync(_office, 2, after);
        Assert.That(early.Select(IdOf), Is.EqualTo(new[] { $"{first}", $"{then}" }));
        Assert.That(left, Is.True, "the stranger waits");

        await between.CommitAsync();
        await WhenThereAreAsync(_office, 3, after);
        await WriteAloneAsync(delivery, 3);
        var all = await WhenThereAreAsync(_office, 4, after);
        Assert.That(
            all.Take(3).Select(IdOf),
            Is.EqualTo(new[] { $"{first}", $"{then}", $"{stranger}" }),
            "each once"
        );
    }

    [Test]
    public async Task What_was_rolled_back_is_not_told()
    {
        var after = await HeadAsync(_hub);
        await using (var connection = await _hub.Database.OpenConnectionAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await WriteAsync(connection, Guid.CreateVersion7(), 1);
            await transaction.RollbackAsync();
        }
        var kept = await WriteAloneAsync(Guid.CreateVersion7(), 1);

        var told = await WhenThereAreAsync(_office, 1, after);

        Assert.That(told.Select(IdOf), Is.EqualTo(new[] { $"{kept}" }));
    }

    [Test]
    public async Task Many_writers_of_few_deliveries_and_a_reader_that_never_waits_and_every_event_comes_once_and_in_order()
    {
        var after = await HeadAsync(_hub);
        Delivery[] deliveries = [new(), new(), new()];
        var written = Task.WhenAll(
            Enumerable.Range(0, 8).Select(seed => WriteManyAsync(seed, deliveries))
        );
        var seen = new List<System.Text.Json.JsonElement>();
        var cursor = after;
        while (!written.IsCompleted || seen.Count < 8 * 25)
        {
            var (page, next) = await ReadAllAsync(_office, cursor, limit: 7, filter: "&wait=1");
            seen.AddRange(page);
            cursor = next;
        }
        var ids = (await written).SelectMany(one => one).ToArray();

        Assert.That(seen.Select(IdOf), Is.EquivalentTo(ids));
        foreach (var delivery in seen.GroupBy(SubjectOf))
        {
            Assert.That(delivery.Select(SequenceOf), Is.Ordered, delivery.Key);
        }
    }

    [Test]
    public async Task Several_who_number_at_once_give_no_place_twice()
    {
        var after = await HeadAsync(_hub);
        var ids = await WriteManyAsync(0, [new()]);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => NumberAsync()));

        var seen = await WhenThereAreAsync(_office, ids.Count, after);
        Assert.That(seen.Select(IdOf), Is.EquivalentTo(ids));
    }

    [Test]
    public async Task A_database_restored_into_another_cluster_goes_on_telling_everything_once()
    {
        var after = await HeadAsync(_hub);
        var before = await WriteAloneAsync(Guid.CreateVersion7(), 1);
        await WhenThereAreAsync(_office, 1, after);
        // As after a restore: the head knows transactions that this cluster has not reached by far.
        await using (
            var command = _hub.Database.CreateCommand(
                """
                UPDATE event SET xid = xid + 1000000000;
                UPDATE event_feed_head SET xid = xid + 1000000000;
                """
            )
        )
        {
            await command.ExecuteNonQueryAsync();
        }

        var then = await WriteAloneAsync(Guid.CreateVersion7(), 1);
        await WhenThereAreAsync(_office, 2, after);
        var last = await WriteAloneAsync(Guid.CreateVersion7(), 1);
        var seen = await WhenThereAreAsync(_office, 3, after);

        Assert.That(seen.Select(IdOf), Is.EqualTo(new[] { $"{before}", $"{then}", $"{last}" }));
    }

    private Task<(long Numbered, bool Left)> NumberAsync() =>
        _hub
            .Services.GetRequiredService<EventNumbering>()
            .NumberAsync(TimeProvider.System.GetUtcNow(), CancellationToken.None);

    /// <summary>
    /// As the hub writes: a transaction has its number before it has the delivery, and holds the delivery until it commits.
    /// </summary>
    private async Task<IReadOnlyList<string>> WriteManyAsync(int seed, Delivery[] deliveries)
    {
        var random = new Random(seed);
        var ids = new List<string>();
        await using var connection = await _hub.Database.OpenConnectionAsync();
        for (var i = 0; i < 25; i++)
        {
            var delivery = deliveries[random.Next(deliveries.Length)];
            await using var transaction = await BeginAsync(connection);
            await delivery.HoldAsync(connection);
            ids.Add($"{await WriteAsync(connection, delivery.Id, ++delivery.Events)}");
            await using (var linger = new NpgsqlCommand("SELECT pg_sleep($1)", connection))
            {
                linger.Parameters.Add(new() { Value = random.NextDouble() * 0.01 });
                await linger.ExecuteNonQueryAsync();
            }
            await transaction.CommitAsync();
        }
        return ids;
    }

    /// <summary>A transaction that has its number.</summary>
    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync();
        await using var begin = new NpgsqlCommand("SELECT pg_current_xact_id()", connection);
        await begin.ExecuteNonQueryAsync();
        return transaction;
    }

    private async Task<Guid> WriteAloneAsync(Guid delivery, int sequence)
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        return await WriteAsync(connection, delivery, sequence);
    }

    private static async Task<Guid> WriteAsync(
        NpgsqlConnection connection,
        Guid delivery,
        int sequence
    )
    {
        var id = Guid.CreateVersion7();
        await using var command = new NpgsqlCommand(Insert, connection);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = delivery });
        command.Parameters.Add(
            new()
            {
                Value = $$$"""
                {"specversion":"1.0","id":"{{{id}}}","source":"/axis","type":"vn.axis.delivery.status",
                "time":"2026-11-20T08:00:00.000+07:00","subject":"{{{delivery}}}","sequence":"{{{sequence:D10}}}",
                "datacontenttype":"application/json","data":{"deliveryId":"{{{delivery}}}","packageId":"{{{delivery}}}",
                "documentId":"H99,2026/11/20,1/A","recipient":"H99.02","agency":"H99.02","stage":"arrived"}}
                """.ReplaceLineEndings(""),
            }
        );
        command.Parameters.Add(new() { Value = sequence });
        await command.ExecuteNonQueryAsync();
        return id;
    }

    private sealed class Delivery
    {
        public Guid Id { get; } = Guid.CreateVersion7();

        /// <summary>Counted by whoever holds it.</summary>
        public int Events { get; set; }

        /// <summary>Until the transaction ends.</summary>
        public async Task HoldAsync(NpgsqlConnection connection)
        {
            await using var hold = new NpgsqlCommand(
                "SELECT pg_advisory_xact_lock(hashtext('delivery'), hashtext($1))",
                connection
            );
            hold.Parameters.Add(new() { Value = Id.ToString() });
            await hold.ExecuteNonQueryAsync();
        }
    }
}
