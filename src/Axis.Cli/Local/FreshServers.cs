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
    public static async Task<T> WithAsync<T>(
        Workspace workspace,
        Func<IReadOnlyDictionary<string, string>, Task<T>> work,
        CancellationToken cancellation
    )
    {
        if (
            Environment.GetEnvironmentVariable(SharedTestServers.PostgresVariable) is
            { Length: > 0 }
        )
        {
            return await work(new Dictionary<string, string>());
        }

        var folder = Path.Combine(workspace.DefaultDataFolder, $"servers-{Environment.ProcessId}");
        try
        {
            await using var servers = await PrivateServers.StartAsync(
                new PrivateServersOptions(folder, WithManagement: true),
                new ProgressWords(),
                cancellation
            );
            var result = await work(VariablesOf(servers));
            await PrivateServers.PurgeAsync(folder, CancellationToken.None);
            return result;
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                await PrivateServers.PurgeAsync(folder, CancellationToken.None);
                Directory.Delete(folder, recursive: true);
            }
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
