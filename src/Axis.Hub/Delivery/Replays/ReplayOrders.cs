using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Delivery.Replays;

/// <summary>Gives, shows and stops replays. It only writes the order; <see cref="ReplayStep"/> carries it out.</summary>
public sealed class ReplayOrders(NpgsqlDataSource database, TimeOrderedIds ids, TimeProvider clock)
{
    // Counted and ordered in one statement. The same order, still running, wins over a second one.
    private const string Give = """
        WITH meant AS (
            SELECT count(*) AS total FROM delivery d WHERE d.state = 'failed'
                AND ($3::text IS NULL OR d.failure = $3)
                AND ($4::text IS NULL OR d.route = $4)
                AND ($5::text IS NULL OR d.office_system_id = $5)
                AND ($6::uuid IS NULL OR d.id = $6)
        )
        INSERT INTO replay (id, requested_at, requested_by, failure, route, office_system_id, delivery_id, per_second,
            batches, state, total, next_at, changed_at)
        SELECT $1, $2, $9, $3, $4, $5, $6, $7, $8, 'running', total, $2, $2 FROM meant WHERE total > 0
        ON CONFLICT DO NOTHING
        RETURNING id
        """;

    private const string Running = """
        SELECT id FROM replay
        WHERE state = 'running' AND failure IS NOT DISTINCT FROM $1 AND route IS NOT DISTINCT FROM $2
            AND office_system_id IS NOT DISTINCT FROM $3 AND delivery_id IS NOT DISTINCT FROM $4
        """;

    // The states of the released ones are looked up by id, one partition for each.
    private const string Show = """
        SELECT r.id, r.requested_at, r.requested_by, r.failure, r.route, r.office_system_id, r.delivery_id,
            r.per_second, r.batches, r.state, r.reason, r.total, r.released, c.waiting, c.delivered, c.failed, r.next_at
        FROM replay r CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE d.state = 'waiting') AS waiting,
                count(*) FILTER (WHERE d.state IN ('dispatched', 'collected')) AS delivered,
                count(*) FILTER (WHERE d.state = 'failed') AS failed
            FROM replay_item i JOIN delivery d ON d.id = i.delivery_id WHERE i.replay_id = r.id
        ) AS c
        """;

    /// <summary>Null when nothing failed that the scope means.</summary>
    public async Task<(Replay Replay, bool IsNew)?> GiveAsync(
        ReplayScope scope,
        ReplayPace pace,
        string requestedBy,
        CancellationToken cancellationToken
    )
    {
        if (await FindRunningAsync(scope, cancellationToken) is { } running)
        {
            return (running, IsNew: false);
        }
        var id = ids.Next();
        await using var command = database.CreateCommand(Give);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        Bind(command, scope);
        command.Parameters.Add(Parameter(NpgsqlDbType.Integer, pace.PerSecond));
        command.Parameters.Add(Parameter(NpgsqlDbType.Array | NpgsqlDbType.Integer, pace.Batches));
        command.Parameters.Add(new() { Value = requestedBy });
        var given = await command.ExecuteScalarAsync(cancellationToken) is not null;
        // Nothing written: there was nothing to replay, or the same order came in between.
        return given ? ((await FindAsync(id, cancellationToken))!, IsNew: true)
            : await FindRunningAsync(scope, cancellationToken) is { } other ? (other, IsNew: false)
            : null;
    }

    public async Task<Replay?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Show} WHERE r.id = $1");
        command.Parameters.Add(new() { Value = id });
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<Replay>> ListAsync(
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand($"{Show} ORDER BY r.id DESC LIMIT $1");
        command.Parameters.Add(new() { Value = limit });
        return await ReadAsync(command, cancellationToken);
    }

    /// <summary>No further step is taken; what was released stays so. False when it does not run.</summary>
    public async Task<bool> StopAsync(Guid id, string by, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            UPDATE replay SET state = 'stopped', reason = $2, next_at = NULL, changed_at = $3
            WHERE id = $1 AND state = 'running'
            """
        );
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = "stopped by " + by });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private async Task<Replay?> FindRunningAsync(
        ReplayScope scope,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Running);
        Bind(command, scope);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid id
            ? await FindAsync(id, cancellationToken)
            : null;
    }

    private static void Bind(NpgsqlCommand command, ReplayScope scope)
    {
        command.Parameters.Add(Parameter(NpgsqlDbType.Text, scope.Failure));
        command.Parameters.Add(Parameter(NpgsqlDbType.Text, scope.Route));
        command.Parameters.Add(Parameter(NpgsqlDbType.Text, scope.OfficeSystem));
        command.Parameters.Add(Parameter(NpgsqlDbType.Uuid, scope.DeliveryId));
    }

    private static NpgsqlParameter Parameter(NpgsqlDbType type, object? value) =>
        new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    private static async Task<IReadOnlyList<Replay>> ReadAsync(
        NpgsqlCommand command,
        CancellationToken cancellationToken
    )
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<Replay>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(
                new Replay(
                    reader.GetGuid(0),
                    reader.GetFieldValue<DateTimeOffset>(1),
                    reader.GetString(2),
                    reader.OrNull<string>(3),
                    reader.OrNull<string>(4),
                    reader.OrNull<string>(5),
                    reader.GetFieldValue<Guid?>(6),
                    reader.GetFieldValue<int?>(7),
                    reader.OrNull<int[]>(8),
                    reader.GetString(9),
                    reader.OrNull<string>(10),
                    reader.GetInt32(11),
                    reader.GetInt32(12),
                    reader.GetInt64(13),
                    reader.GetInt64(14),
                    reader.GetInt64(15),
                    reader.GetFieldValue<DateTimeOffset?>(16)
                )
            );
        }
        return found;
    }
}
