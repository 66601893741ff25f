using System.Text.Json;

namespace Axis.Hub.Operations;

public sealed record AuditEntry(
    long Id,
    DateTimeOffset At,
    string Actor,
    string? Remote,
    string Action,
    string Outcome,
    JsonElement Detail
);

public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, long? Next);

/// <summary>Reads the audit log, newest first.</summary>
public sealed class AuditTrail(OpsQueries database)
{
    public async Task<AuditPage> ReadAsync(
        int limit,
        long? before,
        CancellationToken cancellationToken
    )
    {
        var rows = await database.QueryAsync<Row>(
            """
            SELECT id, at, actor, remote, action, outcome, detail::text AS Detail
            FROM audit WHERE id < @before ORDER BY id DESC LIMIT @limit
            """,
            new { limit, before = before ?? long.MaxValue },
            cancellationToken
        );
        return new(
            [
                .. rows.Select(row => new AuditEntry(
                    row.Id,
                    new DateTimeOffset(row.At, TimeSpan.Zero),
                    row.Actor,
                    row.Remote,
                    row.Action,
                    row.Outcome,
                    JsonSerializer.Deserialize<JsonElement>(row.Detail)
                )),
            ],
            rows.Count == limit ? rows[^1].Id : null
        );
    }

    private sealed class Row
    {
        public long Id { get; init; }
        public DateTime At { get; init; }
        public string Actor { get; init; } = "";
        public string? Remote { get; init; }
        public string Action { get; init; } = "";
        public string Outcome { get; init; } = "";
        public string Detail { get; init; } = "{}";
    }
}
