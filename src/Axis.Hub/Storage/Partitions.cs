using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>Makes the month partitions of the tables that grow, one table and one transaction after the other.</summary>
internal static class Partitions
{
    public static readonly IReadOnlyList<string> Parents =
    [
        "package",
        "payload",
        "delivery",
        "delivery_history",
        "status_report",
        "event",
    ];

    /// <summary>The month of an instant and those that follow. Idempotent.</summary>
    public static async Task EnsureAsync(
        NpgsqlDataSource database,
        DateTimeOffset instant,
        int months,
        CancellationToken cancellationToken
    )
    {
        foreach (var parent in Parents)
        {
            await using var command = database.CreateCommand(
                "SELECT ensure_partitions_of($1, $2, $3)"
            );
            command.Parameters.Add(new() { Value = parent });
            command.Parameters.Add(new() { Value = instant });
            command.Parameters.Add(new() { Value = months });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
