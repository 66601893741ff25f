using Axis.Hub.Delivery;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Statuses;

/// <summary>
/// Records status reports, many in one transaction: takes their keys, finds and locks their deliveries, judges each by
/// the lifecycle in the order of arrival, and writes report, history, new status and event together.
/// </summary>
public sealed class StatusWriter(
    NpgsqlDataSource database,
    RegistryCache registry,
    PayloadStore payloads,
    EventDispatcher events,
    InboxSignal inboxes,
    HubMetrics metrics,
    TimeOrderedIds ids,
    ICrashPoints crash
)
{
    private const string TakeKeys = """
        INSERT INTO document_key (sender_agency_id, document_id, variant, sha256, package_id)
        SELECT * FROM unnest($1, $2, $3, $4, $5) ORDER BY 1, 2, 3
        ON CONFLICT DO NOTHING
        RETURNING package_id
        """;

    // The message makes the commit wait for the synchronous standby, as in AcceptanceWriter.
    private const string FirstReceipts = """
        SELECT k.sha256, coalesce(r.receipt, a.receipt)::text, pg_logical_emit_message(true, 'axis', '')
        FROM document_key k
            LEFT JOIN status_report r ON r.id = k.package_id
            LEFT JOIN archived_receipt a ON a.package_id = k.package_id
        WHERE k.variant = 'status' AND (k.sender_agency_id, k.document_id) IN (SELECT * FROM unnest($1, $2))
        """;

    private const string Record = """
        WITH reports AS (
            INSERT INTO status_report (id, received_at, door, office_system_id, from_agency_id, from_code, delivery_id,
                status, description, reported_at, outcome, sha256, size, receipt)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ),
        payloads AS (
            INSERT INTO payload (package_id, bytes) SELECT * FROM unnest($1, $15)
        )
        INSERT INTO delivery_history (id, delivery_id, at, what, status, outcome, actor, detail, report_id)
        SELECT h.id, h.delivery_id, h.at, 'status', h.status, h.outcome, h.actor, nullif(h.detail, ''), h.report_id
        FROM unnest($16, $7, $2, $8, $11, $4, $9, $1)
            AS h (id, delivery_id, at, status, outcome, actor, detail, report_id)
        """;

    // A report of the recipient shows that it has the document, whether or not it acknowledged the message.
    private const string Move = """
        UPDATE delivery d
        SET status = m.status, changed_at = m.at,
            state = CASE WHEN m.collected AND d.state IN ('waiting', 'dispatched', 'failed') THEN 'collected' ELSE d.state END,
            next_attempt_at = CASE WHEN m.collected THEN NULL ELSE d.next_attempt_at END
        FROM unnest($1, $2, $3, $4) AS m (id, status, at, collected)
        WHERE d.id = m.id
        """;

    private const string Announce = """
        INSERT INTO event (id, office_system_id, type, at, delivery_id, report_id, body, state, next_attempt_at)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    public async Task<IReadOnlyList<StatusOutcome>> WriteAsync(
        IReadOnlyList<StatusAcceptance> batch,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var taken = await TakeKeysAsync(connection, batch, cancellationToken);
        var fresh = batch.Where(report => taken.Contains(report.ReportId)).ToArray();
        var candidates = await StatusMatching.FindAsync(connection, fresh, cancellationToken);

        var outcomes = new Dictionary<Guid, StatusOutcome>();
        var recorded = new List<RecordedReport>();
        for (var i = 0; i < fresh.Length; i++)
        {
            var report = fresh[i];
            if (StatusMatching.Choose(report, candidates[i], out var delivery) is { } refusal)
            {
                outcomes[report.ReportId] = new StatusOutcome.Refused(refusal);
                continue;
            }
            var outcome = Lifecycle.Judge(delivery!.Status, report.Code);
            if (outcome == ReportOutcome.Applied)
            {
                delivery.Status = report.Code;
            }
            var one = RecordedReport.Of(report, delivery, outcome);
            recorded.Add(one);
            outcomes[report.ReportId] = new StatusOutcome.Recorded(one.ReceiptJson);
        }
        if (recorded.Count > 0)
        {
            await RecordAsync(connection, recorded, cancellationToken);
        }
        var announced = PlanEvents(recorded);
        if (announced.Count > 0)
        {
            await AnnounceAsync(connection, announced, cancellationToken);
        }
        await ReleaseRefusedKeysAsync(connection, fresh, outcomes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        crash.Pass(CrashPoint.ReportsCommitted);

        foreach (var report in recorded)
        {
            metrics.StatusReported(report.Report.Code, OutcomeNames.Of(report.Outcome));
        }
        foreach (var (row, door, _) in announced)
        {
            if (door == Door.Amqp)
            {
                events.Offer(row);
            }
            else
            {
                inboxes.Ring(row.OfficeSystemId);
            }
        }
        await FillRepeatsAsync(batch, outcomes, cancellationToken);
        return [.. batch.Select(report => outcomes[report.ReportId])];
    }

    // The same bytes are the same report, whoever sends them again.
    private static string KeyOf(StatusAcceptance report) => Convert.ToHexStringLower(report.Sha256);

    private static async Task<HashSet<Guid>> TakeKeysAsync(
        NpgsqlConnection connection,
        IReadOnlyList<StatusAcceptance> batch,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(TakeKeys, connection);
        command.Parameters.Add(
            new() { Value = batch.Select(report => report.Report.Reporter.Id).ToArray() }
        );
        command.Parameters.Add(new() { Value = batch.Select(KeyOf).ToArray() });
        command.Parameters.Add(new() { Value = batch.Select(_ => "status").ToArray() });
        command.Parameters.Add(new() { Value = batch.Select(report => report.Sha256).ToArray() });
        command.Parameters.Add(new() { Value = batch.Select(report => report.ReportId).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var taken = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            taken.Add(reader.GetGuid(0));
        }
        return taken;
    }

    // A report that matches nothing today may match tomorrow (it overtook its document): it must not count as a repeat.
    private static async Task ReleaseRefusedKeysAsync(
        NpgsqlConnection connection,
        StatusAcceptance[] fresh,
        Dictionary<Guid, StatusOutcome> outcomes,
        CancellationToken cancellationToken
    )
    {
        var refused = fresh
            .Where(report => outcomes[report.ReportId] is StatusOutcome.Refused)
            .ToArray();
        if (refused.Length == 0)
        {
            return;
        }
        await using var command = new NpgsqlCommand(
            """
            DELETE FROM document_key
            WHERE variant = 'status' AND (sender_agency_id, document_id) IN (SELECT * FROM unnest($1, $2))
            """,
            connection
        );
        command.Parameters.Add(
            new() { Value = refused.Select(report => report.Report.Reporter.Id).ToArray() }
        );
        command.Parameters.Add(new() { Value = refused.Select(KeyOf).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task RecordAsync(
        NpgsqlConnection connection,
        List<RecordedReport> recorded,
        CancellationToken cancellationToken
    )
    {
        const NpgsqlDbType Array = NpgsqlDbType.Array;
        await using var batch = new NpgsqlBatch(connection);
        var record = new NpgsqlBatchCommand(Record);
        Add(record, NpgsqlDbType.Uuid, recorded.Select(one => one.Report.ReportId)); // $1
        Add(record, NpgsqlDbType.TimestampTz, recorded.Select(one => one.Report.ReceivedAt));
        Add(record, NpgsqlDbType.Text, recorded.Select(one => DoorNames.Of(one.Report.Door)));
        Add(record, NpgsqlDbType.Text, recorded.Select(one => one.Report.OfficeSystemId));
        Add(record, NpgsqlDbType.Uuid, recorded.Select(one => one.Report.Report.Reporter.Id)); // $5
        Add(
            record,
            NpgsqlDbType.Text,
            recorded.Select(one => one.Report.Report.Header.From.Code!.Value.Value)
        );
        Add(record, NpgsqlDbType.Uuid, recorded.Select(one => one.Delivery.Id));
        Add(record, NpgsqlDbType.Text, recorded.Select(one => one.Report.Code));
        Add(
            record,
            NpgsqlDbType.Text,
            recorded.Select(one => one.Report.Report.Header.Description ?? "")
        );
        Add(
            record,
            NpgsqlDbType.TimestampTz,
            recorded.Select(one => one.Report.Report.Header.Timestamp?.Time?.ToUniversalTime())
        ); // $10
        Add(record, NpgsqlDbType.Text, recorded.Select(one => OutcomeNames.Of(one.Outcome)));
        Add(record, NpgsqlDbType.Bytea, recorded.Select(one => one.Report.Sha256));
        Add(record, NpgsqlDbType.Bigint, recorded.Select(one => (long)one.Report.Bytes.Length));
        Add(record, NpgsqlDbType.Json, recorded.Select(one => one.ReceiptJson));
        Add(record, NpgsqlDbType.Bytea, recorded.Select(one => payloads.Seal(one.Report.Bytes))); // $15
        Add(record, NpgsqlDbType.Uuid, recorded.Select(_ => ids.Next()));
        batch.BatchCommands.Add(record);

        // Of several reports about one delivery the last applied one is its status.
        var moved = recorded
            .Where(one => one.Outcome == ReportOutcome.Applied)
            .GroupBy(one => one.Delivery.Id)
            .Select(group => group.Last())
            .OrderBy(one => one.Delivery.Id)
            .ToArray();
        if (moved.Length > 0)
        {
            var move = new NpgsqlBatchCommand(Move);
            Add(move, NpgsqlDbType.Uuid, moved.Select(one => one.Delivery.Id));
            Add(move, NpgsqlDbType.Text, moved.Select(one => one.Report.Code));
            Add(move, NpgsqlDbType.TimestampTz, moved.Select(one => one.Report.ReceivedAt));
            Add(
                move,
                NpgsqlDbType.Boolean,
                moved.Select(one => !Lifecycle.IsRaisedBySender(one.Report.Code))
            );
            batch.BatchCommands.Add(move);
        }
        await batch.ExecuteNonQueryAsync(cancellationToken);

        static void Add<T>(NpgsqlBatchCommand command, NpgsqlDbType type, IEnumerable<T> values) =>
            command.Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = Array | type, Value = values.ToArray() }
            );
    }

    /// <summary>The other side of the delivery hears of every report, late ones included, if it is connected here.</summary>
    private List<(EventRow Row, Door Door, RecordedReport Report)> PlanEvents(
        List<RecordedReport> recorded
    )
    {
        var snapshot = registry.Current;
        var planned = new List<(EventRow, Door, RecordedReport)>();
        foreach (var one in recorded)
        {
            var report = one.Report;
            if (
                one.Outcome == ReportOutcome.Repeated
                || ListenerOf(one, snapshot) is not { } officeSystem
            )
            {
                continue;
            }
            var id = ids.Next();
            var header = report.Report.Header;
            var body = CloudEvent.OfStatus(
                id,
                report.ReceivedAt,
                new StatusEventData(
                    one.Delivery.Id,
                    one.Delivery.PackageId,
                    one.Delivery.DocumentId,
                    one.Delivery.RecipientCode,
                    report.Recipient.PrimaryCode,
                    report.Code,
                    StatusNames.Of(report.Code),
                    header.Description,
                    header.Timestamp?.Time,
                    OutcomeNames.Of(one.Outcome),
                    one.Delivery.Substitution,
                    one.Delivery.Signature,
                    one.Delivery.DocumentVerdict,
                    report.Bytes
                )
            );
            planned.Add(
                (
                    new EventRow(id, officeSystem.Id, CloudEvent.DeliveryStatus, body.ToJson(), 0),
                    officeSystem.InboxDoor,
                    one
                )
            );
        }
        return planned;
    }

    /// <summary>
    /// The office system of the letter's other side as it stands today. Nobody there any more: what the recipient says
    /// goes to the office system that sent the letter.
    /// </summary>
    private static OfficeSystem? ListenerOf(RecordedReport one, RegistrySnapshot snapshot)
    {
        var at = one.Report.ReceivedAt;
        return Lifecycle.IsRaisedBySender(one.Report.Code)
            ? snapshot.OfficeSystemFor(one.Delivery.RecipientAgencyId, at)
            : snapshot.OfficeSystemFor(one.Delivery.SenderAgencyId, at)
                ?? (
                    snapshot.AgencyById(one.Delivery.SenderAgencyId)?.Reach == AgencyReach.Province
                        ? snapshot.OfficeSystem(one.Delivery.SentBy)
                        : null
                );
    }

    private async Task AnnounceAsync(
        NpgsqlConnection connection,
        List<(EventRow Row, Door Door, RecordedReport Report)> announced,
        CancellationToken cancellationToken
    )
    {
        const NpgsqlDbType Array = NpgsqlDbType.Array;
        await using var command = new NpgsqlCommand(Announce, connection);
        Add(NpgsqlDbType.Uuid, announced.Select(one => one.Row.Id));
        Add(NpgsqlDbType.Text, announced.Select(one => one.Row.OfficeSystemId));
        Add(NpgsqlDbType.Text, announced.Select(one => one.Row.Type));
        Add(NpgsqlDbType.TimestampTz, announced.Select(one => one.Report.Report.ReceivedAt));
        Add(NpgsqlDbType.Uuid, announced.Select(one => one.Report.Delivery.Id));
        Add(NpgsqlDbType.Uuid, announced.Select(one => one.Report.Report.ReportId));
        Add(NpgsqlDbType.Json, announced.Select(one => one.Row.Body));
        Add(
            NpgsqlDbType.Text,
            announced.Select(one => one.Door == Door.Amqp ? "waiting" : "listed")
        );
        Add(
            NpgsqlDbType.TimestampTz,
            announced.Select(one =>
                one.Door == Door.Amqp
                    ? one.Report.Report.ReceivedAt + events.FirstLease
                    : (DateTimeOffset?)null
            )
        );
        await command.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            command.Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = Array | type, Value = values.ToArray() }
            );
    }

    private async Task FillRepeatsAsync(
        IReadOnlyList<StatusAcceptance> batch,
        Dictionary<Guid, StatusOutcome> outcomes,
        CancellationToken cancellationToken
    )
    {
        var repeats = batch.Where(report => !outcomes.ContainsKey(report.ReportId)).ToArray();
        if (repeats.Length == 0)
        {
            return;
        }
        await using var command = database.CreateCommand(FirstReceipts);
        command.Parameters.Add(
            new() { Value = repeats.Select(report => report.Report.Reporter.Id).ToArray() }
        );
        command.Parameters.Add(new() { Value = repeats.Select(KeyOf).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var receipts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            receipts[Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0))] = reader.GetString(
                1
            );
        }
        foreach (var report in repeats)
        {
            outcomes[report.ReportId] = receipts.TryGetValue(KeyOf(report), out var receipt)
                ? new StatusOutcome.Repeated(receipt)
                // Its twin in this batch was refused, and so is it.
                : outcomes[
                    batch
                        .First(twin =>
                            outcomes.ContainsKey(twin.ReportId) && KeyOf(twin) == KeyOf(report)
                        )
                        .ReportId
                ];
        }
    }
}
