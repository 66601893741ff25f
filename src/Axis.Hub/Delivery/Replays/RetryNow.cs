using Npgsql;

namespace Axis.Hub.Delivery.Replays;

/// <summary>
/// Does not wait for the next try of what waits. Asking twice does the same as asking once; a breaker that is open lets
/// one delivery through as its probe and stays open unless that one arrives.
/// </summary>
public sealed class RetryNow(NpgsqlDataSource database, TimeProvider clock)
{
    // A failed one too: it is given all its attempts again.
    private const string One = """
        WITH moved AS (
            UPDATE delivery
            SET state = CASE route WHEN 'national' THEN 'held' ELSE 'waiting' END, changed_at = $2,
                next_attempt_at = CASE route WHEN 'national' THEN NULL ELSE $2 END,
                attempts = CASE WHEN state = 'failed' THEN 0 ELSE attempts END
            WHERE id = $1 AND (state = 'failed' OR state = 'waiting' AND route = 'office_system')
            RETURNING id, office_system_id
        ),
        probe AS (
            UPDATE route_breaker SET next_probe_at = $2
            FROM moved WHERE route_breaker.office_system_id = moved.office_system_id AND route_breaker.state = 'open'
        )
        SELECT d.state, EXISTS (SELECT 1 FROM moved) FROM delivery d WHERE d.id = $1
        """;

    // Those that never failed are on their way at this moment, and parked ones wait for the probe.
    private const string Route = """
        WITH probe AS (
            UPDATE route_breaker SET next_probe_at = $2 WHERE office_system_id = $1 AND state = 'open'
        ),
        event_probe AS (
            UPDATE event_breaker SET next_probe_at = $2 WHERE office_system_id = $1 AND state = 'open'
        ),
        deliveries AS (
            UPDATE delivery SET next_attempt_at = $2
            WHERE id IN (
                SELECT id FROM delivery
                WHERE state = 'waiting' AND office_system_id = $1 AND next_attempt_at > $2
                    AND next_attempt_at < 'infinity' AND last_error IS NOT NULL
                ORDER BY id FOR UPDATE)
            RETURNING id
        ),
        events AS (
            UPDATE event SET next_attempt_at = $2
            WHERE id IN (
                SELECT id FROM event
                WHERE state = 'waiting' AND office_system_id = $1 AND next_attempt_at > $2
                    AND next_attempt_at < 'infinity' AND attempts > 0
                ORDER BY id FOR UPDATE)
            RETURNING id
        )
        SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM events)
        """;

    /// <summary>Null when there is no such delivery; else whether its state was one that can be tried.</summary>
    public async Task<RetryOutcome?> DeliveryAsync(
        Guid deliveryId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(One);
        command.Parameters.Add(new() { Value = deliveryId });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new RetryOutcome(reader.GetString(0), reader.GetBoolean(1))
            : null;
    }

    /// <summary>What is for the queues of an office system: its inboxes and its event queue.</summary>
    public async Task<BroughtForward> RouteAsync(
        string officeSystemId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Route);
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new BroughtForward(reader.GetInt64(0), reader.GetInt64(1));
    }
}

/// <summary>What is due now, beside what the breakers hold.</summary>
public sealed record BroughtForward(long Deliveries, long Events);

/// <param name="State">The state before.</param>
/// <param name="IsTried">Whether it is due now.</param>
public sealed record RetryOutcome(string State, bool IsTried);
