using Axis.Cli.Terminal;
using Axis.LocalServers;

namespace Axis.Cli.Local;

/// <summary>A PostgreSQL and a RabbitMQ for one piece of work, gone when it ends.</summary>
internal static class FreshServers
{
    /// <summary>
    /// Runs the work with the environment variables that name the servers; with none where the environment names
    /// servers already.
    /// </summary>
    public static Task<T> WithAsync<T>(
        Workspace workspace,
        Func<IReadOnlyDictionary<string, string>, Task<T>> work,
        CancellationToken cancellation
    ) => WithAsync(workspace, sets: 1, lanes => work(lanes[0]), cancellation);

    /// <summary>The same with several sets of servers; with one where the environment names it.</summary>
    public static async Task<T> WithAsync<T>(
        Workspace workspace,
        int sets,
        Func<IReadOnlyList<IReadOnlyDictionary<string, string>>, Task<T>> work,
        CancellationToken cancellation
    )
    {
        if (
            Environment.GetEnvironmentVariable(SharedTestServers.PostgresVariable) is
            { Length: > 0 }
        )
        {
            return await work([new Dictionary<string, string>()]);
        }

        var folders = Enumerable
            .Range(1, sets)
            .Select(set =>
                Path.Combine(workspace.DefaultDataFolder, $"servers-{Environment.ProcessId}-{set}")
            )
            .ToArray();
        var running = new List<PrivateServers>();
        try
        {
            foreach (var folder in folders)
            {
                running.Add(
                    await PrivateServers.StartAsync(
                        new PrivateServersOptions(folder, WithManagement: true),
                        new ProgressWords(),
                        cancellation
                    )
                );
            }
            return await work([.. running.Select(VariablesOf)]);
        }
        finally
        {
            foreach (var folder in folders.Where(Directory.Exists))
            {
                await RemoveAsync(folder);
            }
            foreach (var servers in running)
            {
                await servers.DisposeAsync();
            }
        }
    }

    /// <summary>A folder that cannot be removed is no reason to lose what the work has come to.</summary>
    private static async Task RemoveAsync(string folder)
    {
        try
        {
            await PrivateServers.PurgeAsync(folder, CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception failure)
            when (failure is IOException or UnauthorizedAccessException or PrivateServersException)
        {
            Console.Error.WriteLine($"{folder} is left behind: {failure.Message}");
        }
    }

    private static Dictionary<string, string> VariablesOf(PrivateServers servers) =>
        new()
        {
            [SharedTestServers.PostgresVariable] = servers.PostgresConnectionString,
            [SharedTestServers.AmqpVariable] = servers.AmqpUri.AbsoluteUri,
            [SharedTestServers.ManagementVariable] = servers.ManagementUri.AbsoluteUri,
            [SharedTestServers.BrokerAuthPortVariable] = $"{servers.BrokerAuthPort}",
            [SharedTestServers.AmqpTlsPortVariable] = $"{servers.AmqpTlsPort}",
            [SharedTestServers.AuthorityVariable] = servers.AuthorityFile,
        };
}
