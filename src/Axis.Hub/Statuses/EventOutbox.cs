using System.Text;
using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Operations;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>The events that wait to be put on an event queue. An event that cannot be sent is tried for ever.</summary>
public sealed class EventOutbox(
    NpgsqlDataSource database,
    IOptions<DeliveryOptions> options,
    HubMetrics metrics,
    TimeProvider clock
) : IOutbox<EventRow>
{
    internal const string Claim = """
        WITH due AS (
            SELECT id FROM event
            WHERE state = 'waiting' AND next_attempt_at <= $1
            ORDER BY next_attempt_at LIMIT $2
            FOR UPDATE SKIP LOCKED
        )
        UPDATE event e SET next_attempt_at = $1 + $3, attempts = e.attempts + 1
        FROM due WHERE e.id = due.id
        RETURNING e.id, e.office_system_id, e.type, e.body::text, e.attempts
        """;

    internal const string Sent = """
        UPDATE event SET state = 'taken', next_attempt_at = NULL WHERE id = ANY($1) AND state = 'waiting'
        """;

    internal const string Failed = """
        UPDATE event e SET next_attempt_at = f.next_at
        FROM unnest($1, $2) AS f (id, next_at) WHERE e.id = f.id AND e.state = 'waiting'
        """;

    public bool IsUrgent(EventRow row) => false;

    public string OfficeSystemOf(EventRow row) => row.OfficeSystemId;

    public async Task<IReadOnlyList<EventRow>> ClaimDueAsync(
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Claim);
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

    public async Task MarkSentAsync(
        IReadOnlyList<EventRow> rows,
        TimeSpan confirmedWithin,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Sent);
        command.Parameters.Add(new() { Value = rows.Select(row => row.Id).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
        metrics.EventsSent(rows.Count);
    }

    public async Task MarkFailedAsync(
        IReadOnlyList<FailedSend<EventRow>> rows,
        CancellationToken cancellationToken
    )
    {
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
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public void Release(EventRow row) { }
}
