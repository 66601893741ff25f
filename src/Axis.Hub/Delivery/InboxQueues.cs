using Axis.Hub.Broker;
using Axis.Hub.Registry;

namespace Axis.Hub.Delivery;

/// <summary>
/// Keeps the queues of every office system declared, so that a new one can start to listen before its first letter.
/// Looks when the registry changes and whenever the broker comes back.
/// </summary>
public sealed class InboxQueues(
    BrokerConnection broker,
    ConfirmedPublisher declarations,
    RegistryCache registry,
    TimeProvider clock,
    ILogger<InboxQueues> log
) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var connection = 0;
        var declared = new HashSet<string>(StringComparer.Ordinal);
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
                foreach (
                    var officeSystem in registry.Current.OfficeSystems.Where(system =>
                        !declared.Contains(system.Id)
                    )
                )
                {
                    await DeclareAsync(officeSystem.Id, declared, stoppingToken);
                }
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
    private async Task DeclareAsync(
        string officeSystemId,
        HashSet<string> declared,
        CancellationToken stopping
    )
    {
        try
        {
            await declarations.DeclareOfficeSystemAsync(officeSystemId, stopping);
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
