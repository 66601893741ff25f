using Axis.Hub.Broker;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Delivery;

/// <summary>Sends one row now, whatever its breaker says.</summary>
public delegate Task SendProbe<in TRow>(
    ConfirmedPublisher publisher,
    TRow row,
    CancellationToken cancellationToken
);

/// <summary>
/// Tries one parked row of each queue whose breaker is open, when its time comes. Each on a channel of its own: a queue
/// that does not answer costs nobody else anything, not even the probes of others a place to wait for; and on a
/// connection beside the hub's own, which the broker may close when such a queue goes.
/// </summary>
public sealed class QueueProbes<TRow>(
    IParkingOutbox<TRow> outbox,
    QueueBreakers<TRow> breakers,
    SendProbe<TRow> send,
    BrokerConnection broker,
    TrialConnection trials,
    IServiceProvider services,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ICrashPoints crash,
    ILogger<QueueProbes<TRow>> log
) : BackgroundService
{
    private const int MostAtOnce = 16;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var under = new List<Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            var begun = 0;
            try
            {
                await broker.NumberAsync(stoppingToken);
                under.RemoveAll(probe => probe.IsCompleted);
                if (broker.IsServing && breakers.AnyShut && under.Count < MostAtOnce)
                {
                    var probes = await outbox.ClaimProbesAsync(
                        MostAtOnce - under.Count,
                        stoppingToken
                    );
                    if (probes.Count > 0)
                    {
                        crash.Pass(CrashPoint.ProbeTaken);
                    }
                    under.AddRange(probes.Select(probe => TryAsync(probe, stoppingToken)));
                    begun = probes.Count;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                log.LogWarning("Queues could not be probed: {Failure}", failure.Message);
            }
            // More may be due at once; then it goes on as soon as one of these has ended.
            var pause = Task.Delay(options.Value.RecoveryInterval, clock, stoppingToken);
            await (begun > 0 ? Task.WhenAny([pause, .. under]) : pause).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing
            );
        }
        await Task.WhenAll(under);
    }

    private async Task TryAsync(TRow probe, CancellationToken stopping)
    {
        try
        {
            // Not asked of the container, which would keep it until the hub stops.
            await using var publisher = ActivatorUtilities.CreateInstance<ConfirmedPublisher>(
                services,
                trials
            );
            await send(publisher, probe, stopping);
        }
        catch (Exception failure)
        {
            // The row is under its lease, and comes back.
            log.LogWarning("A probe failed: {Failure}", failure.Message);
        }
    }
}
