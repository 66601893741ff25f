using static Axis.Hub.Statuses.LifeEvent;
using static Axis.Hub.Statuses.Stage;

namespace Axis.Hub.Statuses;

/// <summary>What a report or an act did to a delivery.</summary>
public enum ReportOutcome
{
    /// <summary>It moved the delivery.</summary>
    Applied,

    /// <summary>It says what is known already.</summary>
    Repeated,

    /// <summary>It comes too late, or does not fit; kept in the history, marked, and changes nothing.</summary>
    Late,
}

/// <summary>One line of the table.</summary>
/// <param name="From">The stages it starts at.</param>
/// <param name="To">Null: where the work stands beneath the question.</param>
/// <param name="Effects">What the hub does with it, beside the history line and the event.</param>
/// <param name="Law">Article of QĐ 28/2018/QĐ-TTg; empty where it says nothing.</param>
public sealed record LifecycleRow(
    IReadOnlyList<Stage> From,
    LifeEvent Event,
    Raiser By,
    Stage? To,
    string Effects,
    string Law
);

/// <summary>
/// The life of a delivery as one table. QĐ 28/2018 Đ10.2h names the states and gives no transitions; these are what
/// office systems of the field do: skips are normal (03 and 05 at once), 05 repeats, 02 ends the line before
/// registration, 13 opens the dialogue that 15 or 16 answers. docs/lifecycle.md prints and argues it.
/// </summary>
public static class Lifecycle
{
    private static readonly Stage[] s_untaken = [Accepted, Failed, Dispatched];
    private static readonly Stage[] s_taken = [Collected, Arrived, Received, Assigned, Processing];

    public static IReadOnlyList<LifecycleRow> Table { get; } =
    [
        new([Accepted], Dispatch, Raiser.Hub, Dispatched, "on the inbox queue, confirmed", "Đ6.2"),
        new([Accepted], Fail, Raiser.Hub, Failed, "an operator must act", ""),
        new([Failed], Retry, Raiser.Operator, Accepted, "all its attempts again", ""),
        new(
            [Dispatched],
            PutBack,
            Raiser.Hub,
            Accepted,
            "to another queue, or the same anew",
            "Đ6.2"
        ),
        new([.. s_untaken], Collect, Raiser.Recipient, Collected, "leaves the inbox", "Đ6.3"),
        new([.. s_untaken], Expire, Raiser.Clock, Expired, "leaves the inbox", "Đ8.2"),
        new([.. s_untaken, Collected], Report01, Raiser.Recipient, Arrived, "", "Đ10.2h"),
        new(
            [.. s_untaken, Collected, Arrived],
            Report02,
            Raiser.Recipient,
            Refused,
            "closes an open question",
            "Đ5.4, Đ9.1"
        ),
        new([.. s_untaken, Collected, Arrived], Report03, Raiser.Recipient, Received, "", "Đ9.1"),
        new(
            [.. s_untaken, Collected, Arrived, Received],
            Report04,
            Raiser.Recipient,
            Assigned,
            "",
            "Đ9.2"
        ),
        new([.. s_untaken, .. s_taken], Report05, Raiser.Recipient, Processing, "", "Đ9.2"),
        new([.. s_untaken, .. s_taken], Report06, Raiser.Recipient, Done, "", "Đ9.2"),
        new([.. s_untaken], Recall, Raiser.Sender, Withdrawn, "leaves the inbox at once", "Đ8.2"),
        new([.. s_taken], Recall, Raiser.Sender, RecallAsked, "question, reminders", "Đ8.2"),
        new([.. s_untaken, .. s_taken], Update, Raiser.Sender, UpdateAsked, "question", ""),
        new([.. s_untaken], Replace, Raiser.Sender, Replaced, "leaves the inbox, link", ""),
        new([.. s_taken], Replace, Raiser.Sender, Replaced, "link", ""),
        new([RecallAsked], Agree, Raiser.Recipient, Recalled, "bytes no longer served", "Đ9.2"),
        new([RecallAsked], Decline, Raiser.Recipient, null, "the work goes on", "Đ9.2"),
        new([UpdateAsked], Agree, Raiser.Recipient, null, "the work goes on", ""),
        new([UpdateAsked], Decline, Raiser.Recipient, null, "the work goes on", ""),
        new([UpdateAsked], Update, Raiser.Sender, UpdateAsked, "overtakes the question", ""),
    ];

    /// <summary>What passes an open question and is judged by the stage beneath it; the question stays open.</summary>
    public static IReadOnlyDictionary<Stage, IReadOnlyList<LifeEvent>> Passing { get; } =
        new Dictionary<Stage, IReadOnlyList<LifeEvent>>
        {
            [RecallAsked] =
            [
                .. Enum.GetValues<LifeEvent>().Except([Recall, Update, Agree, Decline]),
            ],
            [UpdateAsked] = [.. Enum.GetValues<LifeEvent>().Except([Update, Agree, Decline])],
        };

    public static IReadOnlyList<Stage> Finals { get; } =
    [.. Enum.GetValues<Stage>().Where(stage => !Table.Any(row => row.From.Contains(stage)))];

    /// <summary>The status codes of the table.</summary>
    public static IReadOnlyList<string> Codes { get; } =
    ["01", "02", "03", "04", "05", "06", "13", "15", "16"];

    /// <summary>A report raised by the sender of the document (13); all others come from the recipient.</summary>
    public static bool IsRaisedBySender(string code) => code == "13";

    /// <summary>The one judge: what an event does at a position. Of an outcome other than applied nothing changes.</summary>
    public static (ReportOutcome Outcome, Position After) Judge(Position at, LifeEvent raised)
    {
        if (IsAllowed(at, raised))
        {
            return (ReportOutcome.Applied, at.After(raised));
        }
        return (SaysWhatIsKnown(at, raised) ? ReportOutcome.Repeated : ReportOutcome.Late, at);
    }

    private static bool IsAllowed(Position at, LifeEvent raised)
    {
        var stage = at.Stage;
        return HasRow(stage, raised)
            || (
                Passing.TryGetValue(stage, out var passing)
                && passing.Contains(raised)
                && HasRow(at.Beneath, raised)
            );
    }

    private static bool HasRow(Stage stage, LifeEvent raised) =>
        Table.Any(row => row.Event == raised && row.From.Contains(stage));

    private static bool SaysWhatIsKnown(Position at, LifeEvent raised) =>
        raised switch
        {
            Dispatch => at.State == "dispatched",
            Fail => at.State == "failed",
            Retry or PutBack => at.State is "waiting" or "held",
            Collect => at.State == "collected",
            Expire => at.Stage == Expired,
            Recall => at.Stage is RecallAsked or Withdrawn,
            Replace => at.Stage == Replaced,
            Agree => at.Dialogue is Dialogues.RecallAgreed or Dialogues.UpdateAgreed,
            Decline => at.Dialogue is Dialogues.RecallDeclined or Dialogues.UpdateDeclined,
            Update => false,
            _ => at.Work == LifeEvents.WorkOf(raised),
        };
}
