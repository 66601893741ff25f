using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Delivery.Replays;

/// <summary>
/// One step of the replay that is due first, in one transaction: all of it or nothing. Any number of nodes may take
/// steps; the lock on the replay's row keeps two from taking the same.
/// </summary>
public sealed class ReplayStep(NpgsqlDataSource database, TimeProvider clock, ICrashPoints crash)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private const string Take = """
        SELECT id, requested_at, failure, route, office_system_id, delivery_id, per_second, batches, steps, position
        FROM replay WHERE state = 'running' AND next_at <= $1
        ORDER BY next_at LIMIT 1
        FOR UPDATE SKIP LOCKED
        """;

    // What failed after the order was given is not meant by it. On the national route the gateway gathers it anew.
    private const string Release = """
        WITH next AS (
            SELECT d.id FROM delivery d
            WHERE d.state = 'failed' AND d.id > $1 AND d.changed_at <= $2
                AND ($3::text IS NULL OR d.failure = $3)
                AND ($4::text IS NULL OR d.route = $4)
                AND ($5::text IS NULL OR d.office_system_id = $5)
                AND ($6::uuid IS NULL OR d.id = $6)
            ORDER BY d.id LIMIT $7
            FOR UPDATE
        ),
        moved AS (
            UPDATE delivery d
            SET state = CASE d.route WHEN 'national' THEN 'held' ELSE 'waiting' END, attempts = 0, changed_at = $8,
                next_attempt_at = CASE d.route WHEN 'national' THEN NULL ELSE $8 END
            FROM next WHERE d.id = next.id
            RETURNING d.id
        ),
        noted AS (
            INSERT INTO replay_item (replay_id, delivery_id, step)
            SELECT $9, id, $10 FROM moved ON CONFLICT DO NOTHING
        )
        SELECT id FROM moved ORDER BY id
        """;

    private const string LastBatch = """
        SELECT count(*) FILTER (WHERE d.state IN ('waiting', 'held')), count(*) FILTER (WHERE d.state = 'failed')
        FROM replay_item i JOIN delivery d ON d.id = i.delivery_id
        WHERE i.replay_id = $1 AND i.step = $2
        """;

    private const string Note = """
        UPDATE replay SET state = $2, reason = $3, released = released + $4, steps = steps + $5, position = $6,
            next_at = $7, changed_at = $8
        WHERE id = $1
        """;

    /// <summary>False when no replay was due.</summary>
    public async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await TakeDueAsync(connection, now, cancellationToken) is not { } due)
        {
            return false;
        }
        var outcome =
            due.Batches is null || due.Steps == 0
                ? await ReleaseAsync(connection, due, now, cancellationToken)
                : await JudgeAsync(connection, due, now, cancellationToken);
        await using var note = Command(
            connection,
            Note,
            due.Id,
            outcome.State,
            outcome.Reason ?? (object)DBNull.Value,
            outcome.Released,
            outcome.Released > 0 ? 1 : 0,
            outcome.Position,
            outcome.State == "running" ? now + Second : DBNull.Value,
            now
        );
        note.Parameters[2].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text;
        note.Parameters[6].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz;
        await note.ExecuteNonQueryAsync(cancellationToken);
        crash.Pass(CrashPoint.ReplayStepTaken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>With batches: the next one only after the one before has arrived, and not at all after a failure.</summary>
    private static async Task<Outcome> JudgeAsync(
        NpgsqlConnection connection,
        Due due,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        long waiting;
        long failed;
        await using (var command = Command(connection, LastBatch, due.Id, due.Steps))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            await reader.ReadAsync(cancellationToken);
            (waiting, failed) = (reader.GetInt64(0), reader.GetInt64(1));
        }
        return failed > 0
                ? new("stopped", $"{failed} of batch {due.Steps} failed again", 0, due.Position)
            : waiting > 0 ? new("running", null, 0, due.Position)
            : await ReleaseAsync(connection, due, now, cancellationToken);
    }

    private static async Task<Outcome> ReleaseAsync(
        NpgsqlConnection connection,
        Due due,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var size = due.PerSecond ?? due.Batches![Math.Min(due.Steps, due.Batches.Length - 1)];
        await using var command = Command(
            connection,
            Release,
            due.Position,
            due.RequestedAt,
            due.Failure ?? (object)DBNull.Value,
            due.Route ?? (object)DBNull.Value,
            due.OfficeSystem ?? (object)DBNull.Value,
            due.DeliveryId ?? (object)DBNull.Value,
            size,
            now,
            due.Id,
            due.Steps + 1
        );
        foreach (var text in command.Parameters.Skip(2).Take(3))
        {
            text.NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text;
        }
        command.Parameters[5].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid;
        var released = new List<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            released.Add(reader.GetGuid(0));
        }
        return released.Count == 0
            ? new("done", null, 0, due.Position)
            : new("running", null, released.Count, released[^1]);
    }

    private static async Task<Due?> TakeDueAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(connection, Take, now);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new Due(
                reader.GetGuid(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.OrNull<string>(2),
                reader.OrNull<string>(3),
                reader.OrNull<string>(4),
                reader.GetFieldValue<Guid?>(5),
                reader.GetFieldValue<int?>(6),
                reader.OrNull<int[]>(7),
                reader.GetInt32(8),
                reader.GetGuid(9)
            )
            : null;
    }

    private static NpgsqlCommand Command(
        NpgsqlConnection connection,
        string sql,
        params object[] values
    )
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }

    private sealed record Due(
        Guid Id,
        DateTimeOffset RequestedAt,
        string? Failure,
        string? Route,
        string? OfficeSystem,
        Guid? DeliveryId,
        int? PerSecond,
        int[]? Batches,
        int Steps,
        Guid Position
    );

    private sealed record Outcome(string State, string? Reason, int Released, Guid Position);
}
