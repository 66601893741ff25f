using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Delivery;

/// <summary>
/// Moves what was not collected to the inbox of whoever receives for its agency now, at every turning point that the
/// registry's triggers noted. docs/registry.md argues why nothing is lost or seen twice.
/// </summary>
public sealed class HandOver(
    NpgsqlDataSource database,
    RegistryCache registry,
    InboxSignal inboxes,
    TimeOrderedIds ids,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    EventAnnouncer announcer,
    InboxNews news,
    ILogger<HandOver> log
) : BackgroundService
{
    // Any constant will do; it only has to differ from the other advisory locks of the hub.
    private const long LockKey = 0x41584953_0003;
    private const int AtOnce = 20_000;

    /// <summary>
    /// Longer than the routing and the commit of one submission can lie apart: what was routed before the turning point
    /// is committed by then, and moved.
    /// </summary>
    private static readonly TimeSpan LastLook = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(5);

    private const string Due = """
        SELECT agency_id, at FROM turning_point
        WHERE NOT settled AND at <= $1 AND ($2 OR first_look IS NULL)
        ORDER BY at, agency_id LIMIT $3
        """;

    // Each state by a statement of its own, because a partial index serves only a condition that the planner can see.
    private const string Move = """
        WITH move AS (
            SELECT * FROM unnest($1, $2, $3, $4, $5)
                AS m (agency_id, receiver_id, office_system_id, state, substitution)
        ),
        found AS (
            SELECT d.id, m.* FROM delivery d JOIN move m ON d.recipient_agency_id = m.agency_id
            WHERE d.state = 'dispatched' AND d.office_system_id <> m.office_system_id
            UNION ALL
            SELECT d.id, m.* FROM delivery d JOIN move m ON d.recipient_agency_id = m.agency_id
            WHERE d.state = 'waiting' AND d.office_system_id <> m.office_system_id
            UNION ALL
            SELECT d.id, m.* FROM delivery d JOIN move m ON d.recipient_agency_id = m.agency_id
            WHERE d.state = 'failed' AND d.office_system_id <> m.office_system_id
        ),
        locked AS (
            SELECT id, office_system_id AS was, recipient_agency_id AS was_for, state FROM delivery
            WHERE id IN (SELECT id FROM found) ORDER BY id FOR UPDATE
        ),
        moved AS (
            UPDATE delivery d SET
                office_system_id = f.office_system_id,
                recipient_agency_id = f.receiver_id,
                state = CASE d.state WHEN 'failed' THEN d.state ELSE f.state END,
                attempts = 0,
                next_attempt_at = CASE WHEN f.state = 'waiting' AND d.state <> 'failed' THEN $6 END,
                changed_at = $6,
                handed_from = array_append(array_remove(d.handed_from, f.office_system_id), l.was),
                substitution = CASE WHEN f.substitution IS NULL THEN d.substitution
                    ELSE jsonb_set(f.substitution::jsonb, '{named}', to_jsonb(d.recipient_code))::json END
            FROM found f JOIN locked l ON l.id = f.id
            WHERE d.id = f.id AND l.was <> f.office_system_id AND l.state IN ('waiting', 'dispatched', 'failed')
            RETURNING d.id, l.was, d.office_system_id, f.substitution IS NOT NULL AS substituted, d.recipient_agency_id,
                l.was_for
        ),
        late AS (
            INSERT INTO late_letter (delivery_id, since, next)
            SELECT id, $6, 'arrival' FROM moved WHERE recipient_agency_id <> was_for
            ON CONFLICT (delivery_id) DO UPDATE SET since = excluded.since, next = excluded.next
        ),
        clocks AS (
            UPDATE deadline x SET recipient_agency_id = m.recipient_agency_id FROM moved m WHERE x.delivery_id = m.id
        )
        SELECT id, was, office_system_id, substituted FROM moved
        """;

    private const string History = """
        INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
        SELECT id, delivery_id, $3, 'handed_over', 'hub', detail FROM unnest($1, $2, $4) AS h (id, delivery_id, detail)
        """;

    private const string Settle = """
        UPDATE turning_point t SET first_look = coalesce(t.first_look, $3),
            settled = $3 >= greatest(t.at, coalesce(t.first_look, $3)) + $4
        FROM unnest($1, $2) AS d (agency_id, at) WHERE t.agency_id = d.agency_id AND t.at = d.at
        """;

    private DateTimeOffset _repeatAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await MoveDueAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning(
                    StoreFaults.ForLog(failure),
                    "Deliveries could not be handed over; tried again: {Failure}",
                    failure.Message
                );
            }
            await Task.Delay(options.Value.RecoveryInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Moves what is due now; returns how many deliveries went to another inbox.</summary>
    public async Task<int> MoveDueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = await DueAsync(connection, now, cancellationToken);
        if (due.Count == 0 || !await TryLockAsync(connection, cancellationToken))
        {
            return 0;
        }
        // The change that noted the turning point must be in the snapshot that it is judged by.
        await registry.RefreshAsync(cancellationToken);
        var moves = Plan(due, registry.Current, now);
        var moved =
            moves.Count == 0 ? [] : await MoveAsync(connection, moves, now, cancellationToken);
        var told = await TellSendersAsync(
            connection,
            moved.Where(one => one.Substituted).Select(one => one.Delivery),
            now,
            cancellationToken
        );
        var arrived = await news.WriteAsync(
            connection,
            [.. moved.Where(one => news.IsAskedBy(one.To)).Select(one => one.Delivery)],
            now,
            cancellationToken
        );
        await using (var settle = new NpgsqlCommand(Settle, connection))
        {
            settle.Parameters.Add(new() { Value = due.Select(point => point.AgencyId).ToArray() });
            settle.Parameters.Add(new() { Value = due.Select(point => point.At).ToArray() });
            settle.Parameters.Add(new() { Value = now });
            settle.Parameters.Add(new() { Value = LastLook });
            await settle.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        announcer.Announce([.. told, .. arrived]);
        foreach (var officeSystem in moved.Select(one => one.To).Distinct())
        {
            inboxes.Ring(officeSystem);
        }
        if (moved.Count > 0)
        {
            log.LogInformation("{Count} deliveries were handed over", moved.Count);
        }
        return moved.Count;
    }

    private async Task<List<TurningPoint>> DueAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var repeats = now >= _repeatAt;
        if (repeats)
        {
            _repeatAt = now + RepeatInterval;
        }
        await using var command = new NpgsqlCommand(Due, connection);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = repeats });
        command.Parameters.Add(new() { Value = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<TurningPoint>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(new(reader.GetGuid(0), reader.GetDateTime(1)));
        }
        return due;
    }

    private static async Task<bool> TryLockAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            $"SELECT pg_try_advisory_xact_lock({LockKey})",
            connection
        );
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Where the deliveries of the agencies, and of those they succeeded, belong now.</summary>
    private static List<PlannedMove> Plan(
        List<TurningPoint> due,
        RegistrySnapshot snapshot,
        DateTimeOffset now
    )
    {
        var moves = new List<PlannedMove>();
        foreach (var id in due.SelectMany(point => snapshot.FamilyOf(point.AgencyId)).Distinct())
        {
            if (
                snapshot.AgencyById(id) is { } agency
                && snapshot.Resolve(agency, now) is Resolution.One one
                && snapshot.OfficeSystemOf(one.Agency.Id, now) is { } officeSystem
            )
            {
                moves.Add(new(id, one.Agency.Id, officeSystem, one.Substitution));
            }
        }
        return moves;
    }

    private async Task<List<(Guid Delivery, string To, bool Substituted)>> MoveAsync(
        NpgsqlConnection connection,
        List<PlannedMove> moves,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var moved = new List<(Guid Delivery, string To, bool Substituted)>();
        var details = new List<string>();
        await using (var command = new NpgsqlCommand(Move, connection))
        {
            command.Parameters.Add(new() { Value = moves.Select(m => m.AgencyId).ToArray() });
            command.Parameters.Add(new() { Value = moves.Select(m => m.ReceiverId).ToArray() });
            command.Parameters.Add(new() { Value = moves.Select(m => m.To.Id).ToArray() });
            command.Parameters.Add(
                new()
                {
                    Value = moves
                        .Select(m => m.To.InboxDoor == Door.Http ? "dispatched" : "waiting")
                        .ToArray(),
                }
            );
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json,
                    Value = moves.Select(m => Substitutions.ToJson(m.Substitution)).ToArray(),
                }
            );
            command.Parameters.Add(new() { Value = now });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                moved.Add((reader.GetGuid(0), reader.GetString(2), reader.GetBoolean(3)));
                details.Add($"{reader.GetString(1)} → {reader.GetString(2)}");
            }
        }
        await using var history = new NpgsqlCommand(History, connection);
        history.Parameters.Add(new() { Value = moved.Select(_ => ids.Next()).ToArray() });
        history.Parameters.Add(new() { Value = moved.Select(one => one.Delivery).ToArray() });
        history.Parameters.Add(new() { Value = now });
        history.Parameters.Add(new() { Value = details.ToArray() });
        await history.ExecuteNonQueryAsync(cancellationToken);
        return moved;
    }

    private async Task<List<PlannedEvent>> TellSendersAsync(
        NpgsqlConnection connection,
        IEnumerable<Guid> substituted,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var told = new List<PlannedEvent>();
        // Held already by the move; this reads what the event says.
        var deliveries = await DeliveryLocks.TakeAsync(connection, substituted, cancellationToken);
        foreach (var delivery in deliveries.Values.OrderBy(one => one.Id))
        {
            announcer.PlanSubstitution(told, delivery, now);
        }
        await announcer.WriteAloneAsync(connection, told, cancellationToken);
        return told;
    }

    private sealed record TurningPoint(Guid AgencyId, DateTime At);

    private sealed record PlannedMove(
        Guid AgencyId,
        Guid ReceiverId,
        OfficeSystem To,
        Substitution? Substitution
    );
}
