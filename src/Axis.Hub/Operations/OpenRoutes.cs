using Axis.Hub.Access;
using Axis.Hub.Registry;

namespace Axis.Hub.Operations;

/// <param name="Breaker">Of the inbox; absent while all is well.</param>
/// <param name="EventQueue">Of an office system that reads its events from a queue.</param>
public sealed record RouteLine(
    string Route,
    string? OfficeSystem,
    long Waiting,
    long Dispatched,
    long Held,
    long Failed,
    DateTimeOffset? OldestAt,
    BreakerLine? Breaker,
    EventQueueLine? EventQueue
);

/// <summary>The queue on which an office system hears what becomes of its letters.</summary>
/// <param name="Waiting">Events that are not on it yet.</param>
/// <param name="OldestAt">Of the oldest that waits.</param>
/// <param name="Breaker">Absent while all is well. Answers to submissions count for it, too.</param>
public sealed record EventQueueLine(long Waiting, DateTimeOffset? OldestAt, BreakerLine? Breaker);

/// <summary>The circuit breaker of a queue that failed.</summary>
/// <param name="NextTryAt">When one of what waits for it is tried, while the breaker is open.</param>
public sealed record BreakerLine(
    string State,
    int Failures,
    string? LastError,
    DateTimeOffset Since,
    DateTimeOffset? NextTryAt
);

/// <summary>
/// How each route stands. Each state is asked for by its own statement text, because a partial index serves only a
/// condition the planner can see.
/// </summary>
public sealed class OpenRoutes(OpsQueries database, RegistryCache registry)
{
    private const string Breakers = """
        SELECT office_system_id AS OfficeSystem, state, failures, last_error AS LastError, changed_at AS Since,
            next_probe_at AS NextTryAt
        FROM {0} WHERE failures > 0
        """;

    private const string Events = $"""
        SELECT office_system_id AS OfficeSystem, count(*), min(at) AS Oldest
        FROM event WHERE state = 'waiting' AND {OpenDeliveries.Visible} GROUP BY office_system_id
        """;

    /// <summary>One line for each office system, whether something lies there or not, and one for the national axis.</summary>
    public async Task<IReadOnlyList<RouteLine>> ListAsync(
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        var counts = await database.QueryAsync<RouteRow>(
            OpenDeliveries.OfEachState(state =>
                $"""
                    SELECT route, office_system_id AS OfficeSystem, '{state}' AS State, count(*), min(created_at) AS Oldest
                    FROM delivery WHERE state = '{state}' AND {OpenDeliveries.Visible} GROUP BY route, office_system_id
                    """
            ),
            sees,
            cancellationToken
        );
        var events = (
            await database.QueryAsync<EventRow>(Events, sees, cancellationToken)
        ).ToDictionary(row => row.OfficeSystem, StringComparer.Ordinal);
        var inboxBreakers = await BreakersAsync("route_breaker", cancellationToken);
        var eventBreakers = await BreakersAsync("event_breaker", cancellationToken);
        var byRoute = counts.ToLookup(row => new RouteKey(row.Route, row.OfficeSystem));
        var snapshot = registry.Current;
        return
        [
            .. snapshot
                .OfficeSystems.Select(system => new RouteKey("office_system", system.Id))
                .Append(new RouteKey("national", null))
                .Union(byRoute.Select(group => group.Key))
                .OrderByDescending(route => route.Route, StringComparer.Ordinal)
                .ThenBy(route => route.OfficeSystem, StringComparer.Ordinal)
                .Select(route =>
                    LineOf(
                        route,
                        byRoute[route],
                        route.OfficeSystem is { } id ? inboxBreakers.GetValueOrDefault(id) : null,
                        EventQueueOf(route.OfficeSystem)
                    )
                ),
        ];

        EventQueueLine? EventQueueOf(string? officeSystem)
        {
            if (
                officeSystem is null
                || snapshot.OfficeSystem(officeSystem) is not { InboxDoor: Door.Amqp }
            )
            {
                return null;
            }
            var waiting = events.GetValueOrDefault(officeSystem);
            return new(
                waiting?.Count ?? 0,
                waiting is null ? null : Utc(waiting.Oldest),
                eventBreakers.GetValueOrDefault(officeSystem)
            );
        }
    }

    private static RouteLine LineOf(
        RouteKey route,
        IEnumerable<RouteRow> rows,
        BreakerLine? breaker,
        EventQueueLine? eventQueue
    )
    {
        var byState = rows.ToDictionary(row => row.State, StringComparer.Ordinal);
        return new(
            route.Route,
            route.OfficeSystem,
            Of("waiting"),
            Of("dispatched"),
            Of("held"),
            Of("failed"),
            byState.Count == 0 ? null : Utc(byState.Values.Min(row => row.Oldest)),
            breaker,
            eventQueue
        );

        long Of(string state) => byState.TryGetValue(state, out var row) ? row.Count : 0;
    }

    private async Task<IReadOnlyDictionary<string, BreakerLine>> BreakersAsync(
        string table,
        CancellationToken cancellationToken
    ) =>
        (
            await database.QueryAsync<BreakerRow>(
                Breakers.Replace("{0}", table, StringComparison.Ordinal),
                null,
                cancellationToken
            )
        ).ToDictionary(
            row => row.OfficeSystem,
            row => new BreakerLine(
                row.State,
                row.Failures,
                row.LastError,
                Utc(row.Since),
                row.State == "open" ? Utc(row.NextTryAt) : null
            ),
            StringComparer.Ordinal
        );

    private static DateTimeOffset Utc(DateTime instant) => new(instant, TimeSpan.Zero);

    private sealed record RouteKey(string Route, string? OfficeSystem);

    private sealed class BreakerRow
    {
        public string OfficeSystem { get; init; } = "";
        public string State { get; init; } = "";
        public int Failures { get; init; }
        public string? LastError { get; init; }
        public DateTime Since { get; init; }
        public DateTime NextTryAt { get; init; }
    }

    private sealed class EventRow
    {
        public string OfficeSystem { get; init; } = "";
        public long Count { get; init; }
        public DateTime Oldest { get; init; }
    }

    private sealed class RouteRow
    {
        public string Route { get; init; } = "";
        public string? OfficeSystem { get; init; }
        public string State { get; init; } = "";
        public long Count { get; init; }
        public DateTime Oldest { get; init; }
    }
}
