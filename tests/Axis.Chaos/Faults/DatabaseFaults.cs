using Axis.LocalServers;
using Axis.LocalServers.Processes;
using Npgsql;

namespace Axis.Chaos.Faults;

internal static class DatabaseFaults
{
    private const string Backends = """
        SELECT pid FROM pg_stat_activity
        WHERE application_name = 'axis-hub' AND pid <> pg_backend_pid() ORDER BY backend_start, pid
        """;

    public static IEnumerable<Fault> Of(NpgsqlDataSource database, PrivateServers servers)
    {
        yield return new Fault(
            "database: kill -9 of the postmaster",
            "database",
            async (random, cancellation) =>
            {
                var away = random.Seconds(0, 3);
                await servers.KillPostgresAsync(CancellationToken.None);
                await Pause.AtMostAsync(away, cancellation);
                await servers.RestartPostgresAsync(CancellationToken.None);
                return $"away for {away.TotalSeconds:0.0} s and its recovery";
            }
        )
        {
            IsCore = true,
        };
        yield return new Fault(
            "database: restart under load",
            "database",
            async (_, _) =>
            {
                await servers.StopPostgresAsync(CancellationToken.None);
                await servers.RestartPostgresAsync(CancellationToken.None);
                return "in order";
            }
        );
        yield return new Fault(
            "database: kill -9 of a backend",
            "database",
            async (random, _) =>
            {
                if (await BackendsAsync(database) is not { Count: > 0 } backends)
                {
                    return "there was none";
                }
                // PostgreSQL takes all its processes down after that and recovers from its log.
                ProcessIdentity.Of(random.Of(backends))?.Send(Signal.Kill);
                return $"one of {backends.Count}";
            }
        )
        {
            IsCore = true,
        };
        yield return new Fault(
            "database: pg_terminate_backend",
            "database",
            async (random, cancellation) =>
            {
                var backends = await BackendsAsync(database);
                var some = backends.Where(_ => random.Next(2) == 0).ToArray();
                try
                {
                    await using var command = database.CreateCommand(
                        "SELECT pg_terminate_backend(pid) FROM unnest($1) AS b (pid)"
                    );
                    command.Parameters.Add(new() { Value = some });
                    await command.ExecuteNonQueryAsync(cancellation);
                }
                catch (NpgsqlException)
                {
                    return "the database was away already";
                }
                return $"{some.Length} of {backends.Count}";
            }
        );
    }

    private static async Task<IReadOnlyList<int>> BackendsAsync(NpgsqlDataSource database)
    {
        var found = new List<int>();
        try
        {
            await using var command = database.CreateCommand(Backends);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                found.Add(reader.GetInt32(0));
            }
        }
        catch (NpgsqlException)
        {
            // Another fault has it just now.
            return found;
        }
        return found;
    }
}
