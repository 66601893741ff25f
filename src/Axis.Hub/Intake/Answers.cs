using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Statuses;

namespace Axis.Hub.Intake;

/// <summary>What became of an answer.</summary>
public enum AnswerOutcome
{
    /// <summary>It is on the event queue of who asked.</summary>
    Told,

    /// <summary>The way to the broker broke: nobody's fault, and soon over.</summary>
    BrokerLost,

    /// <summary>The event queue takes nothing, and may go on so for days.</summary>
    NotTaken,
}

/// <summary>
/// Puts answers on the event queues of those who asked. A queue that takes nothing has the circuit breaker of its
/// events: while that is open it is not even tried.
/// </summary>
/// <param name="shared">For queues that are well.</param>
/// <param name="trials">For queues in trouble, on the connection of the trials.</param>
public sealed class Answers(
    ConfirmedPublisher shared,
    ConfirmedPublisher trials,
    OfficeQueues queues,
    QueueBreakers<EventRow> breakers,
    ILogger<Answers> log
) : IDisposable
{
    private static readonly QueueUse[] s_events = [QueueUse.Events];

    // Answers that fail at the same time are one failure in a row for the breaker, not sixty-four.
    private readonly SemaphoreSlim _telling = new(1, 1);

    /// <summary>Whether the queue is known to take nothing.</summary>
    public bool IsHopeless(string officeSystemId) => !breakers.IsOpen(officeSystemId);

    public async Task<AnswerOutcome> TellAsync(
        string officeSystemId,
        OutgoingMessage answer,
        CancellationToken cancellationToken
    )
    {
        if (IsHopeless(officeSystemId))
        {
            return AnswerOutcome.NotTaken;
        }
        // A queue that does not answer costs its channel, and with it the answers of everybody who shares it.
        var publisher = breakers.IsInTrouble(officeSystemId) ? trials : shared;
        var result = await PublishAsync(publisher, answer, cancellationToken);
        if (result is PublishResult.NoSuchQueue)
        {
            await RestoreAsync(officeSystemId, cancellationToken);
            result = await PublishAsync(publisher, answer, cancellationToken);
        }
        switch (result)
        {
            case PublishResult.Confirmed:
                await breakers.PassedAsync([officeSystemId], cancellationToken);
                return AnswerOutcome.Told;
            case PublishResult.Lost:
                return AnswerOutcome.BrokerLost;
            default:
                await CountAsync(officeSystemId, result, cancellationToken);
                return AnswerOutcome.NotTaken;
        }
    }

    public void Dispose() => _telling.Dispose();

    private static async Task<PublishResult> PublishAsync(
        ConfirmedPublisher publisher,
        OutgoingMessage answer,
        CancellationToken cancellationToken
    ) => (await publisher.PublishAsync([answer], cancellationToken))[0];

    private async Task RestoreAsync(string officeSystemId, CancellationToken cancellationToken)
    {
        try
        {
            await queues.RestoreAsync(officeSystemId, s_events, cancellationToken);
        }
        catch (Exception failure)
        {
            log.LogWarning(
                "The event queue of {OfficeSystem} could not be declared: {Failure}",
                officeSystemId,
                failure.Message
            );
        }
    }

    private async Task CountAsync(
        string officeSystemId,
        PublishResult result,
        CancellationToken cancellationToken
    )
    {
        await _telling.WaitAsync(cancellationToken);
        try
        {
            if (!IsHopeless(officeSystemId))
            {
                await breakers.FailedAsync(
                    officeSystemId,
                    result switch
                    {
                        PublishResult.Refused refused => refused.Reason,
                        PublishResult.Unanswered unanswered => unanswered.Reason,
                        _ => "the queue does not exist",
                    },
                    atOnce: result is PublishResult.Unanswered,
                    cancellationToken
                );
            }
        }
        finally
        {
            _telling.Release();
        }
    }
}
