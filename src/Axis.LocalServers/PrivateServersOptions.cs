namespace Axis.LocalServers;

/// <summary>What to run and where.</summary>
/// <param name="DataFolder">Everything is kept below it; made when absent.</param>
/// <param name="BrokerAuthPort">
/// The loopback port on which the hub answers <c>/broker-auth/*</c>. 0: the one of the last start, else a free one.
/// </param>
/// <param name="WithBroker">RabbitMQ beside PostgreSQL.</param>
/// <param name="WithManagement">
/// RabbitMQ's management API, which tests need for virtual hosts of their own. An orderly stop takes five seconds longer.
/// </param>
/// <param name="Durable">
/// fsync stays on. Off only for work that claims neither durability nor speed.
/// </param>
/// <param name="Detached">The servers outlive this process, until <see cref="PrivateServers.StopAsync(string, CancellationToken)"/>.</param>
public sealed record PrivateServersOptions(
    string DataFolder,
    int BrokerAuthPort = 0,
    bool WithBroker = true,
    bool WithManagement = false,
    bool Durable = true,
    bool Detached = false
);
