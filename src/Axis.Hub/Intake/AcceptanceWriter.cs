using Axis.Hub.Deadlines;
using Axis.Hub.Delivery;
using Axis.Hub.Events;
using Axis.Hub.National;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Axis.Hub.Trust;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Intake;

/// <summary>What the store said to an acceptance.</summary>
public abstract record Acceptance
{
    private Acceptance() { }

    /// <summary>Durable now.</summary>
    public sealed record Written : Acceptance;

    /// <summary>The same bytes were accepted before, with this receipt.</summary>
    public sealed record Repeated(string ReceiptJson) : Acceptance;

    /// <summary>Other bytes were accepted under the same document id.</summary>
    public sealed record Conflicting(Guid PackageId) : Acceptance;

    /// <summary>An act whose letter is not clear.</summary>
    public sealed record Unclear(Errors.ErrorItem Error) : Acceptance;
}

/// <summary>
/// Writes accepted documents, many in one statement and so in one transaction with one sync to disk. The statement
/// first takes the document keys; only packages that took theirs are written by the rest of it.
/// </summary>
public sealed class AcceptanceWriter(
    NpgsqlDataSource database,
    PayloadStore payloads,
    Dispatcher dispatcher,
    InboxSignal inboxes,
    InboxNews news,
    EventBell feed,
    HubMetrics metrics,
    TimeOrderedIds ids,
    IOptions<DeliveryOptions> delivery,
    DeadlinePlan deadlines,
    ICrashPoints crash
)
{
    // One statement: one round trip, and atomic without BEGIN and COMMIT. Rows enter sorted by key, so that two
    // batches which meet take their locks in the same order. "taken" waits for a concurrent writer of the same key
    // and then yields to it (ON CONFLICT DO NOTHING): whoever commits first has the document.
    private const string Write = """
        WITH taken AS (
            INSERT INTO document_key (sender_agency_id, document_id, variant, sha256, package_id)
            SELECT * FROM unnest($1, $2, $3, $4, $5) AS k (sender_agency_id, document_id, variant, sha256, package_id)
            ORDER BY 1, 2, 3
            ON CONFLICT DO NOTHING
            RETURNING package_id
        ),
        packages AS (
            INSERT INTO package (id, received_at, door, office_system_id, sender_agency_id, sender_code, document_id,
                business, code_number, code_notation, promulgated_on, subject, type_name, priority, sha256, size,
                verdict, verdict_reason, receipt, document_verdict, signature_policy, parties, words, paper, due_on)
            SELECT p.id, p.received_at, p.door, p.office_system_id, p.sender_agency_id, p.sender_code, p.document_id,
                p.business, p.code_number, p.code_notation, p.promulgated_on, p.subject, p.type_name, p.priority,
                p.sha256, p.size, p.verdict, p.verdict_reason, p.receipt, p.document_verdict, p.signature_policy,
                p.parties::uuid[], p.words::tsvector, p.paper, p.due_on
            FROM unnest($5, $6, $7, $8, $1, $9, $2, $10, $11, $12, $13, $14, $15, $16, $4, $17, $18, $19, $20,
                $36, $37, $41, $52, $42, $43)
                AS p (id, received_at, door, office_system_id, sender_agency_id, sender_code, document_id,
                business, code_number, code_notation, promulgated_on, subject, type_name, priority, sha256, size,
                verdict, verdict_reason, receipt, document_verdict, signature_policy, parties, words, paper, due_on)
            JOIN taken ON taken.package_id = p.id
        ),
        payloads AS (
            INSERT INTO payload (package_id, bytes)
            SELECT p.* FROM unnest($5, $21) AS p (package_id, bytes)
            JOIN taken ON taken.package_id = p.package_id
        ),
        numbers AS (
            INSERT INTO document_number (number_key, sender_agency_id, package_id, promulgated_on)
            SELECT n.* FROM unnest($40, $1, $5, $13) AS n (number_key, sender_agency_id, package_id, promulgated_on)
            JOIN taken ON taken.package_id = n.package_id
            WHERE n.number_key <> ''
        ),
        deliveries AS (
            INSERT INTO delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route,
                office_system_id, urgent, state, created_at, changed_at, next_attempt_at, substitution, about, dialogue)
            SELECT d.id, d.package_id, d.sender_agency_id, d.recipient_agency_id, d.recipient_code, d.route,
                d.office_system_id, d.urgent, d.state, d.created_at, d.created_at, d.next_attempt_at, d.substitution,
                d.about, d.dialogue
            FROM unnest($22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $35, $38, $39)
                AS d (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route,
                office_system_id, urgent, state, created_at, next_attempt_at, substitution, about, dialogue)
            JOIN taken ON taken.package_id = d.package_id
        ),
        history AS (
            INSERT INTO delivery_history (id, delivery_id, at, what, actor)
            SELECT h.id, h.delivery_id, h.at, 'accepted', h.actor
            FROM unnest($33, $22, $31, $34, $23) AS h (id, delivery_id, at, actor, package_id)
            JOIN taken ON taken.package_id = h.package_id
        ),
        clocks AS (
            INSERT INTO deadline (delivery_id, kind, package_id, sender_agency_id, recipient_agency_id, started_at,
                first_due_at, due_at, next_reminder_at)
            SELECT d.delivery_id, d.kind, d.package_id, d.sender_agency_id, d.recipient_agency_id, d.started_at,
                d.due_at, d.due_at, d.next_reminder_at
            FROM unnest($44, $45, $46, $47, $48, $49, $50, $51)
                AS d (delivery_id, kind, package_id, sender_agency_id, recipient_agency_id, started_at, due_at,
                next_reminder_at)
            JOIN taken ON taken.package_id = d.package_id
        )
        SELECT package_id FROM taken
        """;

    // The message is empty, and only makes this statement's commit wait for the disk and the synchronous standby: the
    // first receipt is given again when what it rests on is there too, even if the first commit was cut off waiting.
    internal const string FirstOf = """
        SELECT k.package_id, k.sha256, coalesce(p.receipt, a.receipt)::text,
            pg_logical_emit_message(true, 'axis', '')
        FROM document_key k
            LEFT JOIN package p ON p.id = k.package_id
            LEFT JOIN archived_receipt a ON a.package_id = k.package_id
        WHERE k.sender_agency_id = $1 AND k.document_id = $2 AND k.variant = $3
        """;

    /// <summary>Writes a batch. Either every document of it that was not there yet is durable, or none is.</summary>
    public async Task<IReadOnlyList<Acceptance>> WriteAsync(
        IReadOnlyList<DocumentAcceptance> batch,
        CancellationToken cancellationToken
    )
    {
        var taken = new HashSet<Guid>();
        await using (var statements = database.CreateBatch())
        {
            AddTo(statements, batch);
            await using var reader = await statements.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                taken.Add(reader.GetGuid(0));
            }
            await reader.NextResultAsync(cancellationToken);
        }
        crash.Pass(CrashPoint.DocumentsCommitted);
        metrics.BatchAccepted(taken.Count);
        var answers = new Acceptance[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            if (taken.Contains(batch[i].PackageId))
            {
                answers[i] = new Acceptance.Written();
                Announce(batch[i]);
                Count(batch[i]);
            }
            else
            {
                answers[i] = await FindFirstAsync(batch[i], cancellationToken);
            }
        }
        return answers;
    }

    /// <summary>Writes one document in the caller's transaction; false when its key is taken, and nothing is written.</summary>
    internal async Task<bool> WriteWithinAsync(
        NpgsqlConnection connection,
        DocumentAcceptance document,
        CancellationToken cancellationToken
    )
    {
        await using var statements = new NpgsqlBatch(connection);
        AddTo(statements, [document]);
        await using var reader = await statements.ExecuteReaderAsync(cancellationToken);
        var taken = await reader.ReadAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        return taken;
    }

    // Without a transaction of its own a batch is one, so what is told commits with what it tells of.
    private void AddTo(NpgsqlBatch statements, IReadOnlyList<DocumentAcceptance> batch)
    {
        var write = new NpgsqlBatchCommand(Write);
        Bind(write.Parameters, batch, delivery.Value.FirstLease);
        statements.BatchCommands.Add(write);
        if (news.PlanOf(batch) is { Count: > 0 } planned)
        {
            statements.BatchCommands.Add(news.WriteOf(planned));
        }
    }

    /// <summary>Whether the document was accepted before; null when it was not.</summary>
    public async Task<Acceptance?> LookUpAsync(
        Guid senderAgencyId,
        string documentId,
        string variant,
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(FirstOf);
        command.Parameters.Add(new() { Value = senderAgencyId });
        command.Parameters.Add(new() { Value = documentId });
        command.Parameters.Add(new() { Value = variant });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        return reader.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(sha256.Span)
            ? new Acceptance.Repeated(reader.GetString(2))
            : new Acceptance.Conflicting(reader.GetGuid(0));
    }

    internal async Task<Acceptance> FindFirstAsync(
        DocumentAcceptance document,
        CancellationToken cancellationToken
    ) =>
        await LookUpAsync(
            document.Document.Sender.Id,
            document.Document.Header.DocumentId!,
            document.Variant,
            document.Sha256,
            cancellationToken
        )
        ?? throw new InvalidOperationException(
            $"Document key of package {document.PackageId} is taken, but its holder is not there"
        );

    // After the commit, and only as a short cut: what is lost here is found by the recovery poll.
    internal void Announce(DocumentAcceptance document)
    {
        foreach (var accepted in document.Deliveries)
        {
            if (accepted.Plan.OfficeSystem is not { } officeSystem)
            {
                inboxes.Ring(Gateway.Bell);
                continue;
            }
            if (accepted.State == "waiting")
            {
                dispatcher.Offer(DispatchItem.Of(document, accepted));
            }
            else
            {
                inboxes.Ring(officeSystem.Id);
                if (officeSystem.AnnouncesArrivals)
                {
                    feed.Ring();
                }
            }
        }
    }

    private void Count(DocumentAcceptance document)
    {
        var envelope = VerdictNames.Of(document.Document.Signatures.Envelope.Kind);
        metrics.SignatureJudged("envelope", envelope);
        metrics.SignatureJudged("document", document.DocumentVerdict);
    }

    private static string PartiesOf(DocumentAcceptance document) =>
        $"{{{string.Join(
            ',',
            document
                .Deliveries.Select(delivery => delivery.Plan.Recipient.Id)
                .Prepend(document.Document.Sender.Id)
                .Distinct()
        )}}}";

    private static bool? PaperOf(EdXml.DocumentHeader header) =>
        header.Business.Paper switch
        {
            "1" => true,
            "0" => false,
            _ => null,
        };

    private void Bind(
        NpgsqlParameterCollection parameters,
        IReadOnlyList<DocumentAcceptance> batch,
        TimeSpan firstLease
    )
    {
        const NpgsqlDbType Array = NpgsqlDbType.Array;
        var headers = batch.Select(document => document.Document.Header).ToArray();
        var rows = batch
            .SelectMany(document => document.Deliveries, (document, row) => (document, row))
            .ToArray();

        Add(NpgsqlDbType.Uuid, batch.Select(document => document.Document.Sender.Id)); // $1
        Add(NpgsqlDbType.Text, headers.Select(header => header.DocumentId!));
        Add(NpgsqlDbType.Text, batch.Select(document => document.Variant));
        Add(NpgsqlDbType.Bytea, batch.Select(document => document.Sha256));
        Add(NpgsqlDbType.Uuid, batch.Select(document => document.PackageId)); // $5
        Add(NpgsqlDbType.TimestampTz, batch.Select(document => document.ReceivedAt));
        Add(NpgsqlDbType.Text, batch.Select(document => DoorNames.Of(document.Door)));
        Add(NpgsqlDbType.Text, batch.Select(document => document.OfficeSystemId));
        Add(NpgsqlDbType.Text, headers.Select(header => header.From.Code!.Value.Value));
        Add(NpgsqlDbType.Smallint, headers.Select(header => (short)header.Business.Type)); // $10
        Add(NpgsqlDbType.Text, headers.Select(header => header.CodeNumber ?? ""));
        Add(NpgsqlDbType.Text, headers.Select(header => header.CodeNotation ?? ""));
        Add(NpgsqlDbType.Date, headers.Select(header => header.PromulgationDate?.Date));
        Add(NpgsqlDbType.Text, headers.Select(header => header.Subject ?? ""));
        Add(NpgsqlDbType.Text, headers.Select(header => header.DocumentType.TypeName ?? "")); // $15
        Add(NpgsqlDbType.Smallint, headers.Select(header => (short)Priorities.Of(header)));
        Add(NpgsqlDbType.Bigint, batch.Select(document => document.Size));
        Add(
            NpgsqlDbType.Text,
            batch.Select(document => VerdictNames.Of(document.Document.Signatures.Envelope.Kind))
        );
        Add(
            NpgsqlDbType.Text,
            batch.Select(document => document.Document.Signatures.Envelope.Reason)
        );
        Add(NpgsqlDbType.Json, batch.Select(document => document.ReceiptJson)); // $20
        Add(NpgsqlDbType.Bytea, batch.Select(document => payloads.Seal(document.InlineBytes)));
        Add(NpgsqlDbType.Uuid, rows.Select(pair => pair.row.Id)); // $22
        Add(NpgsqlDbType.Uuid, rows.Select(pair => pair.document.PackageId));
        Add(NpgsqlDbType.Uuid, rows.Select(pair => pair.document.Document.Sender.Id));
        Add(NpgsqlDbType.Uuid, rows.Select(pair => pair.row.Plan.Recipient.Id)); // $25
        Add(NpgsqlDbType.Text, rows.Select(pair => pair.row.Plan.RecipientCode));
        Add(NpgsqlDbType.Text, rows.Select(pair => pair.row.Plan.Route));
        Add(NpgsqlDbType.Text, rows.Select(pair => pair.row.Plan.OfficeSystem?.Id));
        Add(
            NpgsqlDbType.Boolean,
            rows.Select(pair => Priorities.IsUrgent(pair.document.Document.Header))
        );
        Add(NpgsqlDbType.Text, rows.Select(pair => pair.row.State)); // $30
        Add(NpgsqlDbType.TimestampTz, rows.Select(pair => pair.document.ReceivedAt));
        Add(
            NpgsqlDbType.TimestampTz,
            rows.Select(pair =>
                pair.row.State == "waiting"
                    ? pair.document.ReceivedAt + firstLease
                    : (DateTimeOffset?)null
            )
        );
        Add(NpgsqlDbType.Uuid, rows.Select(_ => ids.Next()));
        Add(NpgsqlDbType.Text, rows.Select(pair => pair.document.OfficeSystemId)); // $34
        Add(
            NpgsqlDbType.Json,
            rows.Select(pair => Substitutions.ToJson(pair.row.Plan.Substitution))
        );
        Add(NpgsqlDbType.Text, batch.Select(document => document.DocumentVerdict));
        Add(
            NpgsqlDbType.Text,
            batch.Select(document => RegistryNames.Of(document.Document.Signatures.Policy))
        ); // $37
        Add(NpgsqlDbType.Uuid, rows.Select(pair => pair.row.About));
        Add(NpgsqlDbType.Text, rows.Select(pair => pair.row.Dialogue)); // $39
        Add(
            NpgsqlDbType.Text,
            headers.Select(header =>
                new DocumentNumber(header.CodeNumber ?? "", header.CodeNotation ?? "").Key
            )
        ); // $40
        // Arrays of arrays must be of one length to be sent; each goes as text.
        Add(NpgsqlDbType.Text, batch.Select(document => PartiesOf(document)));
        Add(NpgsqlDbType.Boolean, headers.Select(header => PaperOf(header)));
        Add(NpgsqlDbType.Date, headers.Select(header => header.DueDate?.Date)); // $43
        var clocks = batch
            .SelectMany(deadlines.Of, (document, clock) => (document, clock))
            .ToArray();
        var recipients =
            clocks.Length == 0
                ? []
                : rows.ToDictionary(pair => pair.row.Id, pair => pair.row.Plan.Recipient.Id);
        Add(NpgsqlDbType.Uuid, clocks.Select(pair => pair.clock.DeliveryId)); // $44
        Add(NpgsqlDbType.Text, clocks.Select(pair => pair.clock.Kind));
        Add(NpgsqlDbType.Uuid, clocks.Select(pair => pair.document.PackageId));
        Add(NpgsqlDbType.Uuid, clocks.Select(pair => pair.document.Document.Sender.Id));
        Add(NpgsqlDbType.Uuid, clocks.Select(pair => recipients[pair.clock.DeliveryId]));
        Add(NpgsqlDbType.TimestampTz, clocks.Select(pair => pair.clock.StartedAt));
        Add(NpgsqlDbType.TimestampTz, clocks.Select(pair => pair.clock.DueAt)); // $50
        Add(NpgsqlDbType.TimestampTz, clocks.Select(pair => pair.clock.NextReminderAt)); // $51
        Add(NpgsqlDbType.Text, batch.Select(document => document.Words)); // $52

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = Array | type, Value = values.ToArray() }
            );
    }
}

/// <summary>Degrees of urgency: 0 normal, 1 khẩn, 2 thượng khẩn, 3 hỏa tốc, 4 hỏa tốc hẹn giờ.</summary>
public static class Priorities
{
    public static int Of(EdXml.DocumentHeader header) =>
        header.OtherInfo.Priority is >= 0 and <= 4 and var p ? p : 0;

    public static bool IsUrgent(EdXml.DocumentHeader header) => Of(header) > 0;
}
