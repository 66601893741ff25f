using Axis.Hub.Access;
using Axis.Hub.Registry;

namespace Axis.Hub.Operations;

public sealed record OpsDelivery(
    Guid DeliveryId,
    Guid PackageId,
    string DocumentId,
    string CodeNumber,
    string CodeNotation,
    string Sender,
    string Recipient,
    string Agency,
    string AgencyName,
    string Route,
    string? OfficeSystem,
    bool Urgent,
    string State,
    string? Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt,
    int Attempts,
    DateTimeOffset? NextAttemptAt,
    string? Failure,
    string? LastError
);

public sealed record OpsDeliveryPage(IReadOnlyList<OpsDelivery> Items, Guid? Next);

/// <summary>What to list; null means any. Without a state: what waits, is held or has failed.</summary>
public sealed record OpsDeliveryFilter(
    string? State,
    string? OfficeSystemId,
    Guid? AgencyId,
    int Limit,
    Guid? After
);

public sealed record DeliveryCounts(long Waiting, long Dispatched, long Held, long Failed);

/// <summary>
/// Questions about deliveries that have not come to their end. Each state is asked for by its own statement text,
/// because a partial index serves only a condition the planner can see.
/// </summary>
public sealed class OpenDeliveries(OpsQueries database, RegistryCache registry)
{
    public static readonly IReadOnlyList<string> States =
    [
        "waiting",
        "dispatched",
        "collected",
        "held",
        "failed",
        "withdrawn",
    ];

    internal const string Visible = """
        (@agencies::uuid[] IS NULL OR sender_agency_id = ANY(@agencies) OR recipient_agency_id = ANY(@agencies))
        """;

    private static readonly string[] Open = ["waiting", "dispatched", "held", "failed"];
    private static readonly string[] Troubled = ["waiting", "held", "failed"];

    /// <summary>Oldest first.</summary>
    public async Task<OpsDeliveryPage> ListAsync(
        Sees sees,
        OpsDeliveryFilter filter,
        CancellationToken cancellationToken
    )
    {
        string[] states = filter.State is null ? Troubled : [filter.State];
        var found = string.Join(
            "\nUNION ALL\n",
            states.Select(state =>
                $"""
                    (SELECT id FROM delivery
                    WHERE state = '{state}' AND id > @after AND {Visible}
                        {(
                        filter.OfficeSystemId is null
                            ? ""
                            : "AND office_system_id = @officeSystemId"
                    )}
                        {(filter.AgencyId is null ? "" : "AND recipient_agency_id = @agencyId")}
                    ORDER BY id LIMIT @limit)
                    """
            )
        );
        var rows = await database.QueryAsync<DeliveryRow>(
            $"""
            SELECT d.id, d.package_id AS PackageId, p.document_id AS DocumentId, p.code_number AS CodeNumber,
                p.code_notation AS CodeNotation, p.sender_code AS Sender, d.recipient_code AS Recipient,
                d.recipient_agency_id AS AgencyId, d.route, d.office_system_id AS OfficeSystem, d.urgent, d.state,
                d.status, d.created_at AS CreatedAt, d.changed_at AS ChangedAt, d.attempts,
                CASE WHEN d.next_attempt_at = 'infinity' THEN b.next_probe_at ELSE d.next_attempt_at END AS NextAttemptAt,
                d.failure, d.last_error AS LastError
            FROM delivery d JOIN package p ON p.id = d.package_id
                LEFT JOIN route_breaker b ON b.office_system_id = d.office_system_id
            WHERE d.id IN (SELECT id FROM ({found}) AS found ORDER BY id LIMIT @limit)
            ORDER BY d.id
            """,
            new
            {
                filter.OfficeSystemId,
                filter.AgencyId,
                filter.Limit,
                sees.Agencies,
                After = filter.After ?? Guid.Empty,
            },
            cancellationToken
        );
        var snapshot = registry.Current;
        return new(
            [.. rows.Select(row => ViewOf(row, snapshot))],
            rows.Count == filter.Limit ? rows[^1].Id : null
        );
    }

    /// <summary>What is under way to an agency.</summary>
    public async Task<DeliveryCounts> CountToAsync(
        Sees sees,
        Guid agencyId,
        CancellationToken cancellationToken
    )
    {
        var rows = await database.QueryAsync<StateRow>(
            OfEachState(state =>
                $"""
                    SELECT '{state}' AS State, count(*) FROM delivery
                    WHERE state = '{state}' AND recipient_agency_id = @agencyId AND {Visible}
                    """
            ),
            new { agencyId, sees.Agencies },
            cancellationToken
        );
        return new(Of("waiting"), Of("dispatched"), Of("held"), Of("failed"));

        long Of(string state) => rows.Single(row => row.State == state).Count;
    }

    internal static string OfEachState(Func<string, string> select) =>
        string.Join("\nUNION ALL\n", Open.Select(select));

    private static OpsDelivery ViewOf(DeliveryRow row, RegistrySnapshot snapshot)
    {
        var agency = snapshot.AgencyById(row.AgencyId);
        return new(
            row.Id,
            row.PackageId,
            row.DocumentId,
            row.CodeNumber,
            row.CodeNotation,
            row.Sender,
            row.Recipient,
            agency?.PrimaryCode ?? row.Recipient,
            agency?.Name ?? "",
            row.Route,
            row.OfficeSystem,
            row.Urgent,
            row.State,
            row.Status,
            Utc(row.CreatedAt),
            Utc(row.ChangedAt),
            row.Attempts,
            row.NextAttemptAt is { } next ? Utc(next) : null,
            row.Failure,
            row.LastError
        );
    }

    private static DateTimeOffset Utc(DateTime instant) => new(instant, TimeSpan.Zero);

    private sealed class DeliveryRow
    {
        public Guid Id { get; init; }
        public Guid PackageId { get; init; }
        public string DocumentId { get; init; } = "";
        public string CodeNumber { get; init; } = "";
        public string CodeNotation { get; init; } = "";
        public string Sender { get; init; } = "";
        public string Recipient { get; init; } = "";
        public Guid AgencyId { get; init; }
        public string Route { get; init; } = "";
        public string? OfficeSystem { get; init; }
        public bool Urgent { get; init; }
        public string State { get; init; } = "";
        public string? Status { get; init; }
        public DateTime CreatedAt { get; init; }
        public DateTime ChangedAt { get; init; }
        public int Attempts { get; init; }
        public DateTime? NextAttemptAt { get; init; }
        public string? Failure { get; init; }
        public string? LastError { get; init; }
    }

    private sealed class StateRow
    {
        public string State { get; init; } = "";
        public long Count { get; init; }
    }
}
