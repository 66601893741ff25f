using Axis.Hub.Statuses;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Deadlines;

/// <summary>
/// Reminds of deadlines that come near or have passed. One node at a time, by an advisory lock; each round is one
/// transaction, so a crash neither loses a notice nor gives it twice.
/// </summary>
public sealed class DeadlineClock(
    NpgsqlDataSource database,
    EventAnnouncer announcer,
    WorkingTime time,
    IOptions<DeadlineOptions> options,
    TimeProvider clock,
    ILogger<DeadlineClock> log
) : BackgroundService
{
    private const int Batch = 200;

    // Any number of our own: it names the lock.
    private const long LockKey = 0x4158_4953_0071;

    internal const string Due = """
        SELECT delivery_id FROM deadline WHERE next_reminder_at <= $1 ORDER BY next_reminder_at LIMIT $2
        """;

    // Read again with the deliveries' locks in hand: a report or an extension may have come in between.
    private const string Open = """
        SELECT delivery_id, kind, due_at, reminders FROM deadline
        WHERE delivery_id = ANY($1) AND next_reminder_at <= $2 AND settled_at IS NULL
        ORDER BY delivery_id, kind FOR UPDATE
        """;

    private const string Mark = """
        UPDATE deadline x SET reminders = m.reminders, next_reminder_at = m.next_at
        FROM unnest($1, $2, $3, $4) AS m (delivery_id, kind, reminders, next_at)
        WHERE x.delivery_id = m.delivery_id AND x.kind = m.kind
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RemindAsync(stoppingToken) == Batch) { }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Deadlines wait for the store: {Failure}", failure.Message);
            }
            await Task.Delay(options.Value.LookInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One round; returns how many clocks were due for a notice.</summary>
    public async Task<int> RemindAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var due = await DueAsync(connection, now, cancellationToken);
        if (due.Count == 0)
        {
            return 0;
        }
        // Deliveries before clocks, as everywhere: the order of locks.
        var deliveries = await DeliveryLocks.TakeAsync(connection, due, cancellationToken);
        var clocks = await OpenAsync(connection, due, now, cancellationToken);
        var planned = new List<PlannedEvent>();
        foreach (var one in clocks)
        {
            if (deliveries.TryGetValue(one.DeliveryId, out var delivery))
            {
                announcer.PlanDeadline(
                    planned,
                    delivery,
                    one.DueAt <= now ? EventTypes.DeadlinePassed : EventTypes.DeadlineNear,
                    new DeadlineNews(one.Kind, one.DueAt),
                    now
                );
            }
        }
        await MarkAsync(connection, clocks, now, cancellationToken);
        await DeliveryLocks.SaveEventCountsAsync(connection, deliveries.Values, cancellationToken);
        await announcer.WriteAsync(connection, planned, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        announcer.Announce(planned);
        return due.Count;
    }

    private async Task MarkAsync(
        NpgsqlConnection connection,
        List<DueClock> clocks,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Mark, connection);
        command.Parameters.Add(new() { Value = clocks.Select(one => one.DeliveryId).ToArray() });
        command.Parameters.Add(new() { Value = clocks.Select(one => one.Kind).ToArray() });
        command.Parameters.Add(
            new()
            {
                Value = clocks.Select(one => one.Reminders + (one.DueAt <= now ? 1 : 0)).ToArray(),
            }
        );
        command.Parameters.Add(
            new()
            {
                NpgsqlDbType =
                    NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.TimestampTz,
                Value = clocks.Select(one => NextOf(one, now)).ToArray(),
            }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Before it is due: when it is. After: so much working time later, a few times.</summary>
    private DateTimeOffset? NextOf(DueClock one, DateTimeOffset now) =>
        one.DueAt > now ? one.DueAt
        : one.Reminders + 1 < options.Value.MaxOverdueNotices
            ? time.Add(now, options.Value.RemindEvery)
        : null;

    private static async Task<List<Guid>> DueAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using (
            var take = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection)
        )
        {
            take.Parameters.Add(new() { Value = LockKey });
            if (!(bool)(await take.ExecuteScalarAsync(cancellationToken))!)
            {
                return [];
            }
        }
        await using var command = new NpgsqlCommand(Due, connection);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = Batch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(reader.GetGuid(0));
        }
        return due;
    }

    private static async Task<List<DueClock>> OpenAsync(
        NpgsqlConnection connection,
        List<Guid> due,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Open, connection);
        command.Parameters.Add(new() { Value = due.ToArray() });
        command.Parameters.Add(new() { Value = now });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var clocks = new List<DueClock>();
        while (await reader.ReadAsync(cancellationToken))
        {
            clocks.Add(
                new DueClock(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetInt32(3)
                )
            );
        }
        return clocks;
    }

    private sealed record DueClock(
        Guid DeliveryId,
        string Kind,
        DateTimeOffset DueAt,
        int Reminders
    );
}
