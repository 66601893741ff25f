using Axis.Chaos.Faults;
using Axis.HubUnderTest;
using Axis.LocalServers;
using Axis.TestKit;
using Npgsql;

namespace Axis.Chaos.Stands;

/// <summary>Three RabbitMQ nodes, a PostgreSQL primary with a synchronous standby, two hubs behind one address.</summary>
public sealed class ClusterStand : IStand
{
    private readonly string _folder;
    private readonly LocalCluster _cluster;
    private readonly IReadOnlyList<KeptHub> _hubs;
    private readonly Dictionary<string, TcpRelay> _links;
    private readonly NpgsqlMultiHostDataSource _pool;
    private readonly NpgsqlDataSource _database;
    private readonly IReadOnlyList<BrokerManagement> _managements;
    private readonly TestRegistry _registry;

    private ClusterStand(
        string folder,
        LocalCluster cluster,
        IReadOnlyList<KeptHub> hubs,
        Dictionary<string, TcpRelay> links
    )
    {
        _folder = folder;
        _cluster = cluster;
        _hubs = hubs;
        _links = links;
        _pool = new NpgsqlDataSourceBuilder(
            cluster.PostgresConnectionString + ";Host Recheck Seconds=1"
        ).BuildMultiHost();
        _database = _pool.WithTargetSession(TargetSessionAttributes.ReadWrite);
        _managements =
        [
            .. cluster.Brokers.Select(node => new BrokerManagement(node.ManagementUri)),
        ];
        _registry = new TestRegistry(_database);
        Hub = new Uri($"http://127.0.0.1:{links["client-hub"].Port}");
        Broker = AtPort(cluster.Brokers[0].AmqpUri, links["client-broker"].Port);
        Faults = [.. AllFaults()];
    }

    public Uri Hub { get; }

    public Uri Broker { get; }

    public IReadOnlyList<Fault> Faults { get; }

    public IReadOnlyList<string> LeftOut =>
        ["disk and clock faults, and those of the networks inside: they are of the single stand"];

    public IReadOnlyList<string> OwnDeaths =>
        [
            .. _hubs
                .Where(hub => hub.OwnDeaths > 0)
                .Select(hub =>
                    $"{hub.Name} ended of itself {hub.OwnDeaths} times; the last: {hub.LastWords}"
                ),
        ];

    public string Logs => string.Join('\n', _hubs.Select(hub => hub.Log));

    public static async Task<ClusterStand> StartAsync(
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        var folder = $"/var/tmp/axis-chaos-{Environment.ProcessId}";
        Directory.CreateDirectory(folder);
        var taken = new HashSet<int>();
        int Free() => LoopbackPorts.Choose(0, taken);
        (int Http, int Ops)[] ports = [(Free(), Free()), (Free(), Free())];
        var auth = TcpRelay.Start(Free(), [.. ports.Select(one => one.Ops)]);
        var cluster = await LocalCluster.StartAsync(
            Path.Combine(folder, "servers"),
            auth.Port,
            progress,
            cancellation
        );
        var links = new Dictionary<string, TcpRelay>(StringComparer.Ordinal)
        {
            ["broker-hub"] = auth,
            ["client-hub"] = TcpRelay.Start(Free(), [.. ports.Select(one => one.Http)]),
            ["client-broker"] = TcpRelay.Start(
                Free(),
                [.. cluster.Brokers.Select(node => node.AmqpPort)]
            ),
        };
        var hubs = ports
            .Select((one, i) => HubOf($"hub-{i + 1}", one.Http, one.Ops, folder, cluster))
            .ToArray();
        var stand = new ClusterStand(folder, cluster, hubs, links);
        progress.Report("Starting two hubs …");
        foreach (var hub in hubs)
        {
            await hub.StartAsync();
        }
        await ChaosRegistry.FillAsync(stand._registry);
        return stand;
    }

    public string SecretOf(string officeSystem) => _registry.SecretOf(officeSystem);

    public Task<IReadOnlyList<string>> FindUnfinishedAsync(CancellationToken cancellation) =>
        Unfinished.FindAsync(_database, _managements[0], "/", cancellation);

    public Task<long> CountPackagesAsync(CancellationToken cancellation) =>
        Unfinished.CountPackagesAsync(_database, cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _hubs)
        {
            await hub.DisposeAsync();
        }
        await _pool.DisposeAsync();
        foreach (var management in _managements)
        {
            management.Dispose();
        }
        foreach (var link in _links.Values)
        {
            await link.DisposeAsync();
        }
        await _cluster.PurgeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static KeptHub HubOf(
        string name,
        int http,
        int ops,
        string folder,
        LocalCluster cluster
    )
    {
        var settings = new Dictionary<string, string?>
        {
            ["Storage:ConnectionString"] = cluster.PostgresConnectionString,
            ["Storage:PayloadFolder"] = Path.Combine(folder, "payloads"),
            ["Listen:Http"] = $"http://127.0.0.1:{http}",
            ["Listen:Ops"] = $"http://127.0.0.1:{ops}",
            ["Access:SigningKeyFile"] = Path.Combine(folder, "token-key.pem"),
            ["Delivery:LongestRetry"] = "00:00:20",
        };
        for (var i = 0; i < cluster.Brokers.Count; i++)
        {
            // One of them: while that node is away, queues are not looked at.
            settings["Broker:ManagementUri"] = cluster.Brokers[0].ManagementUri.AbsoluteUri;
            settings[$"Broker:Uris:{i}"] = cluster.Brokers[i].AmqpUri.AbsoluteUri;
        }
        return new KeptHub(
            name,
            settings,
            typeof(DieAt).Assembly.Location,
            new Dictionary<string, string>()
        );
    }

    private IEnumerable<Fault> AllFaults() =>
        [
            .. _hubs.SelectMany(hub => HubFaults.Of(hub, clock: null)),
            .. ClusterFaults.Of(_cluster),
            .. BrokerFaults.ByManagement(_managements[0], "/"),
            .. _links.SelectMany(link => Relays.FaultsOf(link.Key, link.Value)),
        ];

    private static Uri AtPort(Uri address, int port) => new UriBuilder(address) { Port = port }.Uri;
}
