using Axis.LocalServers;
using Npgsql;

namespace Axis.Chaos.Stands;

/// <summary>What is stuck, in the eyes of an operator: rows that are not at their end, messages that nobody takes.</summary>
internal static class Unfinished
{
    private const string Rows = """
        SELECT 'deliveries ' || state, count(*) FROM delivery WHERE state <> 'collected' GROUP BY state
        UNION ALL
        SELECT 'deliveries with status ' || coalesce(status, 'none'), count(*) FROM delivery
        WHERE status IS DISTINCT FROM '06' GROUP BY status
        UNION ALL
        SELECT 'events ' || state, count(*) FROM event WHERE state <> 'taken' GROUP BY state
        """;

    /// <param name="rows">Names of what is left and how many; each row is one kind of it.</param>
    public static async Task<IReadOnlyList<string>> FindAsync(
        NpgsqlDataSource database,
        BrokerManagement management,
        string virtualHost,
        CancellationToken cancellation,
        string rows = Rows
    )
    {
        try
        {
            return await LookAsync(database, management, virtualHost, rows, cancellation);
        }
        catch (Exception failure) when (failure is NpgsqlException or HttpRequestException)
        {
            // A connection from before the last fault; the next look has a new one.
            return [$"could not look: {failure.Message}"];
        }
    }

    private static async Task<IReadOnlyList<string>> LookAsync(
        NpgsqlDataSource database,
        BrokerManagement management,
        string virtualHost,
        string rows,
        CancellationToken cancellation
    )
    {
        var found = new List<string>();
        await using (var command = database.CreateCommand(rows))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                found.Add($"{reader.GetInt64(1)} {reader.GetString(0)}");
            }
        }
        foreach (var queue in await management.ListAsync(virtualHost, "queues", cancellation))
        {
            var messages = queue.TryGetProperty("messages", out var count) ? count.GetInt64() : 0;
            if (messages > 0)
            {
                found.Add($"{messages} messages on {queue.GetProperty("name").GetString()}");
            }
        }
        return found;
    }

    public static async Task<long> CountPackagesAsync(
        NpgsqlDataSource database,
        CancellationToken cancellation
    )
    {
        const int Attempts = 10;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var command = database.CreateCommand("SELECT count(*) FROM package");
                return (long)(await command.ExecuteScalarAsync(cancellation))!;
            }
            catch (NpgsqlException) when (attempt < Attempts)
            {
                await Pause.ForAsync(TimeSpan.FromSeconds(1), cancellation);
            }
        }
    }
}
