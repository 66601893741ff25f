using System.Text;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Broker;

/// <summary>What the broker says of itself over AMQP.</summary>
/// <param name="Misshapen">Queues that exist in another shape than the hub declares, each with the broker's words.</param>
public sealed record BrokerFacts(
    string Product,
    string Version,
    IReadOnlyList<(string Queue, string Difference)> Misshapen
);

/// <summary>Looks at the broker on a connection of its own; declares again what the hub declares at its start anyway.</summary>
public sealed class BrokerInspection(BrokerConnection broker, IOptions<BrokerOptions> options)
{
    public async Task<BrokerFacts> InspectAsync(
        IReadOnlyCollection<string> officeSystems,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await broker.OpenOwnAsync(cancellationToken);
        var misshapen = new List<(string, string)>();
        await TryAsync(
            Topology.Submissions,
            channel =>
                Topology.DeclareHubAsync(
                    channel,
                    options.Value.SubmissionDeliveryLimit,
                    cancellationToken
                )
        );
        foreach (
            var (officeSystem, use) in officeSystems.SelectMany(
                _ => Enum.GetValues<QueueUse>(),
                (officeSystem, use) => (officeSystem, use)
            )
        )
        {
            await TryAsync(
                Topology.QueueOf(officeSystem, use),
                async channel =>
                {
                    // One that is gone is left to OfficeQueues: before it is made anew, what it held becomes due again.
                    await channel.QueueDeclarePassiveAsync(
                        Topology.QueueOf(officeSystem, use),
                        cancellationToken
                    );
                    await Topology.DeclareOfficeQueueAsync(
                        channel,
                        officeSystem,
                        use,
                        cancellationToken
                    );
                }
            );
        }
        return new BrokerFacts(Said(connection, "product"), Said(connection, "version"), misshapen);

        // The broker closes a channel on which a queue was declared in another shape, so each has its own.
        async Task TryAsync(string queue, Func<IChannel, Task> declare)
        {
            await using var channel = await connection.CreateChannelAsync(
                cancellationToken: cancellationToken
            );
            try
            {
                await declare(channel);
            }
            catch (OperationInterruptedException refused)
                when (refused.ShutdownReason is { ReplyCode: Constants.PreconditionFailed } reason)
            {
                misshapen.Add((queue, reason.ReplyText));
            }
            catch (OperationInterruptedException gone)
                when (gone.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                // It has no shape.
                return;
            }
        }
    }

    private static string Said(IConnection connection, string name) =>
        connection.ServerProperties?.TryGetValue(name, out var value) == true
        && value is byte[] bytes
            ? Encoding.UTF8.GetString(bytes)
            : "";
}
