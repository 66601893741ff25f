namespace Axis.Hub.Broker;

/// <summary>What a queue of an office system is for.</summary>
public enum QueueUse
{
    Inbox,
    UrgentInbox,
    Events,
}

/// <summary>A span of time, both ends in it.</summary>
public sealed record Span(DateTimeOffset From, DateTimeOffset To)
{
    public static readonly Span Ever = new(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
}

/// <summary>Knows from the database what a queue held, and makes it due again.</summary>
public interface IQueueContent
{
    /// <summary>
    /// Makes due again whatever the database says is on this queue and not yet taken, as far as it was marked so in
    /// <paramref name="marked"/>; where that is not known, all of it. Returns how much that was.
    /// </summary>
    Task<int> PutBackAsync(
        string officeSystemId,
        QueueUse use,
        Span marked,
        CancellationToken cancellationToken
    );
}

/// <summary>Remembers for which office systems queues were made.</summary>
public interface IMadeQueues
{
    /// <summary>
    /// Notes that queues are about to be made; true when it is for the first time. A death right after the note makes
    /// the next one who asks take new queues for lost ones, never the other way round.
    /// </summary>
    Task<bool> NoteAsync(string officeSystemId, CancellationToken cancellationToken);
}

/// <param name="Generation">Which loss it was, counted over all queues.</param>
/// <param name="At">When the loss was noted.</param>
public sealed record RemadeQueue(
    string OfficeSystemId,
    QueueUse Use,
    long Generation,
    DateTimeOffset At
);

/// <summary>Remembers which queues were lost and made anew, until nothing can be on its way any more that lay on them.</summary>
public interface IRemadeQueues
{
    /// <summary>Up to which loss is counted now.</summary>
    Task<long> GenerationAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a queue is lost and about to be made anew; committed on return. Returns which loss it is.</summary>
    Task<long> NoteAsync(string officeSystemId, QueueUse use, CancellationToken cancellationToken);

    /// <summary>
    /// The queues of which no mark is under way any more that was begun before the note, for a second look. Under a
    /// lease: who dies with one leaves it to the next.
    /// </summary>
    Task<IReadOnlyList<RemadeQueue>> TakeDueAsync(CancellationToken cancellationToken);

    /// <summary>The second look was taken.</summary>
    Task SettledAsync(RemadeQueue queue, CancellationToken cancellationToken);
}

/// <summary>Queues of an office system are still missing.</summary>
public sealed class QueueNotRestoredException(string officeSystemId, Exception cause)
    : Exception($"a queue of {officeSystemId} could not be made anew: {cause.Message}", cause);
