using Axis.Hub.Broker;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Delivery;

/// <summary>
/// Keeps the queues of every office system declared, so that a new one can start to listen before its first letter,
/// and a deleted one does not wait for the next letter. Looks when the registry changes, whenever the broker comes
/// back, and from time to time.
/// </summary>
public sealed class InboxQueues(
    BrokerConnection broker,
    OfficeQueues queues,
    QueueReplacement replacement,
    RegistryCache registry,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ILogger<InboxQueues> log
) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connection = 0;
        var declared = new HashSet<string>(StringComparer.Ordinal);
        var looked = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var current = await broker.NumberAsync(stoppingToken);
                if (current != connection)
                {
                    declared.Clear();
                    connection = current;
                }
                var all = clock.GetElapsedTime(looked) >= options.Value.QueueLookInterval;
                foreach (
                    var officeSystem in registry.Current.OfficeSystems.Where(system =>
                        all || !declared.Contains(system.Id)
                    )
                )
                {
                    await KeepAsync(officeSystem.Id, declared, stoppingToken);
                }
                if (all)
                {
                    looked = clock.GetTimestamp();
                }
                await queues.SettleAsync(stoppingToken);
                await replacement.FinishAsync(
                    id => registry.Current.OfficeSystem(id) is not null,
                    stoppingToken
                );
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning("Queues could not be declared: {Failure}", failure.Message);
            }
            await Task.Delay(LookInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One queue that cannot be declared (its type differs, say) must not hold back those of others.
    private async Task KeepAsync(
        string officeSystemId,
        HashSet<string> declared,
        CancellationToken stopping
    )
    {
        try
        {
            if (declared.Contains(officeSystemId))
            {
                await queues.RestoreAsync(officeSystemId, stopping);
                return;
            }
            await queues.DeclareAsync(officeSystemId, stopping);
            declared.Add(officeSystemId);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            log.LogWarning(
                "The queues of {OfficeSystem} could not be declared: {Failure}",
                officeSystemId,
                failure.Message
            );
        }
    }
}
