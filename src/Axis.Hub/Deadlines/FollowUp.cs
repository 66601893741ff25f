using Axis.Hub.Access;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Dapper;
using Npgsql;

namespace Axis.Hub.Deadlines;

/// <summary>A letter that was sent to somebody who has not ended with it.</summary>
/// <param name="Since">Since when it stands where it stands.</param>
/// <param name="WorkingHours">How long that is, in working time.</param>
/// <param name="DueAt">The next of its clocks that run.</param>
public sealed record FollowUpItem(
    Guid DeliveryId,
    Guid PackageId,
    string DocumentId,
    string CodeNumber,
    string CodeNotation,
    string Subject,
    string Recipient,
    string? RecipientName,
    string Stage,
    DateTimeOffset SentAt,
    DateTimeOffset Since,
    double WorkingHours,
    DateTimeOffset? DueAt,
    bool Overdue
);

/// <param name="Next">The <c>after</c> of the next page; null on the last.</param>
public sealed record FollowUpPage(IReadOnlyList<FollowUpItem> Items, Guid? Next);

/// <summary>What the caller's agencies have sent and wait for (QĐ 28/2018 Đ8.2), the oldest first.</summary>
public sealed class FollowUp(
    NpgsqlDataSource database,
    RegistryCache registry,
    WorkingTime time,
    TimeProvider clock
)
{
    /// <summary>What was sent longer ago than this is not followed any more, unless it is asked for.</summary>
    public static readonly TimeSpan Reach = TimeSpan.FromDays(90);

    private static readonly string[] s_open =
    [
        .. StageNames.All.Except(Lifecycle.Finals.Select(StageNames.Of)),
    ];

    // One walk for each agency and stage that is not the last, along the index that has them in the order of the page. So
    // what has ended, and that is most of what was sent, is never read. A recall asks for an answer and not for work; that
    // is asked inside the walk, so that it takes no place on the page.
    internal const string Statement = """
        WITH waiting AS MATERIALIZED (
            SELECT w.* FROM unnest(@agencies) AS a (id) CROSS JOIN unnest(@stages) AS s (stage)
            CROSS JOIN LATERAL (
                SELECT d.* FROM delivery d
                    CROSS JOIN LATERAL (SELECT FROM package p WHERE p.id = d.package_id AND p.business <> 1 LIMIT 1) AS p
                WHERE d.sender_agency_id = a.id AND delivery_stage(d.state, d.work, d.dialogue) = s.stage
                    AND d.about IS NULL AND d.id >= @from AND d.package_id >= @fromPackage
                    AND (d.package_id, d.id) > (@fromPackage, @after)
                ORDER BY d.package_id, d.id LIMIT @limit) AS w
            ORDER BY w.package_id, w.id LIMIT @limit
        )
        SELECT d.id AS deliveryid, d.package_id AS packageid, p.document_id AS documentid, p.code_number AS codenumber,
            p.code_notation AS codenotation, p.subject, d.recipient_code AS recipientcode,
            d.recipient_agency_id AS recipientagencyid, delivery_stage(d.state, d.work, d.dialogue) AS stage,
            d.created_at AS sentat, d.changed_at AS since, x.due_at AS dueat
        FROM waiting d
            CROSS JOIN LATERAL (SELECT p.* FROM package p WHERE p.id = d.package_id LIMIT 1) AS p
            CROSS JOIN LATERAL (
                SELECT min(due_at) AS due_at FROM (
                    SELECT x.due_at FROM deadline x WHERE x.delivery_id = d.id AND x.settled_at IS NULL OFFSET 0) AS x
            ) AS x
        ORDER BY d.package_id, d.id
        """;

    /// <param name="from">Sent at this instant or later.</param>
    /// <param name="after">The cursor: a delivery.</param>
    public async Task<FollowUpPage> ListAsync(
        Sees sees,
        DateTimeOffset from,
        Guid? after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        Guid? afterPackage = after is null
            ? null
            : await connection.ExecuteScalarAsync<Guid?>(
                new CommandDefinition(
                    "SELECT package_id FROM delivery WHERE id = @after AND sender_agency_id = ANY(@agencies)",
                    new { after, agencies = sees.Agencies ?? [] },
                    cancellationToken: cancellationToken
                )
            );
        var rows = (
            await connection.QueryAsync<Row>(
                new CommandDefinition(
                    Statement,
                    ValuesOf(
                        sees,
                        from,
                        afterPackage is { } package ? (package, after!.Value) : null,
                        limit + 1
                    ),
                    cancellationToken: cancellationToken
                )
            )
        ).ToArray();
        var now = clock.GetUtcNow();
        return new FollowUpPage(
            [.. rows.Take(limit).Select(row => ItemOf(row, now))],
            rows.Length > limit ? rows[limit - 1].DeliveryId : null
        );
    }

    internal static object ValuesOf(
        Sees sees,
        DateTimeOffset from,
        (Guid Package, Guid Delivery)? after,
        int limit
    )
    {
        var first = IdDays.Floor(from);
        // Behind a cursor nothing is older than its letter, whose deliveries were made with it.
        var start =
            after is { } cursor && cursor.Package.CompareTo(first) > 0 ? cursor.Package : first;
        return new
        {
            agencies = sees.Agencies ?? [],
            stages = s_open,
            from = IdDays.Floor(IdDays.InstantOf(start).AddHours(-1)),
            fromPackage = start,
            after = after?.Delivery ?? Guid.Empty,
            limit,
        };
    }

    private FollowUpItem ItemOf(Row row, DateTimeOffset now)
    {
        var recipient = registry.Current.AgencyById(row.RecipientAgencyId);
        return new FollowUpItem(
            row.DeliveryId,
            row.PackageId,
            row.DocumentId,
            row.CodeNumber,
            row.CodeNotation,
            row.Subject,
            recipient?.PrimaryCode ?? row.RecipientCode,
            recipient?.Name,
            row.Stage,
            row.SentAt,
            row.Since,
            Math.Round(time.Between(row.Since, now).TotalHours, 2),
            row.DueAt,
            row.DueAt < now
        );
    }

    private sealed class Row
    {
        public Guid DeliveryId { get; init; }
        public Guid PackageId { get; init; }
        public string DocumentId { get; init; } = "";
        public string CodeNumber { get; init; } = "";
        public string CodeNotation { get; init; } = "";
        public string Subject { get; init; } = "";
        public string RecipientCode { get; init; } = "";
        public Guid RecipientAgencyId { get; init; }
        public string Stage { get; init; } = "";
        public DateTimeOffset SentAt { get; init; }
        public DateTimeOffset Since { get; init; }
        public DateTimeOffset? DueAt { get; init; }
    }
}
