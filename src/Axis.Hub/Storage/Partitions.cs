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

    /// <summary>The tables that have a partition of a month.</summary>
    /// <param name="suffix">As <c>2026_01</c>.</param>
    public static async Task<IReadOnlyList<string>> PresentAsync(
        NpgsqlConnection connection,
        string suffix,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.Patient(
            """
            SELECT parent FROM unnest($1) AS parent
                JOIN pg_inherits i ON i.inhparent = parent::regclass
                    AND i.inhrelid = to_regclass(parent || '_' || $2)
            """
        );
        command.Parameters.Add(new() { Value = Parents.ToArray() });
        command.Parameters.Add(new() { Value = suffix });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var present = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            present.Add(reader.GetString(0));
        }
        return present;
    }

    /// <summary>
    /// Makes the partition of one month, although the default partition may hold rows of it: they move into it.
    /// Gives way to whoever uses the table.
    /// </summary>
    /// <exception cref="PostgresException">The lock was not to be had within half a second.</exception>
    public static async Task TakeInAsync(
        NpgsqlConnection connection,
        string parent,
        DateTimeOffset month,
        CancellationToken cancellationToken
    )
    {
        var key = parent == "payload" ? "package_id" : "id";
        var range = $"{key} >= uuid7_floor($1) AND {key} < uuid7_floor($1 + interval '1 month')";
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(
            $"SET LOCAL lock_timeout = '500ms'; LOCK TABLE {parent} IN ACCESS EXCLUSIVE MODE"
        );
        await ExecuteAsync(
            $"CREATE TEMPORARY TABLE moved ON COMMIT DROP AS SELECT * FROM {parent}_default LIMIT 0"
        );
        await ExecuteAsync(
            $"INSERT INTO moved SELECT * FROM {parent}_default WHERE {range}",
            month
        );
        await ExecuteAsync($"DELETE FROM {parent}_default WHERE {range}", month);
        await ExecuteAsync($"SELECT ensure_partitions_of('{parent}', $1, 0)", month);
        await ExecuteAsync($"INSERT INTO {parent} SELECT * FROM moved");
        await transaction.CommitAsync(cancellationToken);

        async Task ExecuteAsync(string sql, params object[] values)
        {
            await using var command = connection.Patient(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(new() { Value = value });
            }
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
