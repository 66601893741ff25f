using System.Text;
using System.Text.Json;
using Axis.EdXml;
using Axis.Hub.Broker;
using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>The deliveries that wait to be put on an inbox queue, and what becomes of them.</summary>
public sealed class DeliveryOutbox(
    NpgsqlDataSource database,
    PayloadStore payloads,
    GivenUpDeliveries givenUp,
    DispatchMarks marks,
    IOptions<DeliveryOptions> options,
    HubMetrics metrics,
    TimeProvider clock
) : IParkingOutbox<DispatchItem>
{
    private const string ClaimedColumns =
        "d.id, d.package_id, d.office_system_id, d.urgent, d.attempts, d.recipient_code, d.substitution, d.failure";

    // SKIP LOCKED: nodes that poll at the same moment take different rows instead of waiting for each other.
    internal const string Claim = $"""
        WITH urgent AS (
            SELECT id FROM delivery
            WHERE state = 'waiting' AND urgent AND next_attempt_at <= $1
            ORDER BY next_attempt_at LIMIT $2
            FOR UPDATE SKIP LOCKED
        ),
        normal AS (
            SELECT id FROM delivery
            WHERE state = 'waiting' AND NOT urgent AND next_attempt_at <= $1
            ORDER BY next_attempt_at LIMIT $2 - (SELECT count(*) FROM urgent)
            FOR UPDATE SKIP LOCKED
        ),
        claimed AS (
            UPDATE delivery d SET next_attempt_at = $1 + $3, attempts = d.attempts + 1
            FROM (SELECT id FROM urgent UNION ALL SELECT id FROM normal) AS due WHERE d.id = due.id
            RETURNING {ClaimedColumns}
        )
        """;

    // The probe of a route whose breaker is open: one parked delivery, under a lease.
    private static readonly string ClaimProbes = $"""
        {BreakerTables.Inboxes.TakeProbes},
        claimed AS (
            UPDATE delivery d SET next_attempt_at = $1 + $3, attempts = d.attempts + 1
            FROM parked WHERE d.id = parked.id
            RETURNING {ClaimedColumns}
        )
        """;

    private const string Claimed = """
        SELECT c.id, c.package_id, c.office_system_id, c.urgent, c.attempts, p.document_id, p.sender_code,
            c.recipient_code, p.priority, p.business, p.verdict, p.document_verdict, p.sha256, p.size,
            c.substitution::text, c.failure
        FROM claimed c JOIN package p ON p.id = c.package_id
        ORDER BY c.urgent DESC, c.id
        """;

    internal const string ClaimStatement = Claim + "\n" + Claimed;
    internal static readonly string ClaimProbesStatement = ClaimProbes + "\n" + Claimed;

    // The last word on when it is tried again has the breaker of its route.
    internal const string Failed = """
        UPDATE delivery d
        SET last_error = f.reason, failure = f.failure, changed_at = $4,
            attempts = CASE WHEN f.is_first THEN 1 ELSE greatest(d.attempts - f.uncounted, 0) END,
            next_attempt_at = CASE WHEN b.state = 'open' THEN 'infinity' ELSE f.next_at END
        FROM unnest($1, $2, $3, $5, $6, $7, $8, $11)
                AS f (id, reason, next_at, failure, uncounted, breaker, office_system_id, is_first)
            LEFT JOIN route_breaker b ON b.office_system_id = f.breaker
        WHERE d.id = f.id AND d.office_system_id = f.office_system_id AND d.state = 'waiting'
            AND d.id BETWEEN $9 AND $10
        """;

    // Only while the breaker is open, so that what another node has just closed is not put away again.
    internal const string Park = """
        UPDATE delivery d SET next_attempt_at = 'infinity', attempts = greatest(d.attempts - f.uncounted, 0)
        FROM unnest($1, $2) AS f (id, uncounted)
        WHERE d.id = f.id AND d.id BETWEEN $3 AND $4 AND d.state = 'waiting' AND EXISTS (
            SELECT 1 FROM route_breaker b WHERE b.office_system_id = d.office_system_id AND b.state = 'open')
        """;

    private long _heldBytes;

    public bool IsUrgent(DispatchItem row) => row.Urgent;

    public string OfficeSystemOf(DispatchItem row) => row.OfficeSystemId;

    /// <summary>
    /// The item as it may wait in memory: with its bytes while there is room for them, without beyond that.
    /// </summary>
    public DispatchItem Hold(DispatchItem row)
    {
        if (row.Bytes is not { } bytes)
        {
            return row;
        }
        if (
            bytes.Length > options.Value.InlineMessageBytes
            || Interlocked.Add(ref _heldBytes, bytes.Length) > options.Value.WaitingBytes
        )
        {
            if (bytes.Length <= options.Value.InlineMessageBytes)
            {
                Interlocked.Add(ref _heldBytes, -bytes.Length);
            }
            return row with { Bytes = null };
        }
        return row;
    }

    public void Release(DispatchItem row)
    {
        if (row.Bytes is { } bytes)
        {
            Interlocked.Add(ref _heldBytes, -bytes.Length);
        }
    }

    public Task<IReadOnlyList<DispatchItem>> ClaimDueAsync(
        int limit,
        CancellationToken cancellationToken
    ) => ClaimAsync(ClaimStatement, limit, cancellationToken);

    /// <summary>One delivery for each route that is to be tried again. Routes with nothing parked have none.</summary>
    public Task<IReadOnlyList<DispatchItem>> ClaimProbesAsync(
        int limit,
        CancellationToken cancellationToken
    ) => ClaimAsync(ClaimProbesStatement, limit, cancellationToken);

    public async Task ParkAsync(
        IReadOnlyList<DispatchItem> rows,
        CancellationToken cancellationToken
    )
    {
        rows = InOrder(rows, row => row);
        await using var command = database.CreateCommand(Park);
        command.Parameters.Add(new() { Value = rows.Select(row => row.DeliveryId).ToArray() });
        command.Parameters.Add(new() { Value = rows.Select(Uncounted).ToArray() });
        AddBounds(command, rows);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<DispatchItem>> ClaimAsync(
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
        var due = new List<DispatchItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(
                new DispatchItem(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetString(2),
                    reader.GetBoolean(3),
                    reader.GetInt32(4),
                    reader.GetString(5),
                    reader.GetString(6),
                    reader.GetString(7),
                    reader.GetInt16(8),
                    BusinessNames.Of((BusinessType)reader.GetInt16(9)),
                    reader.GetString(10),
                    reader.GetString(11),
                    reader.GetFieldValue<byte[]>(12),
                    reader.GetInt64(13),
                    Substitutions.Of(
                        await reader.IsDBNullAsync(14, cancellationToken)
                            ? null
                            : reader.GetString(14)
                    ),
                    null
                )
                {
                    LastFailure = await reader.IsDBNullAsync(15, cancellationToken)
                        ? null
                        : reader.GetString(15),
                }
            );
        }
        return due;
    }

    public async Task<OutgoingMessage> ToMessageAsync(
        DispatchItem row,
        CancellationToken cancellationToken
    )
    {
        var inline = row.Size <= options.Value.InlineMessageBytes;
        return new OutgoingMessage(
            Topology.Inbox(row.OfficeSystemId, row.Urgent),
            row.DeliveryId.ToString(),
            "axis.document",
            inline ? "application/xml" : "application/vnd.axis.claim+json",
            inline ? row.Bytes ?? await ReadAsync(row, cancellationToken) : ClaimCheckOf(row),
            Headers: HeadersOf(row)
        );
    }

    public FailedSend<DispatchItem> Unreadable(DispatchItem row, Exception failure) =>
        failure switch
        {
            INamedFailure named => new(row, SendFault.Row, named.Failure, named.Reason),
            _ when StoreFaults.MayPass(failure) => new(
                row,
                SendFault.Store,
                "store_away",
                "the package could not be read just now"
            ),
            _ => new(row, SendFault.Row, "unreadable", "the package cannot be read"),
        };

    private static Dictionary<string, object?> HeadersOf(DispatchItem row)
    {
        var headers = new Dictionary<string, object?>
        {
            ["x-axis-package-id"] = row.PackageId.ToString(),
            ["x-axis-document-id"] = row.DocumentId,
            ["x-axis-business"] = row.Business,
            ["x-axis-sender"] = row.Sender,
            ["x-axis-recipient"] = row.Recipient,
            ["x-axis-priority"] = row.Priority,
            ["x-axis-sha256"] = Convert.ToHexStringLower(row.Sha256),
            ["x-axis-size"] = row.Size,
            ["x-axis-signature"] = row.Signature,
            ["x-axis-document-verdict"] = row.DocumentVerdict,
        };
        if (row.Substitution is { } substitution)
        {
            headers["x-axis-substitution"] = substitution.ToHeader();
        }
        return headers;
    }

    public async Task MarkSentAsync(
        IReadOnlyList<DispatchItem> rows,
        long generation,
        TimeSpan confirmedWithin,
        CancellationToken cancellationToken
    )
    {
        rows = InOrder(rows, row => row);
        await marks.MarkAsync(rows, generation, cancellationToken);
        metrics.DeliveriesDispatched(rows.Count);
        metrics.BatchConfirmedWithin(confirmedWithin);
    }

    public async Task MarkFailedAsync(
        IReadOnlyList<FailedSend<DispatchItem>> rows,
        CancellationToken cancellationToken
    )
    {
        var (over, again) = (
            rows.Where(IsGivenUp).ToArray(),
            InOrder(rows.Where(row => !IsGivenUp(row)), failed => failed.Row)
        );
        if (over.Length > 0)
        {
            await givenUp.SetAsideAsync(over, cancellationToken);
        }
        if (again.Length > 0)
        {
            await MarkForAnotherTryAsync(again, cancellationToken);
        }
        metrics.DispatchFailed(rows.Count);
    }

    private async Task MarkForAnotherTryAsync(
        FailedSend<DispatchItem>[] rows,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(Failed);
        command.Parameters.Add(
            new() { Value = rows.Select(failed => failed.Row.DeliveryId).ToArray() }
        );
        command.Parameters.Add(new() { Value = rows.Select(failed => failed.Reason).ToArray() });
        command.Parameters.Add(
            new() { Value = rows.Select(failed => NextAttempt(failed, now)).ToArray() }
        );
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = rows.Select(failed => failed.Failure).ToArray() });
        command.Parameters.Add(
            new()
            {
                // An outage of the broker says nothing about a delivery.
                Value = rows.Select(failed =>
                        failed.Fault == SendFault.Broker ? Uncounted(failed.Row) : 0
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
        command.Parameters.Add(
            new() { Value = rows.Select(failed => failed.Row.OfficeSystemId).ToArray() }
        );
        AddBounds(command, [.. rows.Select(failed => failed.Row)]);
        command.Parameters.Add(
            new()
            {
                Value = rows.Select(failed =>
                        failed.Fault == SendFault.Row && AttemptsInARow(failed) == 1
                    )
                    .ToArray(),
            }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private bool IsGivenUp(FailedSend<DispatchItem> failed) =>
        failed.Fault == SendFault.Row && AttemptsInARow(failed) >= options.Value.MaxAttempts;

    // What its queue or the store cost before is not held against a package that cannot be read.
    private static int AttemptsInARow(FailedSend<DispatchItem> failed) =>
        failed.Failure == failed.Row.LastFailure ? Math.Max(failed.Row.Attempts, 1) : 1;

    private DateTimeOffset NextAttempt(FailedSend<DispatchItem> failed, DateTimeOffset now) =>
        failed.Fault switch
        {
            // Nothing is claimed while the broker is away, so there is nothing to back off from.
            SendFault.Broker => Backoff.NextAttempt(options.Value, 0, now),
            SendFault.Row => Backoff.NextAttempt(options.Value, AttemptsInARow(failed), now),
            _ => Backoff.NextAttempt(options.Value, failed.Row.Attempts, now),
        };

    // Everybody who locks deliveries does so in the order of their ids, or two could wait for each other.
    private static TSend[] InOrder<TSend>(
        IEnumerable<TSend> sends,
        Func<TSend, DispatchItem> rowOf
    ) => [.. sends.OrderBy(send => rowOf(send).DeliveryId)];

    // In an array the planner cannot see to which month rows belong; with their bounds it passes by all others.
    private static void AddBounds(NpgsqlCommand command, IReadOnlyCollection<DispatchItem> rows)
    {
        var (least, greatest) = IdDays.Bounds([.. rows.Select(row => row.DeliveryId)]);
        command.Parameters.Add(new() { Value = least });
        command.Parameters.Add(new() { Value = greatest });
    }

    // What was claimed counted as an attempt; what was offered from memory did not.
    private static int Uncounted(DispatchItem row) => row.Attempts > 0 ? 1 : 0;

    private async Task<byte[]> ReadAsync(DispatchItem row, CancellationToken cancellationToken)
    {
        await using var content =
            await payloads.OpenAsync(row.PackageId, row.Sha256, cancellationToken)
            ?? throw PayloadUnusableException.Missing();
        var bytes = new byte[row.Size];
        await content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private static byte[] ClaimCheckOf(DispatchItem row) =>
        Encoding.UTF8.GetBytes(
            JsonSerializer.Serialize(
                new
                {
                    row.DeliveryId,
                    row.PackageId,
                    Sha256 = Convert.ToHexStringLower(row.Sha256),
                    row.Size,
                    Path = $"/v1/inbox/{row.DeliveryId}/content",
                },
                HubJson.Options
            )
        );
}
