using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Hub.Broker;

/// <summary>
/// One connection to the broker, reopened for ever when it breaks. The library's own recovery stays off: it revives
/// channels whose delivery tags and confirms no longer mean anything, while here whoever used a channel asks for a new
/// one and starts from what the database says.
/// </summary>
public sealed class BrokerConnection(
    IOptions<BrokerOptions> options,
    TimeProvider clock,
    ILogger<BrokerConnection> log
) : BackgroundService, IConfirmingChannels
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private volatile TaskCompletionSource<IConnection> _open = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private int _number;
    private volatile bool _isBlocked;

    /// <summary>Whether the broker is in reach at this moment.</summary>
    public bool IsOpen => _open.Task is { IsCompletedSuccessfully: true, Result.IsOpen: true };

    /// <summary>
    /// In reach, and taking messages: a broker that is short of disk or memory keeps its connections and blocks those
    /// that publish.
    /// </summary>
    public bool IsServing => IsOpen && !_isBlocked;

    /// <summary>How many connections there were, with the one that is open; waits until there is one.</summary>
    public async Task<int> NumberAsync(CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken);
        return Volatile.Read(ref _number);
    }

    /// <summary>The open connection; waits until there is one.</summary>
    public async Task<IConnection> GetAsync(CancellationToken cancellationToken) =>
        await _open.Task.WaitAsync(cancellationToken);

    /// <summary>A channel whose publishes complete when the broker has confirmed them.</summary>
    public async Task<IChannel> OpenConfirmingChannelAsync(CancellationToken cancellationToken)
    {
        var connection = await GetAsync(cancellationToken);
        return await OpenConfirmingChannelAsync(connection, cancellationToken);
    }

    internal static Task<IChannel> OpenConfirmingChannelAsync(
        IConnection connection,
        CancellationToken cancellationToken
    ) =>
        connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: true,
                // The publisher bounds its batches itself; the built-in limiter throttles to a few hundred a second.
                outstandingPublisherConfirmationsRateLimiter: null
            ),
            cancellationToken
        );

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var nodes = options.Value.Addresses.Select(FactoryOf).ToArray();
        var node = 0;
        var failed = 0;
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await nodes[node].CreateConnectionAsync(stoppingToken);
                await DeclareAsync(connection, stoppingToken);
                var closed = new TaskCompletionSource<ShutdownEventArgs>(
                    TaskCreationOptions.RunContinuationsAsynchronously
                );
                connection.ConnectionShutdownAsync += (_, reason) =>
                {
                    closed.TrySetResult(reason);
                    return Task.CompletedTask;
                };
                _isBlocked = false;
                connection.ConnectionBlockedAsync += (_, blocked) =>
                {
                    _isBlocked = true;
                    log.LogWarning("The broker takes no messages: {Reason}", blocked.Reason);
                    return Task.CompletedTask;
                };
                connection.ConnectionUnblockedAsync += (_, _) =>
                {
                    _isBlocked = false;
                    return Task.CompletedTask;
                };
                if (!connection.IsOpen)
                {
                    // It closed before the handler was in place, and nobody would ever tell.
                    continue;
                }
                Interlocked.Increment(ref _number);
                _open.SetResult(connection);
                pause = FirstPause;
                failed = 0;
                log.LogInformation("Connected to the broker at {Endpoint}", connection.Endpoint);
                var reason = await closed.Task.WaitAsync(stoppingToken);
                _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
                log.LogWarning("The broker connection closed: {Reason}", reason.ReplyText);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning(
                    "The broker is not in reach at {Host}:{Port} ({Failure})",
                    nodes[node].HostName,
                    nodes[node].Port,
                    failure.InnerException?.Message ?? failure.Message
                );
                node = (node + 1) % nodes.Length;
                if (++failed % nodes.Length != 0)
                {
                    // The next node of the cluster may be well: no pause before all have been asked.
                    continue;
                }
                await Task.Delay(pause, clock, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
            }
        }
    }

    /// <summary>A connection of the caller's own: to the first node that is in reach.</summary>
    public async Task<IConnection> OpenOwnAsync(CancellationToken cancellationToken)
    {
        var addresses = options.Value.Addresses;
        for (var i = 0; ; i++)
        {
            try
            {
                return await FactoryOf(addresses[i]).CreateConnectionAsync(cancellationToken);
            }
            catch (Exception) when (i + 1 < addresses.Count)
            {
                // The next node of the cluster may be well.
                continue;
            }
        }
    }

    /// <summary>Each address on its own: why it does not answer, or null when it does.</summary>
    public async Task<IReadOnlyList<(Uri Address, string? Failure)>> TryAddressesAsync(
        CancellationToken cancellationToken
    ) =>
        await Task.WhenAll(
            options.Value.Addresses.Select(async address =>
            {
                try
                {
                    await using var connection = await FactoryOf(address)
                        .CreateConnectionAsync(cancellationToken);
                    return (address, (string?)null);
                }
                catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
                {
                    return (address, failure.GetBaseException().Message);
                }
            })
        );

    private static ConnectionFactory FactoryOf(Uri address) =>
        new()
        {
            Uri = address,
            ClientProvidedName = "axis-hub",
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            ConsumerDispatchConcurrency = 64,
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            // A host that is gone answers nothing at all; the next one should not wait half a minute for it.
            RequestedConnectionTimeout = TimeSpan.FromSeconds(10),
        };

    /// <summary>Declares what the hub itself reads from. Idempotent.</summary>
    public async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(
            cancellationToken: cancellationToken
        );
        await Topology.DeclareHubAsync(
            channel,
            options.Value.SubmissionDeliveryLimit,
            cancellationToken
        );
    }
}
