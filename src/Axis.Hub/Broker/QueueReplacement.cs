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
    IDeafConsumers deaf,
    IQueueTurns turns,
    IOptions<BrokerOptions> options,
    ICrashPoints crash,
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

    /// <param name="queue">Its name.</param>
    /// <param name="why">What it is taken for dead for.</param>
    /// <param name="turnsSeen">The number of turns when the evidence began.</param>
    /// <param name="cancellationToken">Ends it, wherever it is; any node goes on.</param>
    /// <returns>False when another node was at it since the evidence began: then that says nothing any more.</returns>
    public async Task<bool> ReplaceAsync(
        string queue,
        string why,
        long turnsSeen,
        CancellationToken cancellationToken
    )
    {
        if (await turns.TryTakeAsync(queue, turnsSeen, cancellationToken) is not { } turn)
        {
            log.LogInformation(
                "Queue {Queue} is dead ({Why}) and another node is at it, or was; it is watched anew",
                queue,
                why
            );
            return false;
        }
        log.LogError(
            "Queue {Queue} is dead: {Why}. It is deleted and declared anew, and what it held is sent again",
            queue,
            why
        );
        // Before the delete: from then on nothing but the note says that somebody listens to what is not there.
        var note = await deaf.NoteAsync(Topology.OfficeSystemOf(queue), cancellationToken);
        crash.Pass(CrashPoint.QueueTurnTaken);
        await DeleteAsync(queue, cancellationToken);
        crash.Pass(CrashPoint.QueueDeleted);
        // Not before the broker answered: until then it may be at it, whoever waits.
        await turns.EndAsync(turn, cancellationToken);
        await RestoreAsync(note, cancellationToken);
        suspicions.Clear(queue);
        await CloseConnectionsAsync(note, cancellationToken);
        return true;
    }

    /// <summary>
    /// Does what those who deleted dead queues did not come to. An office system that is not registered any more has no
    /// queues to restore.
    /// </summary>
    public async Task FinishAsync(
        Func<string, bool> isRegistered,
        CancellationToken cancellationToken
    )
    {
        if (!connections.CanBeAsked)
        {
            return;
        }
        foreach (var note in await deaf.TakeDueAsync(cancellationToken))
        {
            if (note.OfficeSystemId is not { } officeSystem || isRegistered(officeSystem))
            {
                await RestoreAsync(note, cancellationToken);
            }
            await CloseConnectionsAsync(note, cancellationToken);
        }
    }

    private async Task DeleteAsync(string queue, CancellationToken cancellationToken)
    {
        // Not after the lease, or others would have closed the connections, or begun a turn, before it is deleted.
        using var inTime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        inTime.CancelAfter(options.Value.ReplacementLease / 2);
        await using var connection = await broker.OpenOwnAsync(inTime.Token);
        await using var channel = await connection.CreateChannelAsync(
            cancellationToken: inTime.Token
        );
        await channel.QueueDeleteAsync(
            queue,
            ifUnused: false,
            ifEmpty: false,
            cancellationToken: inTime.Token
        );
    }

    private async Task RestoreAsync(DeafConsumers note, CancellationToken cancellationToken)
    {
        if (note.OfficeSystemId is { } officeSystem)
        {
            await officeQueues.RestoreAsync(officeSystem, cancellationToken);
            return;
        }
        await using var connection = await broker.OpenOwnAsync(cancellationToken);
        await broker.DeclareAsync(connection, cancellationToken);
    }

    // A consumer of the dead queue is not told, and a channel that published to it gets no confirm any more.
    private async Task CloseConnectionsAsync(
        DeafConsumers note,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var open = note.OfficeSystemId is { } user
                ? await connections.OfUserAsync(user, cancellationToken)
                : await connections.AllAsync(cancellationToken);
            foreach (var connection in open)
            {
                await connections.CloseAsync(connection, Reason, cancellationToken);
            }
            await deaf.ClosedAsync(note, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // An overdue call to the management API comes as a cancellation. The note stays, and any node goes on.
            log.LogWarning(
                "The connections of {User} could not be closed ({Failure}); tried again. Until then it may not get what is in the new queue",
                note.OfficeSystemId ?? "the hub and the office systems",
                failure.Message
            );
        }
    }
}
