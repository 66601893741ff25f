using RabbitMQ.Client;

namespace Axis.Hub.Broker;

/// <summary>A connection as a publisher sees it.</summary>
public interface IConfirmingChannels
{
    /// <summary>In reach, and taking messages.</summary>
    bool IsServing { get; }

    /// <summary>A channel whose publishes complete when the broker has confirmed them.</summary>
    Task<IChannel> OpenConfirmingChannelAsync(CancellationToken cancellationToken);
}
