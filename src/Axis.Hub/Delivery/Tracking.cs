using System.Text.Json;
using Axis.EdXml;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Trust;
using Dapper;
using Npgsql;

namespace Axis.Hub.Delivery;

public sealed record PackageView(
    Guid PackageId,
    string DocumentId,
    string Business,
    string Sender,
    string? SenderName,
    string Subject,
    string CodeNumber,
    string CodeNotation,
    DateOnly? PromulgatedOn,
    int Priority,
    long Size,
    string Sha256,
    DateTimeOffset ReceivedAt,
    string Signature,
    string? SignatureReason,
    string? SignatureReasonVi,
    string DocumentVerdict,
    string SignaturePolicy,
    IReadOnlyList<AttachmentSummary> Attachments,
    IReadOnlyList<LinkView> Links,
    IReadOnlyList<DeliveryView> Deliveries
);

public sealed record DeliveryView(
    Guid DeliveryId,
    string Recipient,
    string? Agency,
    string? AgencyName,
    string Route,
    string? OfficeSystem,
    string State,
    string? Status,
    string Stage,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    string? LastError,
    Substitution? Substitution,
    IReadOnlyList<HistoryView> History,
    IReadOnlyList<DialogueView> Dialogues
);

/// <summary>A question of the sender and its answer.</summary>
/// <param name="Kind">recall or update.</param>
/// <param name="State">asked, agreed, declined, overtaken or closed.</param>
public sealed record DialogueView(
    string Kind,
    string State,
    DateTimeOffset AskedAt,
    string? Reason,
    DateTimeOffset? AnsweredAt,
    int Reminders
);

/// <summary>Another package of the same sender that this one is tied to.</summary>
/// <param name="Relation">recalls, updates, replaces, or from the letter's side recalledBy, updatedBy, replacedBy.</param>
public sealed record LinkView(string Relation, Guid PackageId, string DocumentId);

public sealed record HistoryView(
    DateTimeOffset At,
    string What,
    string? Status,
    string? Outcome,
    string Actor,
    string? Detail
);

/// <summary>Where a letter is: its packages, every recipient's state, and the history of each.</summary>
public sealed class Tracking(NpgsqlDataSource database, RegistryCache registry)
{
    private const int MaxPackages = 50;

    private const string Columns = """
        p.id, p.document_id AS documentid, p.business, p.sender_code AS sendercode, p.sender_agency_id AS senderagencyid,
        p.subject, p.code_number AS codenumber, p.code_notation AS codenotation, p.promulgated_on AS promulgatedon,
        p.priority, p.size, p.sha256, p.received_at AS receivedat, p.verdict,
        p.document_verdict AS documentverdict, p.signature_policy AS signaturepolicy,
        p.receipt->'signature'->>'reason' AS signaturereason, p.receipt->'signature'->>'reasonVi' AS signaturereasonvi,
        (p.receipt->'attachments')::text AS attachments
        """;

    private const string Visible = """
        (@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies) OR EXISTS (
            SELECT 1 FROM delivery v WHERE v.package_id = p.id AND v.recipient_agency_id = ANY(@agencies)))
        """;

    private const string Deliveries = """
        SELECT d.id, d.package_id AS packageid, d.recipient_code AS recipientcode,
            delivery_stage(d.state, d.work, d.dialogue) AS stage, d.recipient_agency_id AS recipientagencyid, d.route,
            d.office_system_id AS officesystemid, d.state,
            d.status, d.attempts, d.last_error AS lasterror, d.substitution::text AS substitution,
            CASE WHEN d.next_attempt_at = 'infinity' THEN b.next_probe_at ELSE d.next_attempt_at END AS nextattemptat
        FROM delivery d JOIN package p ON p.id = d.package_id
            LEFT JOIN route_breaker b ON b.office_system_id = d.office_system_id
        WHERE d.package_id = ANY(@packages)
            AND (@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies)
                OR d.recipient_agency_id = ANY(@agencies))
        ORDER BY d.id
        """;

    private const string History = """
        SELECT delivery_id AS deliveryid, at, what, status, outcome, actor, detail
        FROM delivery_history WHERE delivery_id = ANY(@deliveries) ORDER BY id
        """;

    private const string Questions = """
        SELECT delivery_id AS deliveryid, kind, state, asked_at AS askedat, reason, answered_at AS answeredat, reminders
        FROM dialogue WHERE delivery_id = ANY(@deliveries) ORDER BY id
        """;

    // From the act to its letters, and from the letter to the acts about it: those that the caller may see too.
    private const string Links = $"""
        SELECT l.package_id AS frompackageid, l.business, true AS forth, p.id AS packageid, p.document_id AS documentid
        FROM package_link l JOIN package p ON p.id = l.target_package_id
        WHERE l.package_id = ANY(@packages) AND {Visible}
        UNION ALL
        SELECT l.target_package_id, l.business, false, p.id, p.document_id
        FROM package_link l JOIN package p ON p.id = l.package_id
        WHERE l.target_package_id = ANY(@packages) AND {Visible}
        ORDER BY packageid
        """;

    // A recipient may read what it still has: not what was taken back, nor what it confirmed to have destroyed.
    private const string Readable = """
        (@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies) OR EXISTS (
            SELECT 1 FROM delivery v WHERE v.package_id = p.id AND v.recipient_agency_id = ANY(@agencies)
                AND v.state NOT IN ('withdrawn', 'replaced', 'expired')
                AND v.dialogue IS DISTINCT FROM 'recall_agreed'))
        """;

    public Task<IReadOnlyList<PackageView>> ByDocumentIdAsync(
        string documentId,
        Sees sees,
        CancellationToken cancellationToken
    ) =>
        FindAsync(
            "p.id IN (SELECT package_id FROM document_key WHERE document_id = @documentId AND variant <> 'status')",
            new() { ["documentId"] = documentId },
            sees,
            cancellationToken
        );

    /// <summary>By number and notation as people write them: 15/UBND-VP.</summary>
    public Task<IReadOnlyList<PackageView>> ByNumberAsync(
        string number,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        return FindAsync(
            "p.id IN (SELECT package_id FROM document_number WHERE number_key = @number)",
            new() { ["number"] = DocumentNumber.Parse(number).Key },
            sees,
            cancellationToken
        );
    }

    public async Task<PackageView?> ByPackageIdAsync(
        Guid packageId,
        Sees sees,
        CancellationToken cancellationToken
    ) =>
        (
            await FindAsync("p.id = @id", new() { ["id"] = packageId }, sees, cancellationToken)
        ).SingleOrDefault();

    /// <summary>Where the bytes are, for a sender or a recipient of the package.</summary>
    public async Task<StoredContent?> ContentAsync(
        Guid packageId,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var found = await connection.QuerySingleOrDefaultAsync<PackageRow>(
            new CommandDefinition(
                $"SELECT p.id, p.sha256, p.size FROM package p WHERE p.id = @packageId AND {Readable}",
                new { packageId, agencies = sees.Agencies },
                cancellationToken: cancellationToken
            )
        );
        return found is null ? null : new StoredContent(found.Id, found.Sha256, found.Size);
    }

    private async Task<IReadOnlyList<PackageView>> FindAsync(
        string condition,
        Dictionary<string, object?> parameters,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        var agencies = sees.Agencies;
        parameters["agencies"] = agencies;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var packages = (
            await connection.QueryAsync<PackageRow>(
                new CommandDefinition(
                    $"""
                    SELECT {Columns} FROM package p
                    WHERE {condition} AND {Visible}
                    ORDER BY p.id DESC LIMIT {MaxPackages}
                    """,
                    parameters,
                    cancellationToken: cancellationToken
                )
            )
        ).ToArray();
        if (packages.Length == 0)
        {
            return [];
        }
        var deliveries = (
            await connection.QueryAsync<DeliveryRow>(
                new CommandDefinition(
                    Deliveries,
                    new { packages = packages.Select(package => package.Id).ToArray(), agencies },
                    cancellationToken: cancellationToken
                )
            )
        ).ToArray();
        var history = (
            await connection.QueryAsync<HistoryRow>(
                new CommandDefinition(
                    History,
                    new { deliveries = deliveries.Select(delivery => delivery.Id).ToArray() },
                    cancellationToken: cancellationToken
                )
            )
        ).ToLookup(row => row.DeliveryId);
        var ofThese = new
        {
            packages = packages.Select(package => package.Id).ToArray(),
            deliveries = deliveries.Select(delivery => delivery.Id).ToArray(),
            agencies,
        };
        var questions = (
            await connection.QueryAsync<QuestionRow>(
                new CommandDefinition(Questions, ofThese, cancellationToken: cancellationToken)
            )
        ).ToLookup(row => row.DeliveryId);
        var links = (
            await connection.QueryAsync<LinkRow>(
                new CommandDefinition(Links, ofThese, cancellationToken: cancellationToken)
            )
        ).ToLookup(row => row.FromPackageId);
        var byPackage = deliveries.ToLookup(delivery => delivery.PackageId);
        var snapshot = registry.Current;
        return
        [
            .. packages.Select(package =>
                ViewOf(
                    package,
                    [.. links[package.Id].Select(LinkOf)],
                    byPackage[package.Id],
                    history,
                    questions,
                    snapshot,
                    sees.IsEverything
                )
            ),
        ];
    }

    private static PackageView ViewOf(
        PackageRow package,
        IReadOnlyList<LinkView> links,
        IEnumerable<DeliveryRow> deliveries,
        ILookup<Guid, HistoryRow> history,
        ILookup<Guid, QuestionRow> questions,
        RegistrySnapshot snapshot,
        // The broker\'s own words about a failure are for the IT centre.
        bool isOperator
    ) =>
        new(
            package.Id,
            package.DocumentId,
            BusinessNames.Of((BusinessType)package.Business),
            package.SenderCode,
            snapshot.AgencyById(package.SenderAgencyId)?.Name,
            package.Subject,
            package.CodeNumber,
            package.CodeNotation,
            package.PromulgatedOn,
            package.Priority,
            package.Size,
            Convert.ToHexStringLower(package.Sha256),
            package.ReceivedAt,
            package.Verdict,
            package.SignatureReason,
            package.SignatureReasonVi,
            package.DocumentVerdict,
            package.SignaturePolicy,
            package.Attachments is null
                ? []
                : JsonSerializer.Deserialize<AttachmentSummary[]>(
                    package.Attachments,
                    HubJson.Options
                )!,
            links,
            [
                .. deliveries.Select(delivery =>
                {
                    var agency = snapshot.AgencyById(delivery.RecipientAgencyId);
                    return new DeliveryView(
                        delivery.Id,
                        delivery.RecipientCode,
                        agency?.PrimaryCode,
                        agency?.Name,
                        delivery.Route,
                        delivery.OfficeSystemId,
                        delivery.State,
                        delivery.Status,
                        delivery.Stage,
                        delivery.Attempts,
                        delivery.NextAttemptAt,
                        isOperator ? delivery.LastError : null,
                        Substitutions.Of(delivery.Substitution),
                        [
                            .. history[delivery.Id]
                                .Select(row => new HistoryView(
                                    row.At,
                                    row.What,
                                    row.Status,
                                    row.Outcome,
                                    row.Actor,
                                    isOperator || row.What != "failed" ? row.Detail : null
                                )),
                        ],
                        [
                            .. questions[delivery.Id]
                                .Select(row => new DialogueView(
                                    row.Kind,
                                    row.State,
                                    row.AskedAt,
                                    row.Reason,
                                    row.AnsweredAt,
                                    row.Reminders
                                )),
                        ]
                    );
                }),
            ]
        );

    private static LinkView LinkOf(LinkRow row) =>
        new(
            ((BusinessType)row.Business, row.Forth) switch
            {
                (BusinessType.Recall, true) => "recalls",
                (BusinessType.Recall, false) => "recalledBy",
                (BusinessType.Update, true) => "updates",
                (BusinessType.Update, false) => "updatedBy",
                (_, true) => "replaces",
                (_, false) => "replacedBy",
            },
            row.PackageId,
            row.DocumentId
        );

    private sealed class PackageRow
    {
        public Guid Id { get; init; }
        public string DocumentId { get; init; } = "";
        public short Business { get; init; }
        public string SenderCode { get; init; } = "";
        public Guid SenderAgencyId { get; init; }
        public string Subject { get; init; } = "";
        public string CodeNumber { get; init; } = "";
        public string CodeNotation { get; init; } = "";
        public DateOnly? PromulgatedOn { get; init; }
        public short Priority { get; init; }
        public long Size { get; init; }
        public byte[] Sha256 { get; init; } = [];
        public DateTimeOffset ReceivedAt { get; init; }
        public string Verdict { get; init; } = "";
        public string? SignatureReason { get; init; }
        public string? SignatureReasonVi { get; init; }
        public string DocumentVerdict { get; init; } = "";
        public string SignaturePolicy { get; init; } = "";
        public string? Attachments { get; init; }
    }

    private sealed class DeliveryRow
    {
        public Guid Id { get; init; }
        public Guid PackageId { get; init; }
        public string RecipientCode { get; init; } = "";
        public Guid RecipientAgencyId { get; init; }
        public string Route { get; init; } = "";
        public string? OfficeSystemId { get; init; }
        public string State { get; init; } = "";
        public string? Status { get; init; }
        public string Stage { get; init; } = "";
        public int Attempts { get; init; }
        public DateTimeOffset? NextAttemptAt { get; init; }
        public string? LastError { get; init; }
        public string? Substitution { get; init; }
    }

    private sealed class QuestionRow
    {
        public Guid DeliveryId { get; init; }
        public string Kind { get; init; } = "";
        public string State { get; init; } = "";
        public DateTimeOffset AskedAt { get; init; }
        public string? Reason { get; init; }
        public DateTimeOffset? AnsweredAt { get; init; }
        public int Reminders { get; init; }
    }

    private sealed class LinkRow
    {
        public Guid FromPackageId { get; init; }
        public short Business { get; init; }
        public bool Forth { get; init; }
        public Guid PackageId { get; init; }
        public string DocumentId { get; init; } = "";
    }

    private sealed class HistoryRow
    {
        public Guid DeliveryId { get; init; }
        public DateTimeOffset At { get; init; }
        public string What { get; init; } = "";
        public string? Status { get; init; }
        public string? Outcome { get; init; }
        public string Actor { get; init; } = "";
        public string? Detail { get; init; }
    }
}
