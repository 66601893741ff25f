namespace Axis.Hub.Broker;

/// <summary>The database side of an outbox: rows that must reach a queue.</summary>
public interface IOutbox<TRow>
{
    bool IsUrgent(TRow row);

    string OfficeSystemOf(TRow row);

    /// <summary>Takes rows whose lease ran out and extends it, so that no other node takes them too.</summary>
    Task<IReadOnlyList<TRow>> ClaimDueAsync(int limit, CancellationToken cancellationToken);

    Task<OutgoingMessage> ToMessageAsync(TRow row, CancellationToken cancellationToken);

    /// <summary>Whose fault it is that no message could be made of a row.</summary>
    FailedSend<TRow> Unreadable(TRow row, Exception failure);

    /// <summary>The broker confirmed these. A row that meanwhile moved on stays as it is.</summary>
    /// <param name="rows">In any order.</param>
    /// <param name="generation">
    /// Of the queues, from before they were published: those whose queue was lost since stay due.
    /// </param>
    /// <param name="confirmedWithin">From publish to confirm.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    Task MarkSentAsync(
        IReadOnlyList<TRow> rows,
        long generation,
        TimeSpan confirmedWithin,
        CancellationToken cancellationToken
    );

    /// <summary>These did not arrive; the store decides on the next attempt.</summary>
    Task MarkFailedAsync(IReadOnlyList<FailedSend<TRow>> rows, CancellationToken cancellationToken);

    /// <summary>A row left the pump, sent or not: what it held in memory is free.</summary>
    void Release(TRow row);
}

/// <summary>An outbox whose rows can be put aside while their queue takes nothing.</summary>
public interface IParkingOutbox<TRow> : IOutbox<TRow>
{
    /// <summary>These wait until their breaker closes; only while it is open.</summary>
    Task ParkAsync(IReadOnlyList<TRow> rows, CancellationToken cancellationToken);

    /// <summary>One parked row for each queue that is to be tried again, under a lease. Queues with nothing parked have none.</summary>
    Task<IReadOnlyList<TRow>> ClaimProbesAsync(int limit, CancellationToken cancellationToken);
}

/// <summary>A failure that knows its word, such as <c>damaged</c>.</summary>
public interface INamedFailure
{
    string Failure { get; }

    string Reason { get; }
}

/// <summary>Whose fault it is that a row did not arrive.</summary>
public enum SendFault
{
    /// <summary>The row itself cannot be sent, and trying for ever would be in vain.</summary>
    Row,

    /// <summary>Its queue takes nothing, whichever row it is.</summary>
    Route,

    /// <summary>The broker as a whole: says nothing about the row or its queue.</summary>
    Broker,

    /// <summary>The store could not be read just now: says nothing about the row, which only waits for it.</summary>
    Store,
}

/// <param name="Failure">The reason as a word, to group by.</param>
/// <param name="Reason">The reason in full.</param>
public sealed record FailedSend<TRow>(TRow Row, SendFault Fault, string Failure, string Reason);

/// <summary>Which routes to pass by for now, because their queues take nothing.</summary>
public interface IRouteGate<TRow>
{
    bool IsOpen(string officeSystemId);

    /// <summary>Brings up to date what is known of the routes, and lets go what may go again.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>These are not to be tried before their route is well again; they used up no attempt.</summary>
    Task ParkAsync(IReadOnlyList<TRow> rows, CancellationToken cancellationToken);

    /// <summary>Messages of these routes were confirmed.</summary>
    Task PassedAsync(
        IReadOnlyCollection<string> officeSystems,
        CancellationToken cancellationToken
    );

    /// <summary>A route failed for a whole batch.</summary>
    /// <param name="officeSystemId">Whose queue it is.</param>
    /// <param name="reason">In words.</param>
    /// <param name="atOnce">It costs the others too much to try it again even once.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    Task FailedAsync(
        string officeSystemId,
        string reason,
        bool atOnce,
        CancellationToken cancellationToken
    );
}

public sealed record OutboxPumpLimits(
    int MaxWaiting,
    int BatchMessages,
    int Publishers,
    TimeSpan RecoveryInterval
);
