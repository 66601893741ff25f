using Axis.LocalServers;
using Axis.LocalServers.Processes;

namespace Axis.Cli.Local;

/// <summary>Two hubs on a <see cref="LocalCluster"/>, behind relays that stand for load balancers.</summary>
internal sealed class ClusterOfHubs : IAsyncDisposable
{
    private const int PreferredPort = 8080;
    private const int Hubs = 2;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly string _servers;
    private readonly LocalCluster _cluster;
    private readonly List<SupervisedProcess> _hubs;
    private readonly IReadOnlyList<TcpRelay> _relays;

    private ClusterOfHubs(
        string servers,
        LocalCluster cluster,
        List<SupervisedProcess> hubs,
        IReadOnlyList<TcpRelay> relays,
        string description
    )
    {
        _servers = servers;
        _cluster = cluster;
        _hubs = hubs;
        _relays = relays;
        Description = description;
    }

    /// <summary>What is where, in lines.</summary>
    public string Description { get; }

    public static async Task<ClusterOfHubs> StartAsync(
        Workspace workspace,
        DataFolder folder,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        folder.Create();
        var servers = Path.Combine(folder.Path, "servers");
        await ForgetAsync(servers);
        var taken = new HashSet<int>();
        HubState[] addresses =
        [
            .. Enumerable
                .Range(0, Hubs)
                .Select(_ => new HubState(
                    LoopbackPorts.Choose(0, taken),
                    LoopbackPorts.Choose(0, taken)
                )),
        ];
        var relays = new List<TcpRelay>
        {
            TcpRelay.Start(
                LoopbackPorts.Choose(PreferredPort, taken),
                [.. addresses.Select(hub => hub.HttpPort)]
            ),
            TcpRelay.Start(
                LoopbackPorts.Choose(0, taken),
                [.. addresses.Select(hub => hub.OpsPort)]
            ),
        };
        var hubs = new List<SupervisedProcess>();
        LocalCluster? cluster = null;
        try
        {
            cluster = await LocalCluster.StartAsync(
                servers,
                relays[1].Port,
                progress,
                cancellation
            );
            relays.Add(
                TcpRelay.Start(
                    LoopbackPorts.Choose(0, taken),
                    [.. cluster.Brokers.Select(node => node.AmqpPort)]
                )
            );
            var logs = Enumerable
                .Range(1, Hubs)
                .Select(number => Path.Combine(folder.Path, $"hub-{number}.log"))
                .ToArray();
            var processes = addresses
                .Select(
                    (hub, i) =>
                        new HubProcess(
                            workspace,
                            folder,
                            hub,
                            new ServerAddresses(
                                cluster.PostgresConnectionString,
                                [.. cluster.Brokers.Select(node => node.AmqpUri)],
                                cluster.Brokers[0].ManagementUri
                            ),
                            logs[i]
                        )
                )
                .ToArray();
            await DemoKeys.EnsureAsync(
                workspace.DemoProvince,
                folder.DemoKeys,
                folder.Trust,
                progress,
                cancellation
            );
            progress.Report("Preparing the database and the demo province …");
            await processes[0].MigrateAsync(cancellation);
            await processes[0].ImportAsync(cancellation);
            progress.Report("Starting two hubs …");
            foreach (var process in processes)
            {
                hubs.Add(await process.StartAsync(detached: false, cancellation));
            }
            // The commands of operators find it here.
            await new HubState(relays[0].Port, relays[1].Port)
            {
                Supervisor = ProcessIdentity.Of(Environment.ProcessId),
                StartedBy = ProcessIdentity.Of(Environment.ProcessId),
            }.WriteAsync(folder, cancellation);
            return new ClusterOfHubs(
                servers,
                cluster,
                hubs,
                relays,
                Describe(folder, cluster, addresses, relays)
            );
        }
        catch
        {
            await EndAsync(servers, cluster, hubs, relays);
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync(_servers, _cluster, _hubs, _relays);

    private static string Describe(
        DataFolder folder,
        LocalCluster cluster,
        IReadOnlyList<HubState> hubs,
        IReadOnlyList<TcpRelay> relays
    ) =>
        $"""
            The cluster is ready.
              hubs         http://127.0.0.1:{relays[0].Port}, which leads to {string.Join(
                " and ",
                hubs.Select(hub => hub.HttpPort)
            )}
              operations   {string.Join(" and ", hubs.Select(hub => hub.Ops))}
              broker       amqp://127.0.0.1:{relays[2].Port}, which leads to {string.Join(
                ", ",
                cluster.Brokers.Select(node => node.AmqpPort)
            )}
              database     primary on {cluster.Primary.PostgresPort}, synchronous standby on {cluster.Standby.PostgresPort}
              credentials  {folder.DemoCredentials}
              signing keys {folder.DemoKeys}
              logs         {folder.Path}
            ./axis doctor and the other commands of operators ask it, unless a hub of ./axis up runs.
            """;

    private static async Task EndAsync(
        string servers,
        LocalCluster? cluster,
        List<SupervisedProcess> hubs,
        IReadOnlyList<TcpRelay> relays
    )
    {
        await Task.WhenAll(hubs.Select(hub => hub.Identity.EndAsync(Signal.Terminate, StopLimit)));
        foreach (var hub in hubs)
        {
            hub.Dispose();
        }
        foreach (var relay in relays)
        {
            await relay.DisposeAsync();
        }
        if (cluster is not null)
        {
            await cluster.PurgeAsync();
        }
        await ForgetAsync(servers);
    }

    /// <summary>What a cluster that was killed has left.</summary>
    private static async Task ForgetAsync(string servers)
    {
        if (!Directory.Exists(servers))
        {
            return;
        }
        foreach (var node in Directory.EnumerateDirectories(servers))
        {
            await PrivateServers.PurgeAsync(node);
        }
        Directory.Delete(servers, recursive: true);
    }
}
