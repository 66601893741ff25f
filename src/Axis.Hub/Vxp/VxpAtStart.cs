namespace Axis.Hub.Vxp;

/// <summary>
/// Before the hub listens: a key file that cannot be used stops the start, and the clients are in memory, so that they
/// are known even if the database goes away after.
/// </summary>
public sealed class VxpAtStart(SealingKey key, VxpClients clients, ILogger<VxpAtStart> log)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var known = await clients.SystemIdsAsync(cancellationToken);
        if (known.Count > 0 && !key.IsThere)
        {
            log.LogWarning(
                "{Clients} VXP clients are registered, but there is no Vxp:KeyFile: none of them gets in",
                known.Count
            );
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
