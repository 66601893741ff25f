using Axis.TestKit;

namespace Axis.Chaos.Stands;

/// <summary>A hub that is started again whenever it ends, as an init system does.</summary>
public sealed class KeptHub : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly IReadOnlyDictionary<string, string?> _settings;
    private readonly string _program;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _keeping;
    private volatile HubProcess? _process;
    private volatile bool _isWanted;
    private volatile HubProcess? _told;
    private int _ownDeaths;

    public KeptHub(
        string name,
        IReadOnlyDictionary<string, string?> settings,
        string program,
        IReadOnlyDictionary<string, string> environment
    )
    {
        Name = name;
        _settings = settings;
        _program = program;
        _environment = environment;
        _keeping = KeepAsync();
    }

    public string Name { get; }

    /// <summary>How often it ended without being told to. Starting while the database is away is no such end.</summary>
    public int OwnDeaths => _ownDeaths;

    /// <summary>The last words of a hub that ended of itself.</summary>
    public string? LastWords { get; private set; }

    public string Log => _process?.Log ?? "";

    /// <summary>Starts it and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        _isWanted = true;
        await WaitUntilReadyAsync();
    }

    /// <summary>Started again by the keeper unless it is stopped; waits until it is ready.</summary>
    public async Task WaitUntilReadyAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                if (_process is { HasExited: false } running)
                {
                    await running.WaitUntilReadyAsync();
                    return;
                }
            }
            catch (InvalidOperationException)
            {
                // It ended while it started: the database was away. The keeper tries again.
            }
            await Pause.AtMostAsync(LookInterval, _over.Token);
        }
    }

    /// <summary>kill -9, and away for a while.</summary>
    public async Task KillAsync(TimeSpan away, CancellationToken cancellation)
    {
        _isWanted = false;
        if (_process is { HasExited: false } process)
        {
            await process.KillAsync();
        }
        await Pause.AtMostAsync(away, cancellation);
        _isWanted = true;
    }

    /// <summary>Told to end, in order, and started again.</summary>
    public async Task RestartAsync()
    {
        _isWanted = false;
        if (_process is { HasExited: false } process)
        {
            _told = process;
            await process.EndAsync();
        }
        _isWanted = true;
    }

    public async Task FreezeAsync(TimeSpan time, CancellationToken cancellation)
    {
        var process = _process;
        process?.Freeze();
        await Pause.AtMostAsync(time, cancellation);
        process?.Thaw();
    }

    public async ValueTask DisposeAsync()
    {
        _isWanted = false;
        await _over.CancelAsync();
        await _keeping;
        if (_process is { } process)
        {
            await process.StopAsync();
        }
        _over.Dispose();
    }

    private async Task KeepAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            if (_isWanted && _process is not { HasExited: false })
            {
                if (_process is { } ended)
                {
                    Bury(ended);
                }
                _process = HubProcess.Start(_settings, _program, _environment);
            }
            await Pause.AtMostAsync(LookInterval, _over.Token);
        }
    }

    private void Bury(HubProcess ended)
    {
        // Killed, or ended in order: the log says nothing of a failure. A hub that cannot start without its database
        // says so and ends, and is started again: that is how it is meant. One that was told to end while its database
        // was away may run out of the time it has for that, and complain.
        if (
            ended != _told
            && ended.Log.Contains("Unhandled exception", StringComparison.Ordinal)
            && !ended.Log.Contains("Hosting failed to start", StringComparison.Ordinal)
        )
        {
            LastWords = ended.Log;
            Interlocked.Increment(ref _ownDeaths);
        }
    }
}
