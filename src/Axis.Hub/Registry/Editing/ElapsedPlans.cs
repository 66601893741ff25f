using Npgsql;

namespace Axis.Hub.Registry.Editing;

/// <summary>
/// Plans whose instant has passed become the agency's own row, so that a later change of the row is not overruled by an
/// old plan, and SQL that asks for names finds the new ones. Snapshots read the same before and after.
/// </summary>
internal static class ElapsedPlans
{
    // Of several plans of one agency the newest word on each thing counts.
    private const string Fold = """
        WITH elapsed AS (
            DELETE FROM agency_plan WHERE effective_at <= $1 RETURNING agency_id, effective_at, name, parent_id
        ),
        latest AS (
            SELECT agency_id,
                (array_agg(name ORDER BY effective_at DESC) FILTER (WHERE name IS NOT NULL))[1] AS name,
                (array_agg(parent_id ORDER BY effective_at DESC) FILTER (WHERE parent_id IS NOT NULL))[1] AS parent_id
            FROM elapsed GROUP BY agency_id
        )
        UPDATE agency a SET name = coalesce(l.name, a.name), parent_id = coalesce(l.parent_id, a.parent_id)
        FROM latest l WHERE a.id = l.agency_id
        """;

    public static async Task FoldAsync(
        NpgsqlConnection connection,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Fold, connection);
        command.Parameters.Add(new() { Value = now });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
