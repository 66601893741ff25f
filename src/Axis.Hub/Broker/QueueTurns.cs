namespace Axis.Hub.Broker;

/// <summary>The right to delete a dead queue, once.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Number">Tells a turn from those before and after it.</param>
public sealed record QueueTurn(string Queue, long Number);

/// <summary>
/// Lets one node at a time delete a dead queue. The broker goes on with a delete whose client has gone, and one that comes
/// to its end after the queue was declared anew takes the new queue's name away and leaves its process. So it is not a lock,
/// which would go with the node that holds it: docs/durability.md, "One node at a time".
/// </summary>
public interface IQueueTurns
{
    /// <summary>
    /// How many turns were taken so far. Whoever begins to watch a queue asks for it first: what was seen before a turn was
    /// taken says nothing about the queue after it.
    /// </summary>
    Task<long> NumberAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Committed on return.</summary>
    /// <param name="queue">Its name.</param>
    /// <param name="seen">The number when the queue began to be watched.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Null when another turn was taken since, or the last one may still be under way.</returns>
    Task<QueueTurn?> TryTakeAsync(string queue, long seen, CancellationToken cancellationToken);

    /// <summary>The broker answered the delete. Without this the next turn waits for as long as the broker could be at it.</summary>
    Task EndAsync(QueueTurn turn, CancellationToken cancellationToken);
}
