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
        var (outcome, after) = IsForAnEarlierQuestion(delivery, raised, cause)
            ? (ReportOutcome.Late, before)
            : Lifecycle.Judge(before, raised);
        if (outcome == ReportOutcome.Applied)
        {
            if (raised is LifeEvent.Recall or LifeEvent.Update && after.IsAsked)
            {
                delivery.AskedAgainAt = before.Dialogue is null ? null : cause.At;
            }
            if (raised is LifeEvent.Agree or LifeEvent.Decline && cause.ReportedAt is { } said)
            {
                delivery.AnswersSaidAt.Add(said);
            }
            delivery.Position = after;
        }
        return new LifeChange(delivery, raised, outcome, before, after, cause);
    }

    /// <summary>
    /// Does an answer meet a question that is not the delivery's first? Then only its own time says which it was given to.
    /// </summary>
    public static bool MustTellItsTime(LockedDelivery delivery, LifeEvent raised) =>
        raised is LifeEvent.Agree or LifeEvent.Decline
        && delivery.Position.IsAsked
        && delivery.AskedAgainAt is not null;

    /// <summary>
    /// An answer to one question must not count as one to another, least of all as a confirmed destruction: it is from
    /// before this question (reports tell their time in whole seconds), or it is the answer to an earlier one again,
    /// which is seen even where the clock of the office goes wrong.
    /// </summary>
    private static bool IsForAnEarlierQuestion(
        LockedDelivery delivery,
        LifeEvent raised,
        LifeCause cause
    ) =>
        MustTellItsTime(delivery, raised)
        && cause.ReportedAt is { } said
        && (said.AddSeconds(1) <= delivery.AskedAgainAt || delivery.AnswersSaidAt.Contains(said));
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
