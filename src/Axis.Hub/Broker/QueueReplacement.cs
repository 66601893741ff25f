using Microsoft.Extensions.Options;
using RabbitMQ.Client;

namespace Axis.Hub.Broker;

/// <summary>
/// Deletes a dead queue and lets it be declared anew. On connections of its own: RabbitMQ closes the connection on which
/// a dead queue is touched, and the exchange of the others must not notice.
/// </summary>
public sealed class QueueReplacement(
    BrokerConnection broker,
    OfficeQueues officeQueues,
    QueueSuspicions suspicions,
    OpenConnections connections,
    IOptions<BrokerOptions> options,
    ILogger<QueueReplacement> log
)
{
    private const string Reason = "a queue was made anew; consume again";

    /// <summary>
    /// Whether a quorum queue beside it confirms a message in time: then it is not the broker, nor its disk, that keeps
    /// others silent.
    /// </summary>
    public async Task<bool> OthersAnswerAsync(CancellationToken cancellationToken)
    {
        await using var connection = await broker.OpenOwnAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                publisherConfirmationsEnabled: true,
                publisherConfirmationTrackingEnabled: true
            ),
            cancellationToken
        );
        await Topology.DeclareExaminationAsync(channel, cancellationToken);
        try
        {
            await channel
                .BasicPublishAsync(
                    "",
                    Topology.Examination,
                    mandatory: true,
                    new BasicProperties
                    {
                        DeliveryMode = DeliveryModes.Persistent,
                        // Nobody reads it.
                        Expiration = "1000",
                    },
                    ReadOnlyMemory<byte>.Empty,
                    CancellationToken.None
                )
                .AsTask()
                .WaitAsync(options.Value.ConfirmTimeout, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async Task ReplaceAsync(string queue, string why, CancellationToken cancellationToken)
    {
        log.LogError(
            "Queue {Queue} is dead: {Why}. It is deleted and declared anew, and what it held is sent again",
            queue,
            why
        );
        await using (var connection = await broker.OpenOwnAsync(cancellationToken))
        {
            await using var channel = await connection.CreateChannelAsync(
                cancellationToken: cancellationToken
            );
            await channel.QueueDeleteAsync(
                queue,
                ifUnused: false,
                ifEmpty: false,
                cancellationToken: cancellationToken
            );
        }
        var officeSystem = Topology.OfficeSystemOf(queue);
        if (officeSystem is not null)
        {
            await officeQueues.RestoreAsync(officeSystem, cancellationToken);
        }
        else
        {
            await using var connection = await broker.OpenOwnAsync(cancellationToken);
            await broker.DeclareAsync(connection, cancellationToken);
        }
        suspicions.Clear(queue);
        await CloseConnectionsAsync(officeSystem, cancellationToken);
    }

    // A consumer of the dead queue is not told, and a channel that published to it gets no confirm any more.
    private async Task CloseConnectionsAsync(
        string? officeSystem,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var open = officeSystem is null
                ? await connections.AllAsync(cancellationToken)
                : await connections.OfUserAsync(officeSystem, cancellationToken);
            foreach (var connection in open)
            {
                await connections.CloseAsync(connection, Reason, cancellationToken);
            }
        }
        catch (HttpRequestException failure)
        {
            log.LogWarning(
                "The connections of {User} could not be closed ({Failure}); it has to connect again to get what is in the new queue",
                officeSystem ?? "the hub and the office systems",
                failure.Message
            );
        }
    }
}
