using System.Collections.Concurrent;
using Axis.Hub.Broker;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>Where breakers and the rows that they hold back are.</summary>
/// <param name="Breakers">One row for each queue that ever failed.</param>
/// <param name="Rows">The outbox.</param>
/// <param name="Order">Which of the parked rows goes first.</param>
/// <param name="Queue">The queue of an office system, in words.</param>
public sealed record BreakerTables(string Breakers, string Rows, string Order, string Queue)
{
    public static readonly BreakerTables Inboxes = new(
        "route_breaker",
        "delivery",
        "urgent DESC, id",
        "inbox"
    );
    public static readonly BreakerTables Events = new(
        "event_breaker",
        "event",
        "id",
        "event queue"
    );

    /// <summary>
    /// The probes of queues whose breaker is open, as far as <c>parked</c>: one parked row for each, under a lease. A breaker
    /// with nothing parked is left alone, or its lease would come in the way of opening it by half.
    /// </summary>
    internal string TakeProbes =>
        $"""
            WITH due AS (
                SELECT office_system_id FROM {Breakers} b
                WHERE state = 'open' AND next_probe_at <= $1 AND EXISTS (
                    SELECT FROM {Rows} p
                    WHERE p.state = 'waiting' AND p.next_attempt_at = 'infinity' AND p.office_system_id = b.office_system_id)
                ORDER BY next_probe_at LIMIT $2
                FOR UPDATE SKIP LOCKED
            ),
            taken AS (
                UPDATE {Breakers} b SET next_probe_at = $1 + $3
                FROM due WHERE b.office_system_id = due.office_system_id
                RETURNING b.office_system_id
            ),
            parked AS (
                SELECT one.id FROM taken CROSS JOIN LATERAL (
                    SELECT id FROM {Rows}
                    WHERE state = 'waiting' AND next_attempt_at = 'infinity'
                        AND office_system_id = taken.office_system_id
                    ORDER BY {Order} LIMIT 1
                    FOR UPDATE SKIP LOCKED
                ) AS one
            )
            """;

    /// <summary>Makes due what is parked though its breaker is closed, whoever parked it and whenever.</summary>
    internal string LetGo =>
        $"""
            UPDATE {Rows} SET next_attempt_at = $1
            WHERE id IN (
                SELECT parked.id
                FROM {Breakers} b CROSS JOIN LATERAL (
                    SELECT id FROM {Rows}
                    WHERE state = 'waiting' AND next_attempt_at = 'infinity' AND office_system_id = b.office_system_id
                    ORDER BY {Order} LIMIT $2
                    FOR UPDATE SKIP LOCKED
                ) AS parked
                WHERE b.state = 'closed' AND {Asked}
                LIMIT $2
            )
            """;

    /// <summary>
    /// Notes that nothing is parked any more behind a breaker that was closed long enough ago: whoever saw it open and
    /// parks a row has come to his end.
    /// </summary>
    internal string Emptied =>
        $"""
            UPDATE {Breakers} b SET emptied_at = $1
            WHERE b.state = 'closed' AND b.changed_at < $1 - interval '5 minutes' AND {Asked} AND NOT EXISTS (
                SELECT FROM {Rows} d
                WHERE d.state = 'waiting' AND d.next_attempt_at = 'infinity' AND d.office_system_id = b.office_system_id)
            """;

    // Breakers that closed long ago are asked once an hour, lest each of them cost every node something every second.
    private const string Asked = "(b.emptied_at IS NULL OR b.emptied_at < $1 - interval '1 hour')";
}

/// <summary>
/// The circuit breakers of the queues of office systems, one table for inboxes and one for event queues. The rows
/// decide; memory holds a copy, so that the way of a row to a healthy queue asks nothing.
/// </summary>
/// <remarks>
/// A copy that is a moment old does no harm: a row parked too late is parked again by the failure, and one parked too
/// long is let go by the next refresh of any node.
/// </remarks>
public sealed class QueueBreakers<TRow>(
    NpgsqlDataSource database,
    IParkingOutbox<TRow> outbox,
    BreakerTables tables,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ICrashPoints crash,
    ILogger<QueueBreakers<TRow>> log
) : IRouteGate<TRow>
{
    /// <summary>Parked rows that one refresh lets go.</summary>
    private const int MaxLetGo = 5000;

    private readonly string _troubledNow =
        $"SELECT office_system_id, state = 'open' FROM {tables.Breakers} WHERE failures > 0";

    private readonly string _passed = $"""
        UPDATE {tables.Breakers} SET state = 'closed', failures = 0, last_error = NULL, changed_at = $2
        WHERE office_system_id = ANY($1) AND failures > 0
        """;

    private readonly string _failed = $"""
        INSERT INTO {tables.Breakers} AS b (office_system_id, state, failures, last_error, changed_at, next_probe_at)
        VALUES ($1, CASE WHEN $3 >= $4 THEN 'open' ELSE 'closed' END, $3, $2, $5, $5 + $6)
        ON CONFLICT (office_system_id) DO UPDATE SET
            state = CASE WHEN b.failures + $3 >= $4 THEN 'open' ELSE 'closed' END,
            failures = least(b.failures + $3, 1000),
            last_error = $2,
            changed_at = CASE WHEN b.state = 'closed' AND b.failures + $3 >= $4 THEN $5 ELSE b.changed_at END,
            emptied_at = CASE WHEN b.failures + $3 >= $4 THEN NULL ELSE b.emptied_at END,
            next_probe_at = $5 + least($6 * power(2, least(greatest(b.failures + $3 - $4, 0), 30)), $7)
        RETURNING b.state = 'open', b.failures
        """;

    // Nothing is parked that could be tried, so the next row that comes is the probe.
    private readonly string _halfOpen = $"""
        UPDATE {tables.Breakers} b SET state = 'closed', failures = $2 - 1, changed_at = $1
        WHERE b.state = 'open' AND b.next_probe_at <= $1 AND NOT EXISTS (
            SELECT 1 FROM {tables.Rows} d
            WHERE d.state = 'waiting' AND d.next_attempt_at = 'infinity' AND d.office_system_id = b.office_system_id)
        """;

    // By office system: whether the breaker is open. Healthy queues are not in it.
    private readonly ConcurrentDictionary<string, bool> _troubled = new(StringComparer.Ordinal);

    /// <summary>Whether any queue waits for a probe, as far as this node knows.</summary>
    public bool AnyShut => !_troubled.IsEmpty && _troubled.Values.Contains(true);

    public bool IsOpen(string officeSystemId) =>
        !_troubled.TryGetValue(officeSystemId, out var shut) || !shut;

    /// <summary>Whether the queue failed lately, as far as this node knows, even if it may be tried.</summary>
    public bool IsInTrouble(string officeSystemId) => _troubled.ContainsKey(officeSystemId);

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            _halfOpen,
            cancellationToken,
            clock.GetUtcNow(),
            options.Value.BreakerFailures
        );
        await using (var command = database.CreateCommand(_troubledNow))
        {
            var known = new HashSet<string>(StringComparer.Ordinal);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                known.Add(reader.GetString(0));
                _troubled[reader.GetString(0)] = reader.GetBoolean(1);
            }
            foreach (var healthy in _troubled.Keys.Where(id => !known.Contains(id)))
            {
                _troubled.TryRemove(healthy, out _);
            }
        }
        await ExecuteAsync(tables.LetGo, cancellationToken, clock.GetUtcNow(), MaxLetGo);
        await ExecuteAsync(tables.Emptied, cancellationToken, clock.GetUtcNow());
    }

    public Task ParkAsync(IReadOnlyList<TRow> rows, CancellationToken cancellationToken) =>
        outbox.ParkAsync(rows, cancellationToken);

    public async Task PassedAsync(
        IReadOnlyCollection<string> officeSystems,
        CancellationToken cancellationToken
    )
    {
        if (_troubled.IsEmpty)
        {
            return;
        }
        var healed = officeSystems.Where(_troubled.ContainsKey).ToArray();
        if (healed.Length == 0)
        {
            return;
        }
        crash.Pass(CrashPoint.ProbeConfirmed);
        await ExecuteAsync(_passed, cancellationToken, healed, clock.GetUtcNow());
        foreach (var officeSystem in healed)
        {
            _troubled.TryRemove(officeSystem, out _);
            log.LogInformation(
                "The {Queue} of {OfficeSystem} takes messages again",
                tables.Queue,
                officeSystem
            );
        }
    }

    public async Task FailedAsync(
        string officeSystemId,
        string reason,
        bool atOnce,
        CancellationToken cancellationToken
    )
    {
        crash.Pass(CrashPoint.FailureNotCounted);
        var threshold = options.Value.BreakerFailures;
        await using var command = database.CreateCommand(_failed);
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = reason });
        command.Parameters.Add(new() { Value = atOnce ? threshold : 1 });
        command.Parameters.Add(new() { Value = threshold });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = options.Value.FirstRetry * Backoff.Jitter() });
        command.Parameters.Add(new() { Value = options.Value.LongestRetry * Backoff.Jitter() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var isShut = reader.GetBoolean(0);
        _troubled[officeSystemId] = isShut;
        log.LogWarning(
            "The {Queue} of {OfficeSystem} failed {Failures} times in a row ({Reason}){Consequence}",
            tables.Queue,
            officeSystemId,
            reader.GetInt32(1),
            reason,
            isShut ? "; what is for it waits until a probe gets through" : ""
        );
    }

    private async Task ExecuteAsync(
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
