using System.Globalization;
using Axis.Hub.Access;
using Axis.Hub.Registry;
using Dapper;
using Npgsql;

namespace Axis.Hub.Deadlines;

/// <summary>A clock that still runs.</summary>
/// <param name="WorkingHoursLeft">Until it is due, in working time; negative when it is overdue.</param>
/// <param name="ExtensionAskedUntil">When the recipient asked for more time and has no answer yet.</param>
public sealed record DeadlineItem(
    Guid DeliveryId,
    Guid PackageId,
    string DocumentId,
    string CodeNumber,
    string CodeNotation,
    string Subject,
    string Sender,
    string? SenderName,
    string Recipient,
    string? RecipientName,
    string Kind,
    DateTimeOffset StartedAt,
    DateTimeOffset FirstDueAt,
    DateTimeOffset DueAt,
    string Stage,
    bool Overdue,
    double WorkingHoursLeft,
    DateTimeOffset? ExtensionAskedUntil
);

/// <param name="Next">The <c>after</c> of the next page; null on the last.</param>
public sealed record DeadlinePage(IReadOnlyList<DeadlineItem> Items, string? Next);

/// <summary>Where a page of clocks begins: after this one, in the order in which they are due.</summary>
/// <param name="DueAt">To the microsecond, as it is stored.</param>
/// <param name="Kind">A letter's two clocks may be due at once.</param>
public sealed record DeadlineCursor(DateTimeOffset DueAt, Guid DeliveryId, string Kind)
{
    /// <summary>Before all clocks.</summary>
    public static DeadlineCursor Start { get; } = new(DateTimeOffset.UnixEpoch, Guid.Empty, "");

    private static long MostMicroseconds { get; } = MicrosecondsOf(DateTimeOffset.MaxValue);

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{MicrosecondsOf(DueAt)}.{Kind}.{DeliveryId:n}"
        );

    public static DeadlineCursor? Parse(string text) =>
        text.Split('.')
            is [var due, DeadlineKinds.Reception or DeadlineKinds.Completion, var id]
                and [_, var kind, _]
        && long.TryParse(due, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
        && microseconds <= MostMicroseconds
        && Guid.TryParseExact(id, "n", out var delivery)
            ? new DeadlineCursor(
                DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond),
                delivery,
                kind
            )
            : null;

    private static long MicrosecondsOf(DateTimeOffset instant) =>
        (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <param name="BySender">Clocks of letters that the agencies sent, else of those that they received.</param>
/// <param name="Agencies">Whose; null for all that the caller may see.</param>
/// <param name="DueBefore">Overdue ones: now.</param>
public sealed record DeadlineQuery(
    bool BySender,
    Guid[]? Agencies,
    DateTimeOffset? DueBefore,
    DeadlineCursor? After,
    int Limit
);

/// <summary>The clocks that run, the next to be due first. Every query carries whose they are.</summary>
public sealed class DeadlineList(
    NpgsqlDataSource database,
    RegistryCache registry,
    WorkingTime time,
    TimeProvider clock
)
{
    private const string Columns = """
        SELECT x.delivery_id AS deliveryid, x.package_id AS packageid, p.document_id AS documentid,
            p.code_number AS codenumber, p.code_notation AS codenotation, p.subject, p.sender_code AS sendercode,
            x.sender_agency_id AS senderagencyid, x.recipient_agency_id AS recipientagencyid,
            d.recipient_code AS recipientcode, x.kind, x.started_at AS startedat, x.first_due_at AS firstdueat,
            x.due_at AS dueat, delivery_stage(d.state, d.work, d.dialogue) AS stage, e.asked_until AS askeduntil
        FROM x JOIN delivery d ON d.id = x.delivery_id JOIN package p ON p.id = x.package_id
            LEFT JOIN deadline_extension e
                ON e.delivery_id = x.delivery_id AND e.state = 'asked' AND x.kind = 'completion'
        ORDER BY x.due_at, x.delivery_id, x.kind
        """;

    private const string Order = "x.due_at, x.delivery_id, x.kind";

    /// <summary>The statement that walks the index; whose clocks is in it.</summary>
    internal static string StatementOf(DeadlineQuery query, Sees sees)
    {
        var column = query.BySender ? "sender_agency_id" : "recipient_agency_id";
        var running = $"""
            x.settled_at IS NULL AND (@dueBefore::timestamptz IS NULL OR x.due_at < @dueBefore)
                AND ({Order}) > (@afterDue, @afterId, @afterKind)
            """;
        return sees.IsEverything && query.Agencies is null
            ? $"""
                WITH x AS (
                    SELECT x.* FROM deadline x WHERE {running} ORDER BY {Order} LIMIT @limit
                )
                {Columns}
                """
            : $"""
                WITH x AS (
                    SELECT w.* FROM unnest(@agencies) AS a (id), LATERAL (
                        SELECT x.* FROM deadline x WHERE x.{column} = a.id AND {running}
                        ORDER BY {Order} LIMIT @limit) AS w
                    ORDER BY w.due_at, w.delivery_id, w.kind LIMIT @limit
                )
                {Columns}
                """;
    }

    internal static object ValuesOf(DeadlineQuery query, Sees sees)
    {
        var after = query.After ?? DeadlineCursor.Start;
        return new
        {
            agencies = Whose(query, sees),
            dueBefore = query.DueBefore,
            afterDue = after.DueAt,
            afterId = after.DeliveryId,
            afterKind = after.Kind,
            limit = query.Limit + 1,
        };
    }

    public async Task<DeadlinePage> ListAsync(
        DeadlineQuery query,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<Row>(
                new CommandDefinition(
                    StatementOf(query, sees),
                    ValuesOf(query, sees),
                    cancellationToken: cancellationToken
                )
            )
        ).ToArray();
        var now = clock.GetUtcNow();
        var page = rows.Take(query.Limit).ToArray();
        return new DeadlinePage(
            [.. page.Select(row => ItemOf(row, now))],
            rows.Length > query.Limit
                ? new DeadlineCursor(page[^1].DueAt, page[^1].DeliveryId, page[^1].Kind).ToString()
                : null
        );
    }

    /// <summary>An office system asks for its own only; an operator for the agency that was named.</summary>
    private static Guid[] Whose(DeadlineQuery query, Sees sees) =>
        (query.Agencies, sees.Agencies) switch
        {
            ({ } asked, { } own) => [.. asked.Intersect(own)],
            ({ } asked, null) => asked,
            (null, { } own) => own,
            _ => [],
        };

    private DeadlineItem ItemOf(Row row, DateTimeOffset now)
    {
        var snapshot = registry.Current;
        var recipient = snapshot.AgencyById(row.RecipientAgencyId);
        return new DeadlineItem(
            row.DeliveryId,
            row.PackageId,
            row.DocumentId,
            row.CodeNumber,
            row.CodeNotation,
            row.Subject,
            row.SenderCode,
            snapshot.AgencyById(row.SenderAgencyId)?.Name,
            recipient?.PrimaryCode ?? row.RecipientCode,
            recipient?.Name,
            row.Kind,
            row.StartedAt,
            row.FirstDueAt,
            row.DueAt,
            row.Stage,
            row.DueAt < now,
            Math.Round(time.Between(now, row.DueAt).TotalHours, 2),
            row.AskedUntil
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
        public string SenderCode { get; init; } = "";
        public Guid SenderAgencyId { get; init; }
        public Guid RecipientAgencyId { get; init; }
        public string RecipientCode { get; init; } = "";
        public string Kind { get; init; } = "";
        public DateTimeOffset StartedAt { get; init; }
        public DateTimeOffset FirstDueAt { get; init; }
        public DateTimeOffset DueAt { get; init; }
        public string Stage { get; init; } = "";
        public DateTimeOffset? AskedUntil { get; init; }
    }
}
