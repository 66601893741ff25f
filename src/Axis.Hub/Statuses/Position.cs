namespace Axis.Hub.Statuses;

/// <summary>
/// The three facts of a delivery's row that make its stage, each written by one party: transport by the hub, work by
/// the recipient, the question by the sender who asks and the recipient who answers.
/// </summary>
/// <param name="State">waiting, held, failed, dispatched, collected; ended: withdrawn, replaced, expired.</param>
/// <param name="Work">Last applied of 01 to 06; null before.</param>
/// <param name="Dialogue">One of <see cref="Dialogues"/>; null when nothing was ever asked.</param>
public readonly record struct Position(string State, string? Work, string? Dialogue)
{
    /// <summary>The same rule as the SQL function <c>delivery_stage</c>.</summary>
    public Stage Stage =>
        (State, Work, Dialogue) switch
        {
            ("withdrawn", _, _) => Stage.Withdrawn,
            ("replaced", _, _) => Stage.Replaced,
            ("expired", _, _) => Stage.Expired,
            (_, _, Dialogues.Replaced) => Stage.Replaced,
            (_, _, Dialogues.RecallAgreed) => Stage.Recalled,
            (_, "02", _) => Stage.Refused,
            (_, _, Dialogues.RecallAsked) => Stage.RecallAsked,
            (_, _, Dialogues.UpdateAsked) => Stage.UpdateAsked,
            _ => Beneath,
        };

    /// <summary>The stage without the question that may lie over it.</summary>
    public Stage Beneath =>
        (State, Work) switch
        {
            (_, "01") => Stage.Arrived,
            (_, "02") => Stage.Refused,
            (_, "03") => Stage.Received,
            (_, "04") => Stage.Assigned,
            (_, "05") => Stage.Processing,
            (_, "06") => Stage.Done,
            ("waiting" or "held", _) => Stage.Accepted,
            ("dispatched", _) => Stage.Dispatched,
            ("failed", _) => Stage.Failed,
            ("collected", _) => Stage.Collected,
            ("withdrawn", _) => Stage.Withdrawn,
            ("replaced", _) => Stage.Replaced,
            ("expired", _) => Stage.Expired,
            _ => throw new InvalidOperationException($"Unknown state {State}"),
        };

    /// <summary>Is a question open?</summary>
    public bool IsAsked => Stage is Stage.RecallAsked or Stage.UpdateAsked;

    /// <summary>Not yet taken by the recipient, as far as the hub knows: who reports on it has it.</summary>
    public bool IsUncollected =>
        Work is null && State is ("waiting" or "held" or "dispatched" or "failed");

    /// <summary>May the recipient still have the bytes? Not what was taken back, replaced before it was taken, or destroyed.</summary>
    public bool IsReadable =>
        State is not ("withdrawn" or "replaced" or "expired") && Dialogue != Dialogues.RecallAgreed;

    /// <summary>The facts after an event that the table allows.</summary>
    public Position After(LifeEvent raised) =>
        raised switch
        {
            LifeEvent.Dispatch => this with { State = "dispatched" },
            LifeEvent.Fail => this with { State = "failed" },
            LifeEvent.Retry or LifeEvent.PutBack => this with { State = "waiting" },
            LifeEvent.Collect => this with { State = "collected" },
            LifeEvent.Expire => this with { State = "expired" },
            LifeEvent.Recall when IsUncollected => this with { State = "withdrawn" },
            LifeEvent.Recall => this with { Dialogue = Dialogues.RecallAsked },
            LifeEvent.Update => this with { Dialogue = Dialogues.UpdateAsked },
            LifeEvent.Replace when IsUncollected => this with { State = "replaced" },
            LifeEvent.Replace => this with { Dialogue = Dialogues.Replaced },
            LifeEvent.Agree => this with
            {
                Dialogue =
                    Stage is Stage.RecallAsked ? Dialogues.RecallAgreed : Dialogues.UpdateAgreed,
            },
            LifeEvent.Decline => this with
            {
                Dialogue =
                    Stage is Stage.RecallAsked
                        ? Dialogues.RecallDeclined
                        : Dialogues.UpdateDeclined,
            },
            // Whoever reports has the document, whether or not it acknowledged the message.
            _ => this with
            {
                State = IsUncollected && State != "held" ? "collected" : State,
                Work = LifeEvents.WorkOf(raised),
            },
        };
}

/// <summary>What the sender asked about a delivery, and what the recipient answered.</summary>
public static class Dialogues
{
    public const string RecallAsked = "recall_asked";
    public const string RecallAgreed = "recall_agreed";
    public const string RecallDeclined = "recall_declined";
    public const string UpdateAsked = "update_asked";
    public const string UpdateAgreed = "update_agreed";
    public const string UpdateDeclined = "update_declined";
    public const string Replaced = "replaced";

    public static IReadOnlyList<string> All { get; } =
    [
        RecallAsked,
        RecallAgreed,
        RecallDeclined,
        UpdateAsked,
        UpdateAgreed,
        UpdateDeclined,
        Replaced,
    ];
}
