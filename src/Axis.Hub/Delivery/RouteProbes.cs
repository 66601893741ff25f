using Axis.Hub.Broker;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Delivery;

/// <summary>
/// Tries one parked delivery of each route whose breaker is open, when its time comes. Each on a channel of its own: a
/// queue that does not answer costs nobody else anything.
/// </summary>
public sealed class RouteProbes(
    DeliveryOutbox outbox,
    RouteBreakers breakers,
    Dispatcher dispatcher,
    BrokerConnection broker,
    IServiceProvider services,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ILogger<RouteProbes> log
) : BackgroundService
{
    private const int MostAtOnce = 8;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await broker.NumberAsync(stoppingToken);
                if (broker.IsServing && breakers.AnyShut)
                {
                    var probes = await outbox.ClaimProbesAsync(MostAtOnce, stoppingToken);
                    await Task.WhenAll(probes.Select(probe => TryAsync(probe, stoppingToken)));
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning("Routes could not be probed: {Failure}", failure.Message);
            }
            await Task.Delay(options.Value.RecoveryInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TryAsync(DispatchItem probe, CancellationToken stopping)
    {
        // Not asked of the container, which would keep it until the hub stops.
        await using var publisher = ActivatorUtilities.CreateInstance<ConfirmedPublisher>(services);
        await dispatcher.SendAsync(publisher, probe, stopping);
    }
}
