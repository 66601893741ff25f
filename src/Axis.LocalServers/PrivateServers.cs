using Axis.LocalServers.Install;
using Axis.LocalServers.Processes;

namespace Axis.LocalServers;

/// <summary>
/// A private PostgreSQL and a private RabbitMQ on loopback ports of their own. Services of the system are never touched.
/// Starting is idempotent: servers that already run from the same data folder are found and used.
/// </summary>
/// <remarks>
/// Servers that are not detached end with the process that started them, however it dies.
/// Not safe for concurrent calls on one instance.
/// </remarks>
public sealed class PrivateServers : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private PrivateServersOptions _options;
    private readonly ServerBinaries _binaries;
    private readonly List<SupervisedProcess> _owned = [];
    private ServerState _state;

    private PrivateServers(
        PrivateServersOptions options,
        ServerBinaries binaries,
        ServerState state
    )
    {
        _options = options;
        _binaries = binaries;
        _state = state;
    }

    public string DataFolder => _options.DataFolder;

    /// <summary>Superuser, database <c>axis</c>.</summary>
    public string PostgresConnectionString => Postgres.ConnectionString("axis");

    /// <summary>As the administrator <c>axis-hub</c>, virtual host <c>/</c>.</summary>
    public Uri AmqpUri =>
        new($"amqp://{BrokerServer.User}:{_state.BrokerPassword}@127.0.0.1:{AmqpPort}/%2f");

    /// <summary>The management API, with the administrator's name and password.</summary>
    public Uri ManagementUri =>
        new(
            $"http://{BrokerServer.User}:{_state.BrokerPassword}@127.0.0.1:{_state.ManagementPort}/"
        );

    /// <summary>TLS, with client certificates of <see cref="AuthorityFile"/>; only with the management API.</summary>
    public int AmqpTlsPort => _state.AmqpTlsPort;

    /// <summary>The authority that the broker trusts, with its key: readable by its owner only.</summary>
    public string AuthorityFile => Path.Combine(DataFolder, BrokerServer.AuthorityFileName);

    public int PostgresPort => _state.PostgresPort;

    /// <summary>What another PostgreSQL needs to follow this one.</summary>
    public StandbySource AsStandbySource => new(_state.PostgresPort, _state.PostgresPassword);

    public int AmqpPort => _state.AmqpPort;

    /// <summary>Where the broker expects the hub's operations listener.</summary>
    public int BrokerAuthPort => _state.BrokerAuthPort;

    private PostgresServer Postgres =>
        new(
            _binaries.PostgresFolder,
            _state.ServerFolder,
            _state,
            _options.Durable,
            _options.PostgresEnvironment,
            _options.StandbyOf
        );

    private BrokerServer Broker =>
        new(
            _binaries.RabbitFolder!,
            _state.ServerFolder,
            _state,
            _options.WithManagement,
            AuthorityFile,
            _options.BrokerEnvironment,
            _options.Member
        );

    /// <summary>Installs what is missing, starts what does not run, and returns when both servers serve.</summary>
    /// <exception cref="PrivateServersException">In words, what is missing or failed.</exception>
    public static async Task<PrivateServers> StartAsync(
        PrivateServersOptions options,
        IProgress<string> progress,
        CancellationToken cancellation = default
    )
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PrivateServersException(
                "Private servers need Linux. Set AXIS_POSTGRES and AXIS_AMQP to servers of your own."
            );
        }

        options = options with { DataFolder = Path.GetFullPath(options.DataFolder) };
        var binaries = await ServerBinaries.FindOrInstallAsync(
            options.WithBroker,
            progress,
            cancellation
        );
        Directory.CreateDirectory(options.DataFolder);
        await using var folderLock = await LockAsync(options.DataFolder, cancellation);
        var known =
            await ServerState.ReadAsync(options.DataFolder, cancellation) ?? new ServerState();
        // Servers whose starter has just died are not to be used: they are going down.
        await EndAsync(
            known.Running.Where(server => server.IsEnding),
            Signal.Terminate,
            cancellation
        );
        var servers = new PrivateServers(options, binaries, ChoosePorts(known, options, progress));
        try
        {
            await servers.StartMissingAsync(progress, cancellation);
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }

        return servers;
    }

    /// <summary>Stops the servers of a data folder, whoever started them. Returns false when none ran.</summary>
    public static async Task<bool> StopAsync(
        string dataFolder,
        CancellationToken cancellation = default
    )
    {
        dataFolder = Path.GetFullPath(dataFolder);
        if (await ServerState.ReadAsync(dataFolder, cancellation) is not { } state)
        {
            return false;
        }

        await using var folderLock = await LockAsync(dataFolder, cancellation);
        RunningServer[] running = [.. state.Running];
        await EndAsync(running, Signal.Terminate, cancellation);
        await (state with { Postgres = null, Broker = null }).WriteAsync(dataFolder, cancellation);
        return running.Length > 0;
    }

    /// <summary>Ends the servers of a data folder, whoever started them, and forgets their data.</summary>
    public static async Task PurgeAsync(string dataFolder, CancellationToken cancellation = default)
    {
        dataFolder = Path.GetFullPath(dataFolder);
        if (await ServerState.ReadAsync(dataFolder, cancellation) is not { } state)
        {
            return;
        }

        // No order is needed for what is thrown away.
        await EndAsync(state.Running, Signal.Crash, cancellation);

        foreach (var name in (string[])["postgres", "rabbitmq"])
        {
            var folder = Path.Combine(state.ServerFolder, name);
            await ServerFolder.DeleteAsync(folder, cancellation);
        }

        if (state.ServerFolder != dataFolder && Directory.Exists(state.ServerFolder))
        {
            Directory.Delete(state.ServerFolder);
        }

        File.Delete(Path.Combine(dataFolder, BrokerServer.AuthorityFileName));
        File.Delete(Path.Combine(dataFolder, "servers.json"));
        File.Delete(Path.Combine(dataFolder, "servers.lock"));
    }

    /// <summary>Makes the database unless there is one of that name; returns its connection string.</summary>
    public Task<string> CreateDatabaseAsync(
        string name,
        CancellationToken cancellation = default
    ) => Postgres.EnsureDatabaseAsync(name, cancellation);

    /// <summary>Makes a virtual host; returns its address for the administrator.</summary>
    public async Task<Uri> CreateVirtualHostAsync(
        string name,
        CancellationToken cancellation = default
    )
    {
        using var management = new BrokerManagement(ManagementUri);
        return await management.CreateVirtualHostAsync(AmqpUri, name, cancellation);
    }

    /// <summary>An orderly stop of both servers.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await StopAsync(_options.DataFolder, cancellation);
        _state = _state with { Postgres = null, Broker = null };
    }

    /// <summary>SIGKILL to RabbitMQ and everything it started, as a crash would.</summary>
    public Task KillBrokerAsync(CancellationToken cancellation = default) =>
        KillAsync(_state.Broker, cancellation);

    /// <summary>SIGKILL to PostgreSQL, as a crash would.</summary>
    public Task KillPostgresAsync(CancellationToken cancellation = default) =>
        KillAsync(_state.Postgres, cancellation);

    /// <summary>Suspends RabbitMQ, as a hypervisor suspends a machine, or wakes it.</summary>
    public void SuspendBroker(bool suspended) =>
        _state.Broker?.Supervisor.SendToGroup(suspended ? Signal.Stop : Signal.Continue);

    /// <summary>Brings a quorum queue into a state in which a crash at the wrong moment can leave it.</summary>
    public Task BreakQueueAsync(string virtualHost, string queue, QueueHarm harm) =>
        Broker.BreakQueueAsync(virtualHost, queue, harm);

    /// <summary>Lets a queue that hangs answer again.</summary>
    public Task LetQueueAnswerAsync(string virtualHost, string queue) =>
        Broker.LetQueueAnswerAsync(virtualHost, queue);

    /// <summary>An orderly stop of RabbitMQ.</summary>
    public Task StopBrokerAsync(CancellationToken cancellation = default) =>
        EndAsync(_state.Broker is { } broker ? [broker] : [], Signal.Terminate, cancellation);

    /// <summary>An orderly stop of PostgreSQL.</summary>
    public Task StopPostgresAsync(CancellationToken cancellation = default) =>
        EndAsync(_state.Postgres is { } postgres ? [postgres] : [], Signal.Terminate, cancellation);

    /// <summary>Throws PostgreSQL's data away and begins anew as a standby.</summary>
    public async Task RebuildAsStandbyAsync(
        StandbySource primary,
        CancellationToken cancellation = default
    )
    {
        await KillPostgresAsync(cancellation);
        _options = _options with { StandbyOf = primary };
        await Postgres.ForgetAsync(cancellation);
        await RestartPostgresAsync(cancellation);
    }

    /// <summary>Starts RabbitMQ again on its port and data; returns when it serves.</summary>
    public Task RestartBrokerAsync(CancellationToken cancellation = default) =>
        RestartAsync(_state.Broker, cancellation);

    /// <summary>Starts PostgreSQL again on its port and data; returns when it serves.</summary>
    public async Task RestartPostgresAsync(CancellationToken cancellation = default)
    {
        // After a kill the old backends hold the shared memory for a moment, and a new server refuses to start.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RestartAsync(_state.Postgres, cancellation);
                return;
            }
            catch (PrivateServersException) when (attempt < 20)
            {
                await Task.Delay(250, cancellation);
            }
        }
    }

    /// <summary>Stops what this instance started, unless it is to outlive this process.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_options.Detached)
        {
            var owned = _owned.Select(process => process.Identity).ToHashSet();
            await EndAsync(
                _state.Running.Where(server => owned.Contains(server.Supervisor)),
                Signal.Terminate,
                CancellationToken.None
            );
        }

        foreach (var process in _owned)
        {
            process.Dispose();
        }

        _owned.Clear();
    }

    private async Task StartMissingAsync(IProgress<string> progress, CancellationToken cancellation)
    {
        await _state.WriteAsync(_options.DataFolder, cancellation);
        if (_state.ServerFolder != _options.DataFolder)
        {
            Directory.CreateDirectory(_state.ServerFolder);
        }

        var startPostgres = _options.WithPostgres && _state.Postgres is not { IsAlive: true };
        var startBroker = _options.WithBroker && _state.Broker is not { IsAlive: true };
        if (!startPostgres && !startBroker)
        {
            return;
        }

        progress.Report(
            (startPostgres, startBroker) switch
            {
                (true, true) => "Starting PostgreSQL and RabbitMQ …",
                (true, false) => "Starting PostgreSQL …",
                _ => "Starting RabbitMQ …",
            }
        );
        // RabbitMQ first: its start takes longest and runs while the database is prepared.
        if (startBroker)
        {
            await Broker.PrepareAsync(cancellation);
            _state = _state with { Broker = Own(Broker.Start(_options.Detached)) };
        }

        if (startPostgres)
        {
            await Postgres.PrepareAsync(cancellation);
            _state = _state with { Postgres = Own(Postgres.Start(_options.Detached)) };
        }

        await _state.WriteAsync(_options.DataFolder, cancellation);
        if (_options.WithPostgres)
        {
            await Postgres.WaitUntilReadyAsync(_state.Postgres!.Supervisor, cancellation);
            if (_options.StandbyOf is null)
            {
                await Postgres.EnsureDatabaseAsync("axis", cancellation);
            }
        }

        if (_options.WithBroker)
        {
            await Broker.WaitUntilReadyAsync(_state.Broker!.Supervisor, cancellation);
        }
    }

    private RunningServer Own(SupervisedProcess process)
    {
        _owned.Add(process);
        var self = ProcessIdentity.Of(Environment.ProcessId)!;
        return new RunningServer(process.Identity, self, _options.Detached);
    }

    private static async Task KillAsync(RunningServer? server, CancellationToken cancellation)
    {
        if (server is null)
        {
            return;
        }

        server.Supervisor.Send(Signal.Crash);
        await server.Supervisor.WaitForExitAsync(StopLimit, cancellation);
    }

    private async Task RestartAsync(RunningServer? server, CancellationToken cancellation)
    {
        await using var folderLock = await LockAsync(_options.DataFolder, cancellation);
        if (server is not null)
        {
            await EndAsync([server], Signal.Terminate, cancellation);
        }

        await StartMissingAsync(new Progress<string>(), cancellation);
    }

    private static Task EndAsync(
        IEnumerable<RunningServer> servers,
        Signal signal,
        CancellationToken cancellation
    ) =>
        Task.WhenAll(
            servers.Select(server => server.Supervisor.EndAsync(signal, StopLimit, cancellation))
        );

    private static ServerState ChoosePorts(
        ServerState known,
        PrivateServersOptions options,
        IProgress<string> progress
    )
    {
        var postgresRuns = known.Postgres is { IsAlive: true };
        var brokerRuns = known.Broker is { IsAlive: true };
        if (
            brokerRuns
            && options.BrokerAuthPort != 0
            && options.BrokerAuthPort != known.BrokerAuthPort
        )
        {
            throw new PrivateServersException(
                $"RabbitMQ already runs from {options.DataFolder} and expects the hub's operations listener on port "
                    + $"{known.BrokerAuthPort}, not {options.BrokerAuthPort}. Stop it first."
            );
        }

        var taken = new HashSet<int>();
        int Keep(int port, bool runs) =>
            runs && port != 0 ? port : LoopbackPorts.Choose(port, taken);

        return known with
        {
            ServerFolder = ServerFolder.For(options.DataFolder, progress),
            PostgresPort = Keep(known.PostgresPort, postgresRuns),
            AmqpPort = Keep(known.AmqpPort, brokerRuns),
            ManagementPort = Keep(known.ManagementPort, brokerRuns),
            AmqpTlsPort = Keep(known.AmqpTlsPort, brokerRuns),
            ErlangPort = Keep(known.ErlangPort, brokerRuns),
            PortMapperPort =
                options.Member?.PortMapperPort ?? Keep(known.PortMapperPort, brokerRuns),
            BrokerPassword = options.Member?.Password ?? known.BrokerPassword,
            PostgresPassword = options.StandbyOf?.Password ?? known.PostgresPassword,
            BrokerAuthPort =
                options.BrokerAuthPort != 0
                    ? options.BrokerAuthPort
                    : Keep(known.BrokerAuthPort, brokerRuns),
        };
    }

    /// <summary>One starter or stopper at a time for a data folder.</summary>
    private static async Task<FileStream> LockAsync(
        string dataFolder,
        CancellationToken cancellation
    )
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(
                    Path.Combine(dataFolder, "servers.lock"),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                );
            }
            catch (IOException)
                when (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(2))
            {
                await Task.Delay(100, cancellation);
            }
        }
    }
}
