using Axis.Hub.Errors;
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
    PayloadStore payloads,
    LifeChangeWriter changes,
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
        )
        INSERT INTO payload (package_id, bytes) SELECT * FROM unnest($1, $15)
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
        var matches = await StatusMatching.FindAsync(connection, fresh, cancellationToken);
        var found = fresh.Zip(matches).Where(pair => pair.Second.Refusal is null).ToArray();
        var deliveries = await LettersWithUpdates.TakeAsync(
            connection,
            transaction,
            [.. found.Select(pair => pair.Second.DeliveryId)],
            [
                .. found
                    .Where(pair => TakesTheLetter(pair.First.Code))
                    .Select(pair => pair.Second.DeliveryId),
            ],
            cancellationToken
        );

        var outcomes = new Dictionary<Guid, StatusOutcome>();
        var recorded = new List<RecordedReport>();
        for (var i = 0; i < fresh.Length; i++)
        {
            var report = fresh[i];
            if (matches[i].Refusal is { } refusal)
            {
                outcomes[report.ReportId] = new StatusOutcome.Refused(refusal);
                continue;
            }
            var delivery = deliveries[matches[i].DeliveryId];
            if (LacksItsTime(report, delivery) is { } untimed)
            {
                outcomes[report.ReportId] = new StatusOutcome.Refused(untimed);
                continue;
            }
            var one = RecordedReport.Judge(report, delivery);
            recorded.Add(one);
            outcomes[report.ReportId] = new StatusOutcome.Recorded(one.ReceiptJson);
        }
        if (recorded.Count > 0)
        {
            await RecordAsync(connection, recorded, cancellationToken);
        }
        LifeChange[] changed =
        [
            .. recorded.SelectMany(one =>
                (LifeChange[])[one.Change, .. deliveries.GoneWith(one.Change)]
            ),
        ];
        var planned = await changes.WriteAsync(connection, changed, cancellationToken);
        await ReleaseRefusedKeysAsync(connection, fresh, outcomes, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        crash.Pass(CrashPoint.ReportsCommitted);
        changes.Announce(changed, planned);
        await FillRepeatsAsync(batch, outcomes, cancellationToken);
        return [.. batch.Select(report => outcomes[report.ReportId])];
    }

    private static ErrorItem? LacksItsTime(StatusAcceptance report, LockedDelivery delivery) =>
        report.SaidAt is null
        && LifeChange.MustTellItsTime(delivery, LifeEvents.OfCode(report.Code)!.Value)
            ? StatusErrors.AnswerWithoutTime.At(
                report.IsTimedByHub ? "at" : "MessageHeader/Timestamp",
                null,
                report.Code,
                delivery.Id
            )
            : null;

    /// <summary>13 withdraws what is not taken, 15 may confirm that a letter is destroyed.</summary>
    private static bool TakesTheLetter(string code) => code is "13" or "15";

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
        await using var record = new NpgsqlCommand(Record, connection);
        Add(NpgsqlDbType.Uuid, recorded.Select(one => one.Report.ReportId)); // $1
        Add(NpgsqlDbType.TimestampTz, recorded.Select(one => one.Report.ReceivedAt));
        Add(NpgsqlDbType.Text, recorded.Select(one => DoorNames.Of(one.Report.Door)));
        Add(NpgsqlDbType.Text, recorded.Select(one => one.Report.OfficeSystemId));
        Add(NpgsqlDbType.Uuid, recorded.Select(one => one.Report.Report.Reporter.Id)); // $5
        Add(
            NpgsqlDbType.Text,
            recorded.Select(one => one.Report.Report.Header.From.Code!.Value.Value)
        );
        Add(NpgsqlDbType.Uuid, recorded.Select(one => one.Change.Delivery.Id));
        Add(NpgsqlDbType.Text, recorded.Select(one => one.Report.Code));
        Add(NpgsqlDbType.Text, recorded.Select(one => one.Report.Report.Header.Description ?? ""));
        Add(
            NpgsqlDbType.TimestampTz,
            recorded.Select(one => one.Report.Report.Header.Timestamp?.Time?.ToUniversalTime())
        ); // $10
        Add(NpgsqlDbType.Text, recorded.Select(one => OutcomeNames.Of(one.Change.Outcome)));
        Add(NpgsqlDbType.Bytea, recorded.Select(one => one.Report.Sha256));
        Add(NpgsqlDbType.Bigint, recorded.Select(one => (long)one.Report.Bytes.Length));
        Add(NpgsqlDbType.Json, recorded.Select(one => one.ReceiptJson));
        Add(NpgsqlDbType.Bytea, recorded.Select(one => payloads.Seal(one.Report.Bytes))); // $15
        await record.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            record.Parameters.Add(
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
