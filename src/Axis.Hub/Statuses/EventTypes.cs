namespace Axis.Hub.Statuses;

/// <summary>Who hears of an event.</summary>
[Flags]
public enum Audience
{
    Sender = 1,
    Recipient = 2,
}

/// <summary>One type of the catalogue.</summary>
/// <param name="When">In a few words, for the documents.</param>
public sealed record EventType(string Name, Audience To, string When);

/// <summary>
/// Every type of event the hub raises. contracts/asyncapi.yaml and docs/lifecycle.md list the same; tests hold them to it.
/// </summary>
public static class EventTypes
{
    /// <summary>To the other side of whoever reported.</summary>
    public static readonly EventType Status = new(
        "vn.axis.delivery.status",
        Audience.Sender | Audience.Recipient,
        "the other side reported a status 01 to 06, or anything that came too late"
    );

    public static readonly EventType RecallAsked = new(
        "vn.axis.recall.asked",
        Audience.Recipient,
        "the sender takes a collected letter back and waits for 15 or 16"
    );

    public static readonly EventType RecallAnswered = new(
        "vn.axis.recall.answered",
        Audience.Sender,
        "the recipient has destroyed the letter (15), or keeps it (16)"
    );

    public static readonly EventType RecallReminder = new(
        "vn.axis.recall.reminder",
        Audience.Sender | Audience.Recipient,
        "a recall is still not answered"
    );

    public static readonly EventType UpdateAsked = new(
        "vn.axis.update.asked",
        Audience.Recipient,
        "the sender updates a letter and waits for 15 or 16"
    );

    public static readonly EventType UpdateAnswered = new(
        "vn.axis.update.answered",
        Audience.Sender,
        "the recipient agrees to the update (15), or not (16)"
    );

    public static readonly EventType Withdrawn = new(
        "vn.axis.delivery.withdrawn",
        Audience.Recipient,
        "the sender took a letter back before it was collected: destroy what was taken of it"
    );

    public static readonly EventType Replaced = new(
        "vn.axis.delivery.replaced",
        Audience.Recipient,
        "another letter stands in the place of this one"
    );

    public static readonly EventType Dispatched = new(
        "vn.axis.delivery.dispatched",
        Audience.Recipient,
        "a letter lies in the inbox; only for office systems that ask for it (`announcesArrivals`)"
    );

    public static readonly EventType Expired = new(
        "vn.axis.delivery.expired",
        Audience.Sender | Audience.Recipient,
        "nobody collected the letter in time"
    );

    public static readonly EventType Failed = new(
        "vn.axis.delivery.failed",
        Audience.Sender,
        "the hub gave up bringing a letter to the inbox; the IT centre must act"
    );

    public static readonly EventType Substituted = new(
        "vn.axis.delivery.substituted",
        Audience.Sender,
        "the recipient was closed after the letter was accepted, and its successor receives it"
    );

    public static readonly EventType DeadlineNear = new(
        "vn.axis.deadline.near",
        Audience.Recipient,
        "a deadline comes near"
    );

    public static readonly EventType DeadlinePassed = new(
        "vn.axis.deadline.passed",
        Audience.Sender | Audience.Recipient,
        "a deadline has passed, and again some times while it is missed"
    );

    public static readonly EventType DeadlineMoved = new(
        "vn.axis.deadline.moved",
        Audience.Recipient,
        "an update of the letter names another day"
    );

    public static readonly EventType ExtensionAsked = new(
        "vn.axis.extension.asked",
        Audience.Sender,
        "the recipient asks for more time"
    );

    public static readonly EventType ExtensionAnswered = new(
        "vn.axis.extension.answered",
        Audience.Recipient,
        "the sender gives more time, or does not"
    );

    public static IReadOnlyList<EventType> All { get; } =
    [
        Status,
        RecallAsked,
        RecallAnswered,
        RecallReminder,
        UpdateAsked,
        UpdateAnswered,
        Withdrawn,
        Replaced,
        Dispatched,
        Expired,
        Failed,
        Substituted,
        DeadlineNear,
        DeadlinePassed,
        DeadlineMoved,
        ExtensionAsked,
        ExtensionAnswered,
    ];

    /// <summary>The one type that tells of a change; null when nobody needs to be told.</summary>
    internal static EventType? Of(LifeChange change) =>
        change switch
        {
            { Outcome: ReportOutcome.Repeated } => null,
            // Too late: a report is passed on all the same; of an act the receipt says so.
            { Outcome: ReportOutcome.Late, Cause.Code: null } => null,
            { Outcome: ReportOutcome.Late } => Status,
            { After.Stage: Stage.Expired } => Expired,
            { Raised: LifeEvent.Fail } => Failed,
            { Raised: LifeEvent.Recall, After.Stage: Stage.Withdrawn } => Withdrawn,
            { Raised: LifeEvent.Recall } => RecallAsked,
            { Raised: LifeEvent.Update } => UpdateAsked,
            { Raised: LifeEvent.Replace } => Replaced,
            { Raised: LifeEvent.Agree or LifeEvent.Decline, Before.Stage: Stage.RecallAsked } =>
                RecallAnswered,
            { Raised: LifeEvent.Agree or LifeEvent.Decline } => UpdateAnswered,
            { Cause.Code: not null } => Status,
            _ => null,
        };

    /// <summary>To whom an event goes: both, or the side that did not raise it.</summary>
    internal static Audience ListenersOf(EventType type, LifeChange change) =>
        type == Status
            ? change.Raised == LifeEvent.Recall
                ? Audience.Recipient
                : Audience.Sender
            : type.To;
}
