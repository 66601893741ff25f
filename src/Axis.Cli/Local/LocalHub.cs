using Axis.Cli.National;
using Axis.Cli.Terminal;
using Axis.LocalServers;
using Axis.LocalServers.Processes;

namespace Axis.Cli.Local;

/// <summary>What <c>up</c> was asked for.</summary>
/// <param name="HttpPort">0: 8080 or, when that is taken, another.</param>
/// <param name="WithNationalSim">With a simulated national axis that the hub exchanges with.</param>
internal sealed record LocalHubOptions(
    Workspace Workspace,
    DataFolder Folder,
    int HttpPort,
    bool Detached,
    bool WithNationalSim = false
);

/// <summary>The whole of Axis on this machine: servers, demo province, hub. Found when it runs, else started.</summary>
internal sealed class LocalHub : IAsyncDisposable
{
    private const int PreferredPort = 8080;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(20);

    private readonly Servers? _servers;
    private readonly SupervisedProcess? _process;
    private readonly SupervisedProcess? _simulator;
    private readonly bool _detached;

    private LocalHub(
        HubState state,
        Servers? servers,
        SupervisedProcess? process,
        SupervisedProcess? simulator
    )
    {
        State = state;
        _servers = servers;
        _process = process;
        _simulator = simulator;
        _detached = state.Detached;
    }

    public HubState State { get; }

    /// <summary>False when a running one was found.</summary>
    public bool StartedHere => _process is not null;

    /// <summary>Whether the hub says of itself that it can take work now.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = ReadyLimit };
        try
        {
            using var answer = await http.GetAsync(
                new Uri(State.Ops, "health/ready"),
                cancellation
            );
            return answer.IsSuccessStatusCode;
        }
        catch (Exception failure)
            when (failure is HttpRequestException or TaskCanceledException
                && !cancellation.IsCancellationRequested
            )
        {
            return false;
        }
    }

    public static async Task<LocalHub> StartAsync(
        LocalHubOptions options,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        var folder = options.Folder;
        folder.Create();
        var known = await HubState.ReadAsync(folder, cancellation);
        if (known is { IsEnding: true })
        {
            await EndAsync(known.Supervisor, cancellation);
        }
        else if (known is { IsRunning: true })
        {
            return
                (options.HttpPort == 0 || options.HttpPort == known.HttpPort)
                && (!options.WithNationalSim || known.SimPort is not null)
                ? new LocalHub(known, null, null, null)
                : throw new CommandFailure(
                    ExitCodes.Usage,
                    $"Axis already runs from {folder.Path} at {known.Hub}{(known.SimPort is null ? ", without a national axis" : "")}: ./axis down stops it."
                );
        }

        await EndAsync(known?.Simulator, cancellation);
        var addresses = ChoosePorts(options.HttpPort, known, options.WithNationalSim);
        var servers = await Servers.StartAsync(
            folder,
            addresses.OpsPort,
            options.Detached,
            progress,
            cancellation
        );
        addresses = addresses with
        {
            OpsPort = servers.BrokerAuthPort,
            Broker = new UriBuilder(servers.Amqp) { UserName = "", Password = "" }.Uri,
            StartedBy = ProcessIdentity.Of(Environment.ProcessId),
            Detached = options.Detached,
        };
        SupervisedProcess? process = null;
        SupervisedProcess? simulator = null;
        try
        {
            var sim = addresses.SimPort is { } port ? new SimProcess(folder, port) : null;
            if (sim is not null)
            {
                progress.Report("Starting the simulated national axis …");
                simulator = await sim.StartAsync(options.Detached, cancellation);
                addresses = addresses with { Simulator = simulator.Identity };
            }

            var hub = new HubProcess(
                options.Workspace,
                folder,
                addresses,
                new ServerAddresses(servers.Postgres, [servers.Amqp]),
                folder.HubLog,
                sim
            );
            await DemoKeys.EnsureAsync(
                options.Workspace.DemoProvince,
                folder.DemoKeys,
                folder.Trust,
                progress,
                cancellation
            );
            progress.Report("Preparing the database and the demo province …");
            await hub.MigrateAsync(cancellation);
            await hub.ImportAsync(cancellation);
            progress.Report("Starting the hub …");
            process = await hub.StartAsync(options.Detached, cancellation);
            var state = addresses with { Supervisor = process.Identity };
            await state.WriteAsync(folder, cancellation);
            return new LocalHub(state, servers, process, simulator);
        }
        catch
        {
            process?.Dispose();
            await EndAsync(simulator?.Identity, CancellationToken.None);
            simulator?.Dispose();
            await servers.DisposeAsync();
            if (options.Detached)
            {
                await PrivateServers.StopAsync(folder.Path, CancellationToken.None);
            }

            throw;
        }
    }

    /// <summary>Stops hub and servers of a data folder, whoever started them. False when nothing ran.</summary>
    public static async Task<bool> StopAsync(DataFolder folder, CancellationToken cancellation)
    {
        var ran = false;
        if (await HubState.ReadAsync(folder, cancellation) is { } state)
        {
            ran = state.IsRunning;
            await EndAsync(state.Supervisor, cancellation);
            await EndAsync(state.Simulator, cancellation);
            await (state with { Supervisor = null, Simulator = null }).WriteAsync(
                folder,
                cancellation
            );
        }

        return await PrivateServers.StopAsync(folder.Path, cancellation) || ran;
    }

    /// <summary>Ends when the hub does.</summary>
    public async Task WaitForExitAsync(CancellationToken cancellation)
    {
        while (State.IsRunning)
        {
            await Task.Delay(500, cancellation);
        }
    }

    /// <summary>Stops what was started here, hub first; what is detached or was found stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null && !_detached)
        {
            await EndAsync(_process.Identity, CancellationToken.None);
            await EndAsync(_simulator?.Identity, CancellationToken.None);
        }

        _process?.Dispose();
        _simulator?.Dispose();
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }
    }

    private static Task EndAsync(ProcessIdentity? process, CancellationToken cancellation) =>
        process?.EndAsync(Signal.Terminate, StopLimit, cancellation) ?? Task.CompletedTask;

    private static HubState ChoosePorts(int asked, HubState? known, bool withSim)
    {
        if (asked != 0 && !LoopbackPorts.IsFree(asked))
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"Port {asked} is taken; give another with --port."
            );
        }

        var taken = new HashSet<int>();
        var http = LoopbackPorts.Choose(
            asked != 0 ? asked : known?.HttpPort ?? PreferredPort,
            taken
        );
        var ops = LoopbackPorts.Choose(known?.OpsPort ?? http + 1, taken);
        return new HubState(http, ops)
        {
            SimPort = withSim
                ? LoopbackPorts.Choose(known?.SimPort ?? SimCommand.PreferredPort, taken)
                : null,
        };
    }
}
