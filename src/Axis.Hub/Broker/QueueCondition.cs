namespace Axis.Hub.Broker;

/// <summary>What a look at the broker says of a quorum queue.</summary>
public enum QueueCondition
{
    /// <summary>Most of its members are there. It may hang all the same: only publishes tell.</summary>
    Served,

    /// <summary>Its nodes run, and most of its members are not there: it is declared and nothing is behind it.</summary>
    WithoutProcess,

    /// <summary>A node of it is away, or it cannot be judged: it may come back with all that it holds.</summary>
    Undecided,
}

/// <summary>The rules of docs/durability.md, "A queue that is there and takes nothing".</summary>
public static class QueueConditions
{
    // The first of them may have begun before others answered.
    private const int EnoughUnanswered = 2;

    public static QueueCondition Of(ManagedQueue queue, IReadOnlySet<string> runningNodes)
    {
        if (
            queue.Type != "quorum"
            || queue.MemberNodes.Count == 0
            || !queue.MemberNodes.All(runningNodes.Contains)
        )
        {
            return QueueCondition.Undecided;
        }
        return queue.MembersOnline * 2 > queue.MemberNodes.Count
            ? QueueCondition.Served
            : QueueCondition.WithoutProcess;
    }

    /// <summary>Whether the silence of a queue is its own: others were seen to answer, and it went on.</summary>
    /// <param name="unansweredSince">Publishes without an answer since others were seen to answer.</param>
    /// <param name="silentFor">Since others were seen to answer.</param>
    /// <param name="deadAfter">How long it may be silent.</param>
    public static bool Hangs(int unansweredSince, TimeSpan silentFor, TimeSpan deadAfter) =>
        unansweredSince >= EnoughUnanswered && silentFor >= deadAfter;
}
