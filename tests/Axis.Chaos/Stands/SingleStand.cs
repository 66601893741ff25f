using Axis.Chaos.Faults;
using Axis.HubUnderTest;
using Axis.LocalServers;
using Axis.TestKit;
using Npgsql;

namespace Axis.Chaos.Stands;

/// <summary>One PostgreSQL, one RabbitMQ, one hub, and a relay on every way between two of them.</summary>
public sealed class SingleStand : IStand
{
    private const string Host = "chaos";

    private readonly string _folder;
    private readonly PrivateServers _postgres;
    private readonly PrivateServers _rabbit;
    private readonly SlowDisk _slowDisk;
    private readonly FullDisk _fullDisk;
    private readonly HubClock _clock;
    private readonly NpgsqlDataSource _database;
    private readonly BrokerManagement _management;
    private readonly TestRegistry _registry;
    private readonly KeptHub _hub;
    private readonly Dictionary<string, TcpRelay> _links;

    private SingleStand(
        string folder,
        PrivateServers postgres,
        PrivateServers rabbit,
        SlowDisk slowDisk,
        FullDisk fullDisk,
        HubClock clock,
        Dictionary<string, TcpRelay> links,
        KeptHub hub
    )
    {
        _folder = folder;
        _postgres = postgres;
        _rabbit = rabbit;
        _slowDisk = slowDisk;
        _fullDisk = fullDisk;
        _clock = clock;
        _links = links;
        _hub = hub;
        _database = NpgsqlDataSource.Create(postgres.PostgresConnectionString);
        _management = new BrokerManagement(rabbit.ManagementUri);
        _registry = new TestRegistry(_database);
        Hub = new Uri($"http://127.0.0.1:{links["client-hub"].Port}");
        Broker = AtPort(rabbit.AmqpUri, links["client-broker"].Port);
        Faults = [.. AllFaults()];
    }

    public Uri Hub { get; }

    public Uri Broker { get; }

    public IReadOnlyList<Fault> Faults { get; }

    public IReadOnlyList<string> LeftOut =>
        [
            .. _slowDisk.IsPossible ? (string[])[] : ["slow fsync: there is no C compiler here"],
            .. _fullDisk.IsPossible ? (string[])[] : ["disk full: no right to mount here"],
        ];

    public IReadOnlyList<string> OwnDeaths =>
        _hub.OwnDeaths == 0
            ? []
            : [$"the hub ended of itself {_hub.OwnDeaths} times; the last: {_hub.LastWords}"];

    public string Logs => _hub.Log;

    public static async Task<SingleStand> StartAsync(
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        var folder = $"/var/tmp/axis-chaos-{Environment.ProcessId}";
        Directory.CreateDirectory(folder);
        var slowDisk = await SlowDisk.PrepareAsync(folder, cancellation);
        var fullDisk = await FullDisk.PrepareAsync(Path.Combine(folder, "payloads"));
        var taken = new HashSet<int>();
        int Free() => LoopbackPorts.Choose(0, taken);
        var (http, ops) = (Free(), Free());
        var auth = TcpRelay.Start(Free(), ops);
        // Apart, so that each can be struck and started while the other is.
        var postgres = await PrivateServers.StartAsync(
            new PrivateServersOptions(
                Path.Combine(folder, "database"),
                WithBroker: false,
                PostgresEnvironment: slowDisk.EnvironmentOf("database")
            ),
            progress,
            cancellation
        );
        var rabbit = await PrivateServers.StartAsync(
            new PrivateServersOptions(
                Path.Combine(folder, "broker"),
                BrokerAuthPort: auth.Port,
                WithPostgres: false,
                WithManagement: true,
                BrokerEnvironment: slowDisk.EnvironmentOf("broker")
            ),
            progress,
            cancellation
        );
        var links = new Dictionary<string, TcpRelay>(StringComparer.Ordinal)
        {
            ["broker-hub"] = auth,
            ["hub-broker"] = TcpRelay.Start(Free(), rabbit.AmqpPort),
            ["hub-database"] = TcpRelay.Start(Free(), postgres.PostgresPort),
            ["client-hub"] = TcpRelay.Start(Free(), http),
            ["client-broker"] = TcpRelay.Start(Free(), rabbit.AmqpPort),
        };
        var clock = HubClock.Create(Path.Combine(folder, "clock"));
        var hub = new KeptHub(
            "hub",
            new Dictionary<string, string?>
            {
                ["Storage:ConnectionString"] = new NpgsqlConnectionStringBuilder(
                    postgres.PostgresConnectionString
                )
                {
                    Port = links["hub-database"].Port,
                }.ConnectionString,
                ["Storage:PayloadFolder"] = fullDisk.Folder,
                ["Broker:Uri"] = AtPort(rabbit.AmqpUri, links["hub-broker"].Port).AbsoluteUri,
                ["Broker:ManagementUri"] = rabbit.ManagementUri.AbsoluteUri,
                ["Listen:Http"] = $"http://127.0.0.1:{http}",
                ["Listen:Ops"] = $"http://127.0.0.1:{ops}",
                ["Access:SigningKeyFile"] = Path.Combine(folder, "token-key.pem"),
                // A row that met several faults in a row must not sit out five minutes at the end of the run.
                ["Delivery:LongestRetry"] = "00:00:20",
                // Nor must the run wait for a dead queue longer than it takes to be sure of it.
                ["Delivery:DeadQueueAfter"] = "00:00:15",
            },
            typeof(DieAt).Assembly.Location,
            new Dictionary<string, string>(slowDisk.EnvironmentOf("hub"))
            {
                [SetClock.Variable] = clock.Path,
            }
        );
        var stand = new SingleStand(
            folder,
            postgres,
            rabbit,
            slowDisk,
            fullDisk,
            clock,
            links,
            hub
        );
        progress.Report("Starting the hub …");
        await hub.StartAsync();
        await stand.FillRegistryAsync();
        return stand;
    }

    public string SecretOf(string officeSystem) => _registry.SecretOf(officeSystem);

    public async Task<IReadOnlyList<string>> FindUnfinishedAsync(CancellationToken cancellation) =>
        await Unfinished.FindAsync(_database, _management, "/", cancellation);

    public Task<long> CountPackagesAsync(CancellationToken cancellation) =>
        Unfinished.CountPackagesAsync(_database, cancellation);

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links.Values)
        {
            link.Heal();
        }
        await _hub.DisposeAsync();
        await _database.DisposeAsync();
        _management.Dispose();
        foreach (var link in _links.Values)
        {
            await link.DisposeAsync();
        }
        foreach (var server in (PrivateServers[])[_rabbit, _postgres])
        {
            await PrivateServers.PurgeAsync(server.DataFolder);
            await server.DisposeAsync();
        }
        _clock.Dispose();
        await _fullDisk.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private Task FillRegistryAsync() => ChaosRegistry.FillAsync(_registry);

    private IEnumerable<Fault> AllFaults() =>
        [
            .. HubFaults.Of(_hub, _clock),
            .. DatabaseFaults.Of(_database, _postgres),
            .. BrokerFaults.Of(_rabbit, _management, "/"),
            .. _links.SelectMany(link => Relays.FaultsOf(link.Key, link.Value)),
            .. DiskFaults.Of(_slowDisk, _fullDisk),
        ];

    private static Uri AtPort(Uri address, int port) => new UriBuilder(address) { Port = port }.Uri;
}
