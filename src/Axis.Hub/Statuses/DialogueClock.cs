using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>
/// What time does to deliveries: reminds of recalls that nobody answers, and ends what nobody takes. One node at a
/// time, by an advisory lock; each round is one transaction, so a crash neither loses a reminder nor sends it twice.
/// </summary>
public sealed class DialogueClock(
    NpgsqlDataSource database,
    LifeChangeWriter changes,
    EventAnnouncer announcer,
    IOptions<DialogueOptions> options,
    TimeOrderedIds ids,
    TimeProvider clock,
    ILogger<DialogueClock> log
) : BackgroundService
{
    private const int Batch = 200;

    // Any number of our own: it names the lock.
    private const long LockKey = 0x4158_4953_0040;

    private const string Due = """
        SELECT id, delivery_id, reminders, reason FROM dialogue
        WHERE state = 'asked' AND next_reminder_at <= $1 ORDER BY next_reminder_at LIMIT $2
        """;

    // Asked again with the delivery's lock in hand: an answer may have come in between.
    private const string Remind = """
        WITH reminded AS (
            UPDATE dialogue SET reminders = reminders + 1,
                next_reminder_at = CASE WHEN reminders + 1 < $3 THEN $2 + $4 END
            WHERE id = ANY($1) AND state = 'asked'
            RETURNING id
        )
        SELECT id FROM reminded
        """;

    private const string History = """
        INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
        SELECT h.id, h.delivery_id, $3, 'reminded', 'hub', h.detail
        FROM unnest($1, $2, $4) AS h (id, delivery_id, detail)
        """;

    // A partial index serves only a condition the planner can see, so each state is asked by itself. What a recipient
    // agreed to destroy without ever taking it is at its end already.
    // The id bounds the months; who got a letter late has as much time as others (see TimeOrderedIds.Beside).
    private const string Untaken = """
        SELECT id FROM (
            (SELECT id FROM delivery WHERE state = 'dispatched' AND route = 'office_system' AND id < $1
                AND created_at < $3 AND dialogue IS DISTINCT FROM 'recall_agreed' LIMIT $2)
            UNION ALL
            (SELECT id FROM delivery WHERE state = 'waiting' AND route = 'office_system' AND id < $1
                AND created_at < $3 AND dialogue IS DISTINCT FROM 'recall_agreed' LIMIT $2)
            UNION ALL
            (SELECT id FROM delivery WHERE state = 'failed' AND route = 'office_system' AND id < $1
                AND created_at < $3 AND dialogue IS DISTINCT FROM 'recall_agreed' LIMIT $2)
        ) AS untaken ORDER BY id LIMIT $2
        """;

    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromHours(1);

    private DateTimeOffset _lastExpiry = DateTimeOffset.MinValue;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RemindAsync(stoppingToken) == Batch) { }
                if (clock.GetUtcNow() - _lastExpiry >= ExpiryInterval)
                {
                    while (await ExpireAsync(stoppingToken) == Batch) { }
                    _lastExpiry = clock.GetUtcNow();
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Reminders wait for the store: {Failure}", failure.Message);
            }
            await Task.Delay(options.Value.LookInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One round of reminders; returns how many were due.</summary>
    public async Task<int> RemindAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await TryLockAsync(connection, cancellationToken))
        {
            return 0;
        }
        var now = clock.GetUtcNow();
        var due = await ReadDueAsync(connection, now, cancellationToken);
        if (due.Count == 0)
        {
            return 0;
        }
        // Deliveries before questions, as everywhere: the order of locks.
        var deliveries = await DeliveryLocks.TakeAsync(
            connection,
            due.Select(one => one.DeliveryId),
            cancellationToken
        );
        var open = await MarkAsync(connection, due, now, cancellationToken);
        var planned = new List<PlannedEvent>();
        var reminded = due.Where(one => open.Contains(one.Id)).ToArray();
        foreach (var one in reminded)
        {
            announcer.PlanReminder(
                planned,
                deliveries[one.DeliveryId],
                one.Reminders + 1,
                one.Reason,
                now
            );
        }
        await using (var batch = new NpgsqlBatch(connection))
        {
            var history = new NpgsqlBatchCommand(History);
            history.Parameters.Add(new() { Value = reminded.Select(_ => ids.Next()).ToArray() });
            history.Parameters.Add(
                new() { Value = reminded.Select(one => one.DeliveryId).ToArray() }
            );
            history.Parameters.Add(new() { Value = now });
            history.Parameters.Add(
                new() { Value = reminded.Select(one => $"{one.Reminders + 1}").ToArray() }
            );
            batch.BatchCommands.Add(history);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        await announcer.WriteAloneAsync(connection, planned, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        announcer.Announce(planned);
        return due.Count;
    }

    /// <summary>One round of expiry; returns how many had waited too long.</summary>
    public async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ExpireAfter == TimeSpan.Zero)
        {
            return 0;
        }
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await TryLockAsync(connection, cancellationToken))
        {
            return 0;
        }
        var now = clock.GetUtcNow();
        var untaken = new List<Guid>();
        await using (var command = new NpgsqlCommand(Untaken, connection))
        {
            var before = now - options.Value.ExpireAfter;
            command.Parameters.Add(new() { Value = IdDays.Floor(before) });
            command.Parameters.Add(new() { Value = Batch });
            command.Parameters.Add(new() { Value = before });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                untaken.Add(reader.GetGuid(0));
            }
        }
        var locked = await DeliveryLocks.TakeAsync(connection, untaken, cancellationToken);
        var cause = new LifeCause(now, HistoryWords.Expired, "hub", null);
        LifeChange[] expired =
        [
            .. locked
                .Values.Select(delivery => LifeChange.Judge(delivery, LifeEvent.Expire, cause))
                // Collected in the meantime: nothing happened, and nothing is told.
                .Where(change => change.Outcome == ReportOutcome.Applied),
        ];
        var planned = await changes.WriteAsync(connection, expired, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        changes.Announce(expired, planned);
        return untaken.Count;
    }

    private static async Task<bool> TryLockAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            "SELECT pg_try_advisory_xact_lock($1)",
            connection
        );
        command.Parameters.Add(new() { Value = LockKey });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<List<DueReminder>> ReadDueAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Due, connection);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = Batch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<DueReminder>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(
                new DueReminder(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetInt32(2),
                    reader.IsDBNull(3) ? null : reader.GetString(3)
                )
            );
        }
        return due;
    }

    private async Task<HashSet<Guid>> MarkAsync(
        NpgsqlConnection connection,
        List<DueReminder> due,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Remind, connection);
        command.Parameters.Add(new() { Value = due.Select(one => one.Id).ToArray() });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = options.Value.MaxReminders });
        command.Parameters.Add(new() { Value = options.Value.RemindAfter });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var open = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            open.Add(reader.GetGuid(0));
        }
        return open;
    }

    private sealed record DueReminder(Guid Id, Guid DeliveryId, int Reminders, string? Reason);
}
