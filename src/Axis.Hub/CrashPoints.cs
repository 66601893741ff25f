namespace Axis.Hub;

/// <summary>
/// The places between two effects at which docs/durability.md says what a death leaves behind. Each has a test that
/// lets the process die exactly there.
/// </summary>
public enum CrashPoint
{
    /// <summary>A package on its way in has become a file, and is not complete.</summary>
    UploadBegun,

    /// <summary>The package is a synced file; no row names it yet.</summary>
    PayloadKept,

    /// <summary>Documents are committed; nobody has been told, nothing was offered to the dispatcher.</summary>
    DocumentsCommitted,

    /// <summary>Status reports are committed with their events; nobody has been told.</summary>
    ReportsCommitted,

    /// <summary>An acknowledgement is committed and not yet answered.</summary>
    AcknowledgementCommitted,

    /// <summary>Rows of an outbox are in the publisher's hand and not yet published.</summary>
    MessagesTaken,

    /// <summary>The broker confirmed messages; their rows still say that they wait.</summary>
    MessagesConfirmed,

    /// <summary>An AMQP submission is handled to its end; its answer is not yet published.</summary>
    SubmissionHandled,

    /// <summary>The answer to an AMQP submission is confirmed; the submission is still on its queue.</summary>
    SubmissionAnswered,

    /// <summary>More of an upload is synced than its row says.</summary>
    UploadPieceSynced,

    /// <summary>A complete upload is submitted; its answer is not recorded.</summary>
    UploadSubmitted,

    /// <summary>The deliveries of a replay's step are made due, in a transaction that is not committed.</summary>
    ReplayStepTaken,

    /// <summary>A queue failed; its breaker does not know it yet.</summary>
    FailureNotCounted,

    /// <summary>A breaker's probe is taken under its lease and not published.</summary>
    ProbeTaken,

    /// <summary>The broker confirmed a probe; the breaker is open and the row waits.</summary>
    ProbeConfirmed,

    /// <summary>What a lost queue held is due again in the database; the queue is not declared yet.</summary>
    QueueContentPutBack,

    /// <summary>It is this node's turn to delete a dead queue; the broker was not asked yet.</summary>
    QueueTurnTaken,

    /// <summary>A dead queue is deleted; it is not declared again, and those who listened to it do not know.</summary>
    QueueDeleted,

    /// <summary>A lost queue is declared again; what was marked as sent meanwhile is not looked for yet.</summary>
    QueueMadeAnew,

    /// <summary>A package for a far axis is claimed; the call has not begun.</summary>
    FarSendingClaimed,

    /// <summary>The far side has taken a package and said so; its row does not say so yet.</summary>
    FarSendingTaken,

    /// <summary>A package from a far axis is accepted; no row says from which item.</summary>
    FarItemAccepted,

    /// <summary>The row of an item from a far axis is committed; the far side does not know that we have it.</summary>
    FarItemRecorded,
}

/// <summary>
/// Tells the tests that a place was reached. The hub's own program has nothing that could act on it: the process that
/// dies at a chosen place is a program of the tests, which puts its own form here.
/// </summary>
public interface ICrashPoints
{
    void Pass(CrashPoint point);
}

/// <summary>The form of every hub that is not under test: nothing.</summary>
public sealed class NoCrashPoints : ICrashPoints
{
    public void Pass(CrashPoint point) { }
}
