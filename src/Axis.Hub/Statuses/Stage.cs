namespace Axis.Hub.Statuses;

/// <summary>Where a delivery stands in its life. Names of the wire: <see cref="StageNames"/>.</summary>
public enum Stage
{
    /// <summary>Durable, not yet in the inbox: waiting for the broker, or held until its route opens.</summary>
    Accepted,

    /// <summary>Set aside by the hub; an operator must act.</summary>
    Failed,

    /// <summary>In the recipient's inbox.</summary>
    Dispatched,

    /// <summary>Taken by the recipient's office system.</summary>
    Collected,
    Arrived,
    Received,
    Assigned,
    Processing,
    Done,
    Refused,
    RecallAsked,
    UpdateAsked,
    Recalled,
    Withdrawn,
    Replaced,
    Expired,
}

/// <summary>What can happen to a delivery.</summary>
public enum LifeEvent
{
    Dispatch,
    Fail,

    /// <summary>An operator has it tried again, by itself or in a replay.</summary>
    Retry,

    /// <summary>It has to be sent anew: its queue is gone, or another inbox receives for the agency now.</summary>
    PutBack,
    Collect,
    Expire,
    Report01,
    Report02,
    Report03,
    Report04,
    Report05,
    Report06,

    /// <summary>A report 13, or a recall package (BussinessDocType 1).</summary>
    Recall,

    /// <summary>An update package (BussinessDocType 2).</summary>
    Update,

    /// <summary>A replacement package (BussinessDocType 3).</summary>
    Replace,

    /// <summary>A report 15.</summary>
    Agree,

    /// <summary>A report 16.</summary>
    Decline,
}

/// <summary>Who may raise a <see cref="LifeEvent"/>.</summary>
public enum Raiser
{
    Hub,
    Sender,
    Recipient,
    Clock,
    Operator,
}

public static class StageNames
{
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<Stage>().Select(Of)];

    public static string Of(Stage stage) =>
        stage switch
        {
            Stage.RecallAsked => "recall_asked",
            Stage.UpdateAsked => "update_asked",
            _ => stage.ToString().ToLowerInvariant(),
        };
}

public static class LifeEvents
{
    /// <summary>The event a status code stands for; null for codes that are no status.</summary>
    public static LifeEvent? OfCode(string code) =>
        code switch
        {
            "01" => LifeEvent.Report01,
            "02" => LifeEvent.Report02,
            "03" => LifeEvent.Report03,
            "04" => LifeEvent.Report04,
            "05" => LifeEvent.Report05,
            "06" => LifeEvent.Report06,
            "13" => LifeEvent.Recall,
            "15" => LifeEvent.Agree,
            "16" => LifeEvent.Decline,
            _ => null,
        };

    /// <summary>The work code of a report 01 to 06; null for all other events.</summary>
    public static string? WorkOf(LifeEvent raised) =>
        raised is >= LifeEvent.Report01 and <= LifeEvent.Report06
            ? $"0{raised - LifeEvent.Report01 + 1}"
            : null;

    /// <summary>A word of the documents: "03 received", "recall".</summary>
    public static string NameOf(LifeEvent raised) =>
        raised switch
        {
            LifeEvent.PutBack => "put back",
            LifeEvent.Report01 => "01 arrived",
            LifeEvent.Report02 => "02 refused",
            LifeEvent.Report03 => "03 received",
            LifeEvent.Report04 => "04 assigned",
            LifeEvent.Report05 => "05 processing",
            LifeEvent.Report06 => "06 done",
            LifeEvent.Recall => "recall (13, type 1)",
            LifeEvent.Update => "update (type 2)",
            LifeEvent.Replace => "replace (type 3)",
            LifeEvent.Agree => "15 agreed",
            LifeEvent.Decline => "16 declined",
            _ => raised.ToString().ToLowerInvariant(),
        };
}
