using System.Diagnostics;
using System.Text;
using Axis.Hub;
using Axis.LocalServers.Processes;

namespace Axis.TestKit;

/// <summary>The hub as a process, which can be killed like any process.</summary>
public sealed class HubProcess : IHubRun
{
    private const int LogCharacters = 1_000_000;

    // A process needs far more of a busy machine than a request does.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly ProcessIdentity _identity;
    private readonly StringBuilder _log;
    private readonly Uri _ops;

    private HubProcess(Process process, StringBuilder log, Uri http, Uri ops)
    {
        _process = process;
        _identity = ProcessIdentity.Of(process.Id) ?? new ProcessIdentity(process.Id, 0);
        _log = log;
        _ops = ops;
        Http = http;
    }

    public Uri Http { get; }

    /// <summary>Its operations listener.</summary>
    public Uri Ops => _ops;

    public bool HasExited => _process.HasExited;

    /// <summary>Of the process so far, all its cores together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Its resident memory now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts it and returns when it says that it is ready.</summary>
    public static async Task<HubProcess> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        var hub = Start(settings);
        await hub.WaitUntilReadyAsync();
        return hub;
    }

    /// <summary>Starts it and returns at once.</summary>
    /// <param name="settings">As in its configuration, with colons.</param>
    /// <param name="program">Another program than the hub's own: one that a test steers.</param>
    /// <param name="environment">Variables that are no settings.</param>
    public static HubProcess Start(
        IReadOnlyDictionary<string, string?> settings,
        string? program = null,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(
            "dotnet",
            program ?? typeof(HubApplication).Assembly.Location
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Its socket and pipe for diagnostics would be left in the folder of temporary files by each that is killed.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[key] = value;
        }
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        start.Environment["Logging__Console__FormatterName"] = "simple";
        start.Environment["Logging__Console__FormatterOptions__SingleLine"] = "true";
        start.Environment["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ";
        var process = Process.Start(start)!;
        var log = new StringBuilder();
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new HubProcess(
            process,
            log,
            new Uri(settings["Listen:Http"]!),
            new Uri(settings["Listen:Ops"]!)
        );

        void Keep(string? line)
        {
            lock (log)
            {
                if (log.Length < LogCharacters)
                {
                    log.AppendLine(line);
                }
            }
        }
    }

    public async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = _ops, Timeout = Limit };
        await Eventually.HoldsAsync(
            async () =>
            {
                if (_process.HasExited)
                {
                    throw new InvalidOperationException(
                        $"The hub ended with {_process.ExitCode}: {Log}"
                    );
                }
                try
                {
                    using var ready = await client.GetAsync(
                        new Uri("health/ready", UriKind.Relative)
                    );
                    return ready.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            Limit
        );
    }

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    // The process listens for registry changes by itself.
    public Task RefreshRegistryAsync() => Task.CompletedTask;

    /// <summary>SIGTERM: the hub begins to leave; the second time it leaves at once.</summary>
    public void Terminate() => _identity.Send(Signal.Terminate);

    /// <summary>kill -9: no handler of the hub runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>An orderly end: the hub finishes what it has in hand.</summary>
    public async Task EndAsync()
    {
        _identity.Send(Signal.Terminate);
        await WaitForExitAsync();
    }

    /// <summary>Stops it as a machine under a hypervisor is stopped: it notices nothing.</summary>
    public void Freeze() => _identity.Send(Signal.Stop);

    public void Thaw() => _identity.Send(Signal.Continue);

    /// <summary>Waits until it has died of itself.</summary>
    public async Task WaitForExitAsync()
    {
        using var bound = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(bound.Token);
    }

    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
