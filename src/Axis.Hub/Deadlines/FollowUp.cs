using Axis.Hub.Access;
using Axis.Hub.Registry;
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

    internal const string Statement = """
        SELECT d.id AS deliveryid, d.package_id AS packageid, p.document_id AS documentid, p.code_number AS codenumber,
            p.code_notation AS codenotation, p.subject, d.recipient_code AS recipientcode,
            d.recipient_agency_id AS recipientagencyid, delivery_stage(d.state, d.work, d.dialogue) AS stage,
            d.created_at AS sentat, d.changed_at AS since, x.due_at AS dueat
        FROM unnest(@agencies) AS a (id),
            LATERAL (
                SELECT d.* FROM delivery d
                WHERE d.sender_agency_id = a.id AND d.package_id >= @from AND d.id >= @from AND d.about IS NULL
                    AND (d.package_id, d.id) > (@afterPackage, @after)
                    AND delivery_stage(d.state, d.work, d.dialogue) NOT IN
                        ('done', 'refused', 'recalled', 'withdrawn', 'replaced', 'expired')
                ORDER BY d.package_id, d.id LIMIT @limit) AS d
            JOIN package p ON p.id = d.package_id AND p.business <> 1
            LEFT JOIN LATERAL (
                SELECT min(due_at) AS due_at FROM deadline x WHERE x.delivery_id = d.id AND x.settled_at IS NULL) AS x
                ON true
        ORDER BY d.package_id, d.id LIMIT @limit
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
                    new
                    {
                        agencies = sees.Agencies ?? [],
                        from = IdDays.Floor(from),
                        afterPackage = afterPackage ?? Guid.Empty,
                        after = after ?? Guid.Empty,
                        limit = limit + 1,
                    },
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
