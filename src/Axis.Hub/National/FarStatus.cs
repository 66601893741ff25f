using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.National;

/// <summary>How the exchange with one axis stands.</summary>
/// <param name="Waiting">Packages to be sent; counted, like the others, up to 100,000.</param>
/// <param name="Unclear">Sent with unknown outcome: they are looked for on the far side.</param>
/// <param name="Failed">Given up; a replay tries them again.</param>
/// <param name="LagSeconds">Age of the oldest package that waits; 0 when none does.</param>
/// <param name="Undeliverable">Items that came in and could not be brought to a recipient; not settled.</param>
/// <param name="ClockAheadSeconds">How far the far side's clock is ahead of ours; null before the first answer.</param>
public sealed record FarAxisView(
    string Axis,
    string Kind,
    string Endpoint,
    string SystemId,
    IReadOnlyList<FarDirectionView> Directions,
    long Waiting,
    long Unclear,
    long Failed,
    long LagSeconds,
    long Undeliverable,
    long? ClockAheadSeconds,
    IReadOnlyList<FarCallView> Calls,
    IReadOnlyList<FarAlertView> Alerts
);

/// <param name="Direction">out or in.</param>
/// <param name="State">open: calls pass; paused by an operator; probing: the breaker lets one through now and then.</param>
public sealed record FarDirectionView(
    string Direction,
    string State,
    DateTimeOffset? PausedAt,
    string? PausedBy,
    int Failures,
    DateTimeOffset? NextProbeAt,
    string? LastError
);

public sealed record FarCallView(
    string Call,
    DateTimeOffset? SucceededAt,
    DateTimeOffset? FailedAt,
    string? Failure
);

public sealed record FarAlertView(
    string Axis,
    string Kind,
    string Detail,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt
);

/// <summary>An item that was kept.</summary>
/// <param name="Missing">The recipients of ours that it could not be brought to.</param>
/// <param name="IsKept">Its bytes are here; false when a package has them, or the far side never handed them out.</param>
public sealed record UndeliverableView(
    Guid Id,
    string Axis,
    string FarId,
    string Kind,
    string State,
    DateTimeOffset SeenAt,
    string Sender,
    string DocumentId,
    string Subject,
    IReadOnlyList<string> Missing,
    JsonNode? Reasons,
    bool IsKept
);

/// <summary>One crossing of the border by a package.</summary>
public sealed record CrossingView(
    string Axis,
    string Direction,
    string Kind,
    string State,
    string? FarId,
    IReadOnlyList<string> Recipients,
    int Attempts,
    DateTimeOffset BeganAt,
    DateTimeOffset? EndedAt,
    string? LastError
);

/// <summary>Reads for operators. Counts stop at a bound, so that they cost the same however much waits.</summary>
internal sealed class FarStatus(
    NpgsqlDataSource database,
    FarLinks links,
    IOptions<NationalOptions> options,
    TimeProvider clock
)
{
    private const int CountAtMost = 100_000;

    private static readonly string Counts = $"""
        SELECT
            (SELECT count(*) FROM (SELECT 1 FROM far_sending WHERE axis = @axis
                AND state IN ('due', 'calling', 'unclear') LIMIT {CountAtMost}) AS open) AS waiting,
            (SELECT count(*) FROM (SELECT 1 FROM far_sending WHERE axis = @axis
                AND state IN ('due', 'calling', 'unclear') AND state = 'unclear' LIMIT {CountAtMost}) AS open) AS unclear,
            (SELECT count(*) FROM (SELECT 1 FROM far_sending WHERE axis = @axis
                AND state = 'failed' LIMIT {CountAtMost}) AS gone) AS failed,
            (SELECT min(created_at) FROM (SELECT created_at FROM far_sending WHERE axis = @axis
                AND state IN ('due', 'calling', 'unclear') LIMIT {CountAtMost}) AS open) AS oldest,
            (SELECT count(*) FROM (SELECT 1 FROM far_inward WHERE axis = @axis AND settled_at IS NULL
                AND (state IN ('undeliverable', 'unreadable') OR missing <> '{"{}"}') LIMIT {CountAtMost}) AS kept)
                AS undeliverable,
            (SELECT clock_ahead_ms FROM far_call WHERE axis = @axis AND clock_ahead_ms IS NOT NULL
                ORDER BY greatest(succeeded_at, failed_at) DESC LIMIT 1) AS clockaheadms
        """;

    private const string Undeliverables = """
        SELECT id, axis, far_id AS farid, kind, state, seen_at AS seenat, sender, document_id AS documentid, subject,
            missing, reasons::text AS reasons, bytes IS NOT NULL AS iskept
        FROM far_inward
        WHERE settled_at IS NULL AND (state IN ('undeliverable', 'unreadable') OR missing <> '{}')
            AND (@axis::text IS NULL OR axis = @axis) AND id > @after
        ORDER BY id LIMIT @limit
        """;

    private const string Crossings = """
        SELECT axis, 'out' AS direction, kind, state, far_id AS farid, recipients, attempts, created_at AS beganat,
            ended_at AS endedat, last_error AS lasterror
        FROM far_sending WHERE source_id = @package
        UNION ALL
        SELECT axis, 'in', kind, state, far_id, missing, 1, seen_at, acknowledged_at, NULL
        FROM far_inward WHERE source_id = @package
        ORDER BY beganat
        """;

    public async Task<IReadOnlyList<FarAxisView>> ReadAsync(CancellationToken cancellationToken)
    {
        var views = new List<FarAxisView>();
        foreach (var name in options.Value.Axes.Keys.Order(StringComparer.Ordinal))
        {
            views.Add(await ReadAsync(name, cancellationToken));
        }
        return views;
    }

    public async Task<IReadOnlyList<UndeliverableView>> UndeliverableAsync(
        string? axis,
        int limit,
        Guid? after,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<UndeliverableRow>(
            new CommandDefinition(
                Undeliverables,
                new
                {
                    axis,
                    limit,
                    after = after ?? Guid.Empty,
                },
                cancellationToken: cancellationToken
            )
        );
        return
        [
            .. rows.Select(row => new UndeliverableView(
                row.Id,
                row.Axis,
                row.FarId,
                row.Kind,
                row.State,
                row.SeenAt,
                row.Sender,
                row.DocumentId,
                row.Subject,
                row.Missing,
                row.Reasons is null ? null : JsonNode.Parse(row.Reasons),
                row.IsKept
            )),
        ];
    }

    public async Task<IReadOnlyList<CrossingView>> CrossingsAsync(
        Guid package,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<CrossingRow>(
            new CommandDefinition(Crossings, new { package }, cancellationToken: cancellationToken)
        );
        return
        [
            .. rows.Select(row => new CrossingView(
                row.Axis,
                row.Direction,
                row.Kind,
                row.State,
                row.FarId,
                row.Recipients,
                row.Attempts,
                row.BeganAt,
                row.EndedAt,
                row.LastError
            )),
        ];
    }

    internal async Task<FarCounts> CountAsync(string axis, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleAsync<FarCounts>(
            new CommandDefinition(Counts, new { axis }, cancellationToken: cancellationToken)
        );
    }

    private async Task<FarAxisView> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var given = options.Value.Axes[name];
        var now = clock.GetUtcNow();
        var counts = await CountAsync(name, cancellationToken);
        var directions = new List<FarDirectionView>();
        foreach (var direction in (string[])[FarDirection.Out, FarDirection.In])
        {
            var link = await links.ReadAsync(name, direction, cancellationToken);
            directions.Add(
                new FarDirectionView(
                    direction,
                    link.PausedAt is not null ? "paused"
                        : link.IsOpen ? "probing"
                        : "open",
                    link.PausedAt,
                    link.PausedBy,
                    link.Failures,
                    link.IsOpen ? link.NextProbeAt : null,
                    link.LastError
                )
            );
        }
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var calls = await connection.QueryAsync<CallRow>(
            new CommandDefinition(
                "SELECT call, succeeded_at AS succeededat, failed_at AS failedat, failure FROM far_call WHERE axis = @name ORDER BY call",
                new { name },
                cancellationToken: cancellationToken
            )
        );
        var alerts = await connection.QueryAsync<AlertRow>(
            new CommandDefinition(
                "SELECT axis, kind, detail, started_at AS startedat, ended_at AS endedat FROM far_alert WHERE axis = @name ORDER BY id DESC LIMIT 20",
                new { name },
                cancellationToken: cancellationToken
            )
        );
        return new FarAxisView(
            name,
            given.Kind.ToString().ToLowerInvariant(),
            given.Endpoint,
            given.SystemId,
            directions,
            counts.Waiting,
            counts.Unclear,
            counts.Failed,
            (long)counts.LagAt(now).TotalSeconds,
            counts.Undeliverable,
            counts.ClockAheadMs / 1000,
            [
                .. calls.Select(call => new FarCallView(
                    call.Call,
                    call.SucceededAt,
                    call.FailedAt,
                    call.Failure
                )),
            ],
            [
                .. alerts.Select(alert => new FarAlertView(
                    alert.Axis,
                    alert.Kind,
                    alert.Detail,
                    alert.StartedAt,
                    alert.EndedAt
                )),
            ]
        );
    }

    internal sealed class FarCounts
    {
        public long Waiting { get; init; }
        public long Unclear { get; init; }
        public long Failed { get; init; }
        public DateTimeOffset? Oldest { get; init; }
        public long Undeliverable { get; init; }
        public long? ClockAheadMs { get; init; }

        public TimeSpan LagAt(DateTimeOffset now) => Oldest is { } at ? now - at : TimeSpan.Zero;
    }

    private sealed class CallRow
    {
        public string Call { get; init; } = "";
        public DateTimeOffset? SucceededAt { get; init; }
        public DateTimeOffset? FailedAt { get; init; }
        public string? Failure { get; init; }
    }

    private sealed class AlertRow
    {
        public string Axis { get; init; } = "";
        public string Kind { get; init; } = "";
        public string Detail { get; init; } = "";
        public DateTimeOffset StartedAt { get; init; }
        public DateTimeOffset? EndedAt { get; init; }
    }

    private sealed class UndeliverableRow
    {
        public Guid Id { get; init; }
        public string Axis { get; init; } = "";
        public string FarId { get; init; } = "";
        public string Kind { get; init; } = "";
        public string State { get; init; } = "";
        public DateTimeOffset SeenAt { get; init; }
        public string Sender { get; init; } = "";
        public string DocumentId { get; init; } = "";
        public string Subject { get; init; } = "";
        public string[] Missing { get; init; } = [];
        public string? Reasons { get; init; }
        public bool IsKept { get; init; }
    }

    private sealed class CrossingRow
    {
        public string Axis { get; init; } = "";
        public string Direction { get; init; } = "";
        public string Kind { get; init; } = "";
        public string State { get; init; } = "";
        public string? FarId { get; init; }
        public string[] Recipients { get; init; } = [];
        public int Attempts { get; init; }
        public DateTimeOffset BeganAt { get; init; }
        public DateTimeOffset? EndedAt { get; init; }
        public string? LastError { get; init; }
    }
}
