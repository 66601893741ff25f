using Axis.Chaos.Faults;
using Axis.Chaos.Stands;
using Axis.HubUnderTest;
using Axis.LocalServers;
using Axis.TestKit;
using Npgsql;

namespace Axis.Chaos.Border;

/// <summary>One PostgreSQL, one RabbitMQ, one hub, a simulated national axis, and a relay as the line between the two.</summary>
public sealed class BorderStand : IStand
{
    private const string Rows = """
        SELECT 'deliveries ' || state, count(*) FROM delivery WHERE state <> 'collected' GROUP BY state
        UNION ALL
        SELECT 'events ' || state, count(*) FROM event WHERE state <> 'taken' GROUP BY state
        UNION ALL
        SELECT kind || ' outward ' || state || coalesce(': ' || max(last_error), ''), count(*) FROM far_sending
        WHERE state <> 'sent' GROUP BY kind, state
        UNION ALL
        SELECT kind || ' inward not acknowledged', count(*) FROM far_inward WHERE acknowledged_at IS NULL GROUP BY kind
        UNION ALL
        SELECT kind || ' inward ' || state || ': ' || max(reasons::text), count(*) FROM far_inward
        WHERE state NOT IN ('accepted', 'repeated') GROUP BY kind, state
        """;

    private readonly string _folder;
    private readonly PrivateServers _postgres;
    private readonly PrivateServers _rabbit;
    private readonly NpgsqlDataSource _database;
    private readonly BrokerManagement _management;
    private readonly TestRegistry _registry;
    private readonly KeptHub _hub;
    private readonly TcpRelay _line;

    private BorderStand(
        string folder,
        PrivateServers postgres,
        PrivateServers rabbit,
        KeptAxis axis,
        TcpRelay line,
        KeptHub hub,
        int http
    )
    {
        _folder = folder;
        _postgres = postgres;
        _rabbit = rabbit;
        _line = line;
        _hub = hub;
        Axis = axis;
        _database = NpgsqlDataSource.Create(postgres.PostgresConnectionString);
        _management = new BrokerManagement(rabbit.ManagementUri);
        _registry = new TestRegistry(_database);
        Hub = new Uri($"http://127.0.0.1:{http}");
        Faults =
        [
            .. HubFaults.Of(_hub, clock: null),
            .. DatabaseFaults.Of(_database, _postgres),
            // The harm that is done to single queues belongs to the run inside the province.
            .. BrokerFaults
                .Of(_rabbit, _management, "/")
                .Where(fault => fault.Name is "broker: kill -9" or "broker: frozen"),
            .. BorderFaults.OfLine(_line),
            .. BorderFaults.OfAxis(axis),
        ];
    }

    internal KeptAxis Axis { get; }

    public Uri Hub { get; }

    public Uri Broker => _rabbit.AmqpUri;

    public IReadOnlyList<Fault> Faults { get; }

    public IReadOnlyList<string> LeftOut => [];

    public IReadOnlyList<string> OwnDeaths =>
        _hub.OwnDeaths == 0
            ? []
            : [$"the hub ended of itself {_hub.OwnDeaths} times; the last: {_hub.LastWords}"];

    public string Logs => _hub.Log;

    public static async Task<BorderStand> StartAsync(
        int seed,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        var folder = $"/var/tmp/axis-border-{Environment.ProcessId}";
        Directory.CreateDirectory(folder);
        var taken = new HashSet<int>();
        int Free() => LoopbackPorts.Choose(0, taken);
        var (http, ops, axisPort) = (Free(), Free(), Free());
        // Apart, so that each can be struck and started while the other is.
        var postgres = await PrivateServers.StartAsync(
            new PrivateServersOptions(Path.Combine(folder, "database"), WithBroker: false),
            progress,
            cancellation
        );
        var rabbit = await PrivateServers.StartAsync(
            new PrivateServersOptions(
                Path.Combine(folder, "broker"),
                BrokerAuthPort: ops,
                WithPostgres: false,
                WithManagement: true
            ),
            progress,
            cancellation
        );
        var axisFolder = Path.Combine(folder, "axis");
        var axis = await KeptAxis.StartAsync(axisPort, seed, axisFolder, cancellation);
        var line = TcpRelay.Start(Free(), axisPort);
        var hub = new KeptHub(
            "hub",
            new Dictionary<string, string?>
            {
                ["Storage:ConnectionString"] = postgres.PostgresConnectionString,
                ["Storage:PayloadFolder"] = Path.Combine(folder, "payloads"),
                ["Broker:Uri"] = rabbit.AmqpUri.AbsoluteUri,
                ["Broker:ManagementUri"] = rabbit.ManagementUri.AbsoluteUri,
                ["Listen:Http"] = $"http://127.0.0.1:{http}",
                ["Listen:Ops"] = $"http://127.0.0.1:{ops}",
                ["Access:SigningKeyFile"] = Path.Combine(folder, "token-key.pem"),
                // What met several faults in a row must not sit out minutes at the end of the run.
                ["Delivery:LongestRetry"] = "00:00:20",
                ["National:OwnCodes:0"] = "H99",
                ["National:Axes:national:Endpoint"] =
                    $"http://127.0.0.1:{line.Port}/XrdAdapter/adapter",
                ["National:Axes:national:SystemId"] = KeptAxis.SystemId,
                ["National:Axes:national:SecretFile"] = KeptAxis.SecretFileIn(axisFolder),
                ["National:LookInterval"] = "00:00:00.200",
                ["National:ShortestPoll"] = "00:00:00.200",
                ["National:LongestPoll"] = "00:00:01",
                ["National:FirstRetry"] = "00:00:00.200",
                ["National:LongestRetry"] = "00:00:05",
                ["National:CallTimeout"] = "00:00:05",
                // Longer than the line and a frozen axis can hold back what was sent, together.
                ["National:SettleAfter"] = "00:00:20",
            },
            typeof(DieAt).Assembly.Location,
            new Dictionary<string, string>()
        );
        var stand = new BorderStand(folder, postgres, rabbit, axis, line, hub, http);
        progress.Report("Starting the hub …");
        await hub.StartAsync();
        await FarProvince.FillAsync(stand._registry);
        return stand;
    }

    public string SecretOf(string officeSystem) => _registry.SecretOf(officeSystem);

    public async Task<IReadOnlyList<string>> FindUnfinishedAsync(CancellationToken cancellation)
    {
        var found = await Unfinished.FindAsync(_database, _management, "/", cancellation, Rows);
        if (await Axis.ViewAsync(cancellation) is not { } view)
        {
            return [.. found, "the axis is away"];
        }
        var ours = view.Systems[0];
        return
        [
            .. found,
            .. Left(ours.WaitingDocuments, "documents"),
            .. Left(ours.WaitingStatuses, "statuses"),
            .. Left(view.PlannedActs, "plans of far offices"),
        ];

        static string[] Left(int count, string what) =>
            count == 0 ? [] : [$"{count} {what} at the national axis"];
    }

    public Task<long> CountPackagesAsync(CancellationToken cancellation) =>
        Unfinished.CountPackagesAsync(_database, cancellation);

    /// <summary>What the hub shows as the status of each delivery across the border.</summary>
    internal async Task<IReadOnlyDictionary<Guid, string>> StatusesAsync(
        CancellationToken cancellation
    )
    {
        var statuses = new Dictionary<Guid, string>();
        await using var command = _database.CreateCommand(
            "SELECT id, status FROM delivery WHERE route = 'national' AND status IS NOT NULL"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            statuses[reader.GetGuid(0)] = reader.GetString(1);
        }
        return statuses;
    }

    public async ValueTask DisposeAsync()
    {
        _line.Heal();
        await _hub.DisposeAsync();
        await Axis.DisposeAsync();
        await _line.DisposeAsync();
        await _database.DisposeAsync();
        _management.Dispose();
        foreach (var server in (PrivateServers[])[_rabbit, _postgres])
        {
            await PrivateServers.PurgeAsync(server.DataFolder);
            await server.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }
}
