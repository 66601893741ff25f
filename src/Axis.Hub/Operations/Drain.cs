using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Operations;

/// <summary>
/// How a node leaves without a refused request. SIGTERM first takes its readiness away and ends its reading of the
/// submission queue, while it goes on answering, until the load balancer has had time to notice; only then it stops
/// listening and finishes what it has in hand. A second SIGTERM, or Ctrl-C, does not wait.
/// </summary>
public sealed class Drain(
    IHostApplicationLifetime lifetime,
    IOptions<OperationsOptions> options,
    TimeProvider clock,
    ILogger<Drain> log
) : IHostLifetime, IDisposable
{
    private readonly CancellationTokenSource _started = new();
    private readonly List<PosixSignalRegistration> _signals = [];

    /// <summary>Cancelled when this node is to get no new work.</summary>
    public CancellationToken Started => _started.Token;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnInterrupt));
        return Task.CompletedTask;
    }

    /// <summary>Begins to leave; the second call leaves at once.</summary>
    public void Begin()
    {
        if (_started.IsCancellationRequested)
        {
            lifetime.StopApplication();
            return;
        }
        log.LogInformation(
            "Draining: not ready any more, answering for another {Delay}",
            options.Value.DrainDelay
        );
        _started.Cancel();
        _ = StopAfterDelayAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
        _started.Dispose();
    }

    private async Task StopAfterDelayAsync()
    {
        await Task.Delay(options.Value.DrainDelay, clock, lifetime.ApplicationStopping)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lifetime.StopApplication();
    }

    private void OnTerminate(PosixSignalContext context)
    {
        context.Cancel = true;
        Begin();
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        lifetime.StopApplication();
    }
}
