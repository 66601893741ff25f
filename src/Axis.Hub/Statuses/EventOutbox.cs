using System.Text;
using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Operations;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>The events that wait to be put on an event queue. An event that cannot be sent is tried for ever.</summary>
public sealed class EventOutbox(
    NpgsqlDataSource database,
    IOptions<DeliveryOptions> options,
    HubMetrics metrics,
    TimeProvider clock
) : IParkingOutbox<EventRow>
{
    private const string ClaimedColumns =
        "e.id, e.office_system_id, e.type, e.body::text, e.attempts";

    internal const string Claim = $"""
        WITH due AS (
            SELECT id FROM event
            WHERE state = 'waiting' AND next_attempt_at <= $1
            ORDER BY next_attempt_at LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
        UPDATE event e SET next_attempt_at = $1 + $3, attempts = e.attempts + 1
        FROM due WHERE e.id = due.id
        RETURNING {ClaimedColumns}
        """;

    // One whose queue was lost since it was published stays waiting.
    internal const string Sent = $"""
        UPDATE event e SET state = 'taken', next_attempt_at = NULL FROM {UnsyncedCommit.Row}
        WHERE e.id = ANY($1) AND e.state = 'waiting' AND NOT EXISTS (
            SELECT FROM remade_queue r
            WHERE r.office_system_id = e.office_system_id AND r.use = 'events' AND r.generation > $2)
        """;

    // The last word on when it is tried again has the breaker of its queue.
    internal const string Failed = """
        UPDATE event e SET next_attempt_at = CASE WHEN b.state = 'open' THEN 'infinity' ELSE f.next_at END
        FROM unnest($1, $2, $3) AS f (id, next_at, breaker)
            LEFT JOIN event_breaker b ON b.office_system_id = f.breaker
        WHERE e.id = f.id AND e.state = 'waiting'
        """;

    // Only while the breaker is open, so that what another node has just closed is not put away again.
    internal const string Park = """
        UPDATE event e SET next_attempt_at = 'infinity'
        WHERE e.id = ANY($1) AND e.state = 'waiting' AND EXISTS (
            SELECT 1 FROM event_breaker b WHERE b.office_system_id = e.office_system_id AND b.state = 'open')
        """;

    // The probe of a queue whose breaker is open: one parked event, under a lease.
    internal static readonly string ClaimProbes = $"""
        {BreakerTables.Events.TakeProbes}
        UPDATE event e SET next_attempt_at = $1 + $3, attempts = e.attempts + 1
        FROM parked WHERE e.id = parked.id
        RETURNING {ClaimedColumns}
        """;

    public bool IsUrgent(EventRow row) => false;

    public string OfficeSystemOf(EventRow row) => row.OfficeSystemId;

    public Task<IReadOnlyList<EventRow>> ClaimDueAsync(
        int limit,
        CancellationToken cancellationToken
    ) => ClaimAsync(Claim, limit, cancellationToken);

    public Task<IReadOnlyList<EventRow>> ClaimProbesAsync(
        int limit,
        CancellationToken cancellationToken
    ) => ClaimAsync(ClaimProbes, limit, cancellationToken);

    public async Task ParkAsync(IReadOnlyList<EventRow> rows, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Park);
        command.Parameters.Add(new() { Value = rows.Select(row => row.Id).Order().ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<EventRow>> ClaimAsync(
        string claim,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(claim);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = options.Value.FirstLease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<EventRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(
                new EventRow(
                    reader.GetGuid(0),
                    reader.GetString(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetInt32(4)
                )
            );
        }
        // UPDATE ... RETURNING keeps no order; events of one delivery leave in the order they arose.
        due.Sort((left, right) => left.Id.CompareTo(right.Id));
        return due;
    }

    public Task<OutgoingMessage> ToMessageAsync(
        EventRow row,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult(
            new OutgoingMessage(
                Topology.Events(row.OfficeSystemId),
                row.Id.ToString(),
                "axis.event",
                "application/cloudevents+json",
                Encoding.UTF8.GetBytes(row.Body)
            )
        );

    public FailedSend<EventRow> Unreadable(EventRow row, Exception failure) =>
        new(row, SendFault.Row, "unreadable", failure.Message);

    public async Task MarkSentAsync(
        IReadOnlyList<EventRow> rows,
        long generation,
        TimeSpan confirmedWithin,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Sent);
        command.Parameters.Add(new() { Value = rows.Select(row => row.Id).Order().ToArray() });
        command.Parameters.Add(new() { Value = generation });
        await command.ExecuteNonQueryAsync(cancellationToken);
        metrics.EventsSent(rows.Count);
    }

    public async Task MarkFailedAsync(
        IReadOnlyList<FailedSend<EventRow>> rows,
        CancellationToken cancellationToken
    )
    {
        // In the order in which everybody else locks them.
        rows = [.. rows.OrderBy(failed => failed.Row.Id)];
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(Failed);
        command.Parameters.Add(new() { Value = rows.Select(failed => failed.Row.Id).ToArray() });
        command.Parameters.Add(
            new()
            {
                Value = rows.Select(failed =>
                        Backoff.NextAttempt(options.Value, failed.Row.Attempts, now)
                    )
                    .ToArray(),
            }
        );
        command.Parameters.Add(
            new()
            {
                Value = rows.Select(failed =>
                        failed.Fault == SendFault.Route ? failed.Row.OfficeSystemId : ""
                    )
                    .ToArray(),
            }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public void Release(EventRow row) { }
}
