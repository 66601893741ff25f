using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Registry;

/// <summary>
/// Holds the current snapshot. It is loaded before the hub listens (a hub without a registry would refuse everybody),
/// and again whenever the tables change: PostgreSQL notifies, and a poll of the version is there for when a
/// notification is lost. While the database is away the last snapshot stays in force.
/// </summary>
public sealed class RegistryCache(
    NpgsqlDataSource database,
    RegistryReader reader,
    IOptions<RegistryOptions> options,
    TimeProvider clock,
    ILogger<RegistryCache> log
) : BackgroundService
{
    private readonly Lock _edge = new();
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly SemaphoreSlim _notified = new(0, 1);
    private volatile RegistrySnapshot? _current;

    /// <summary>
    /// The registry as last read, as of now: when the time of a prepared change has come, whoever asks first takes the
    /// snapshot over that edge, without the database.
    /// </summary>
    /// <exception cref="InvalidOperationException">Asked for before the hub has started.</exception>
    public RegistrySnapshot Current
    {
        get
        {
            var current =
                _current
                ?? throw new InvalidOperationException(
                    "The registry was asked for before it was loaded."
                );
            var now = clock.GetUtcNow();
            return now < current.ChangesAt ? current : OverTheEdge(now);
        }
    }

    public bool IsLoaded => _current is not null;

    /// <summary>Reads the registry now; returns when <see cref="Current"/> is at least as new as this call.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var began = clock.GetTimestamp();
            var before = _current;
            var snapshot = await reader.ReadAsync(before, clock.GetUtcNow(), cancellationToken);
            lock (_edge)
            {
                _current = snapshot;
            }
            if (ReferenceEquals(before, snapshot))
            {
                return;
            }
            log.LogInformation(
                "Registry version {Version} in {Elapsed}: {Agencies} agencies, {OfficeSystems} office systems, {Operators} operators",
                snapshot.Version,
                clock.GetElapsedTime(began),
                snapshot.Agencies.Count,
                snapshot.OfficeSystems.Count,
                snapshot.Operators.Count
            );
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _oneAtATime.Dispose();
        _notified.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(
            DatabaseNotices.ListenAsync(
                database,
                "axis_registry",
                Notify,
                clock,
                log,
                stoppingToken
            ),
            WatchAsync(stoppingToken)
        );

    private RegistrySnapshot OverTheEdge(DateTimeOffset now)
    {
        lock (_edge)
        {
            var current = _current!;
            return now < current.ChangesAt ? current : _current = current.At(now);
        }
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await NotifiedOrPollDueAsync(stopping);
                if (await reader.ReadVersionAsync(stopping) != Current.Version)
                {
                    await RefreshAsync(stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The snapshot in force stays; the next poll tries again.
                log.LogWarning("The registry could not be read: {Failure}", failure.Message);
            }
        }
    }

    private async Task NotifiedOrPollDueAsync(CancellationToken stopping)
    {
        // A timer of our own could cancel in the moment after the end, and its exception would end the process.
        using var pollDue = new CancellationTokenSource(options.Value.PollInterval, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pollDue.Token, stopping);
        try
        {
            await _notified.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return;
        }
    }

    private void Notify()
    {
        try
        {
            _notified.Release();
        }
        catch (SemaphoreFullException)
        {
            // A notification is pending already; one look sees all changes.
            return;
        }
    }
}
