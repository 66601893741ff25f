using System.Globalization;
using Axis.Cli.Terminal;
using Axis.LocalServers;

namespace Axis.Cli.Local;

/// <summary>Where a hub finds its database and its broker, of which there may be several nodes.</summary>
internal sealed record ServerAddresses(
    string Postgres,
    IReadOnlyList<Uri> Brokers,
    Uri? Management = null
);

/// <summary>The PostgreSQL and RabbitMQ of the local hub: private ones, or those the environment names.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly PrivateServers? _own;

    private Servers(PrivateServers? own, string postgres, Uri amqp, int brokerAuthPort)
    {
        _own = own;
        Postgres = postgres;
        Amqp = amqp;
        BrokerAuthPort = brokerAuthPort;
    }

    public string Postgres { get; }
    public Uri Amqp { get; }

    /// <summary>The hub's operations port: private brokers ask there who may do what.</summary>
    public int BrokerAuthPort { get; }

    public static async Task<Servers> StartAsync(
        DataFolder folder,
        int opsPort,
        bool detached,
        IProgress<string> progress,
        CancellationToken cancellation
    )
    {
        var postgres = Environment.GetEnvironmentVariable(SharedTestServers.PostgresVariable);
        var amqp = Environment.GetEnvironmentVariable(SharedTestServers.AmqpVariable);
        if (!string.IsNullOrEmpty(postgres) && !string.IsNullOrEmpty(amqp))
        {
            progress.Report("Using the PostgreSQL and RabbitMQ of AXIS_POSTGRES and AXIS_AMQP.");
            var port = Environment.GetEnvironmentVariable(SharedTestServers.BrokerAuthPortVariable);
            return new Servers(
                null,
                postgres,
                new Uri(amqp),
                string.IsNullOrEmpty(port) ? opsPort : int.Parse(port, CultureInfo.InvariantCulture)
            );
        }

        if (!string.IsNullOrEmpty(postgres) || !string.IsNullOrEmpty(amqp))
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                "Set both AXIS_POSTGRES and AXIS_AMQP, or neither."
            );
        }

        var own = await PrivateServers.StartAsync(
            new PrivateServersOptions(folder.Path, opsPort, Detached: detached),
            progress,
            cancellation
        );
        return new Servers(own, own.PostgresConnectionString, own.AmqpUri, own.BrokerAuthPort);
    }

    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? ValueTask.CompletedTask;
}
