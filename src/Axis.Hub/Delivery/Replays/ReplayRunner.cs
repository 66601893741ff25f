using Microsoft.Extensions.Options;

namespace Axis.Hub.Delivery.Replays;

/// <summary>Takes the steps of running replays as they fall due. On every node: the rows keep them apart.</summary>
public sealed class ReplayRunner(
    ReplayStep step,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ILogger<ReplayRunner> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await step.TakeAsync(stoppingToken)) { }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning("A replay could not go on: {Failure}", failure.Message);
            }
            await Task.Delay(options.Value.RecoveryInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
