namespace Axis.Hub.Statuses;

/// <summary>One event of a delivery's life, judged: what becomes history, a moved row, a question, news for the other side.</summary>
internal sealed record LifeChange(
    LockedDelivery Delivery,
    LifeEvent Raised,
    ReportOutcome Outcome,
    Position Before,
    Position After,
    LifeCause Cause
)
{
    /// <summary>Judges an event and moves the delivery in hand; the next one meets it where this one left it.</summary>
    public static LifeChange Judge(LockedDelivery delivery, LifeEvent raised, LifeCause cause)
    {
        var before = delivery.Position;
        var (outcome, after) = IsForAnOvertakenQuestion(delivery, raised, cause)
            ? (ReportOutcome.Late, before)
            : Lifecycle.Judge(before, raised);
        if (outcome == ReportOutcome.Applied)
        {
            if (raised == LifeEvent.Recall && after.Stage == Stage.RecallAsked)
            {
                delivery.OvertookAt = before.Stage == Stage.UpdateAsked ? cause.At : null;
            }
            delivery.Position = after;
        }
        return new LifeChange(delivery, raised, outcome, before, after, cause);
    }

    /// <summary>
    /// An agreement to an update must not count as a confirmed destruction. Reports tell their time in whole seconds.
    /// </summary>
    private static bool IsForAnOvertakenQuestion(
        LockedDelivery delivery,
        LifeEvent raised,
        LifeCause cause
    ) =>
        raised is LifeEvent.Agree or LifeEvent.Decline
        && delivery.Position.Stage == Stage.RecallAsked
        && delivery.OvertookAt is { } overtook
        && cause.ReportedAt is { } reported
        && reported.AddSeconds(1) <= overtook;
}

/// <summary>Who or what raised an event, and what it said.</summary>
/// <param name="What">The word of the history line.</param>
/// <param name="Actor">An office system, an operator, or <c>hub</c>.</param>
/// <param name="Detail">Free text: the report's description, the reason of an act.</param>
internal sealed record LifeCause(DateTimeOffset At, string What, string Actor, string? Detail)
{
    /// <summary>Of a status report: its code.</summary>
    public string? Code { get; init; }

    /// <summary>Of a status report: its id.</summary>
    public Guid? ReportId { get; init; }

    /// <summary>Of a status report: its own time.</summary>
    public DateTimeOffset? ReportedAt { get; init; }

    /// <summary>Of a status report: its bytes, which the event carries.</summary>
    public byte[]? StatusPackage { get; init; }

    /// <summary>Of an act: its package and document.</summary>
    public Guid? ActPackageId { get; init; }
    public string? ActDocumentId { get; init; }
}
