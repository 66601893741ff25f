namespace Axis.LocalServers;

/// <summary>What to run and where.</summary>
/// <param name="DataFolder">Everything is kept below it; made when absent.</param>
/// <param name="BrokerAuthPort">
/// The loopback port on which the hub answers <c>/broker-auth/*</c>. 0: the one of the last start, else a free one.
/// </param>
/// <param name="WithBroker">RabbitMQ.</param>
/// <param name="WithPostgres">PostgreSQL.</param>
/// <param name="WithManagement">
/// RabbitMQ's management API, which tests need for virtual hosts of their own. An orderly stop takes five seconds longer.
/// </param>
/// <param name="Durable">
/// fsync stays on. Off only for work that claims neither durability nor speed.
/// </param>
/// <param name="PostgresEnvironment">Variables that PostgreSQL is started with, beside ours.</param>
/// <param name="BrokerEnvironment">Variables that RabbitMQ is started with, beside ours.</param>
/// <param name="Member">RabbitMQ is a node of a cluster.</param>
/// <param name="StandbyOf">PostgreSQL begins as a copy of that one and follows it.</param>
/// <param name="Detached">The servers outlive this process, until <see cref="PrivateServers.StopAsync(string, CancellationToken)"/>.</param>
public sealed record PrivateServersOptions(
    string DataFolder,
    int BrokerAuthPort = 0,
    bool WithBroker = true,
    bool WithPostgres = true,
    bool WithManagement = false,
    bool Durable = true,
    bool Detached = false,
    IReadOnlyDictionary<string, string>? PostgresEnvironment = null,
    IReadOnlyDictionary<string, string>? BrokerEnvironment = null,
    BrokerMember? Member = null,
    StandbySource? StandbyOf = null
);

/// <summary>What makes a RabbitMQ one node of a cluster on this machine.</summary>
/// <param name="Name">Erlang's name of this node, such as <c>axis1@localhost</c>.</param>
/// <param name="Nodes">The names of all, this one too.</param>
/// <param name="Cookie">The secret by which nodes know each other.</param>
/// <param name="Password">Of the administrator, the same on all nodes.</param>
/// <param name="PortMapperPort">Of Erlang's port mapper, which runs beside the nodes.</param>
public sealed record BrokerMember(
    string Name,
    IReadOnlyList<string> Nodes,
    string Cookie,
    string Password,
    int PortMapperPort
);

/// <summary>The PostgreSQL that this one follows.</summary>
public sealed record StandbySource(int Port, string Password)
{
    /// <summary>The name under which standbys report to their primary.</summary>
    public const string ApplicationName = "axis_standby";
}
