namespace Axis.Hub.Tests.Statuses;

/// <summary>
/// A delivery as a person would tell its rules, written without the table: what the hub is compared with. Deliberately
/// another way of saying the same: work has a rank and only climbs, a question is open or not, an end is an end.
/// </summary>
internal sealed class LifeModel
{
    private static readonly string[] s_climb = ["", "01", "03", "04", "05", "06"];

    private bool _recallTookThePlaceOfAnUpdate;

    public string State { get; private set; } = "dispatched";
    public string? Work { get; private set; }
    public string? Question { get; private set; }

    private bool IsTaken => State == "collected";

    private bool IsOver =>
        State is "withdrawn" or "replaced" or "expired"
        || Question is "replaced" or "recall_agreed"
        || Work == "02"
        || (Work == "06" && !IsAsked);

    private bool IsAsked => Question is "recall_asked" or "update_asked";

    public bool CanBeRead =>
        State is not ("withdrawn" or "replaced" or "expired") && Question != "recall_agreed";

    /// <returns>False when there is nothing to collect any more.</returns>
    public bool Collect()
    {
        if (State is "withdrawn" or "replaced" or "expired")
        {
            return false;
        }
        State = "collected";
        return true;
    }

    public void Expire()
    {
        if (State == "dispatched")
        {
            State = "expired";
        }
    }

    /// <param name="saidBefore">The report's own time lies before everything else here.</param>
    public string Report(string code, bool saidBefore)
    {
        switch (code)
        {
            case "13":
                return Recall();
            case "15" or "16":
                return Answer(code == "15", saidBefore);
            case "02":
                if (IsOver || Rank(Work) > 1)
                {
                    return Work == "02" ? "repeated" : "late";
                }
                break;
            default:
                var again = code == "05" && Work == "05";
                if (IsOver || (Rank(code) <= Rank(Work) && !again))
                {
                    return Work == code ? "repeated" : "late";
                }
                break;
        }
        (State, Work) = ("collected", code);
        return "applied";
    }

    public string Recall()
    {
        if (State == "withdrawn" || (Question == "recall_asked" && !IsOver))
        {
            return "repeated";
        }
        if (IsOver || Work == "06")
        {
            return "late";
        }
        if (IsTaken)
        {
            _recallTookThePlaceOfAnUpdate = Question == "update_asked";
            Question = "recall_asked";
        }
        else
        {
            State = "withdrawn";
        }
        return "applied";
    }

    public string Update()
    {
        if (IsOver || Question == "recall_asked" || (Work == "06" && Question != "update_asked"))
        {
            return "late";
        }
        Question = "update_asked";
        return "applied";
    }

    public string Replace()
    {
        if (State == "replaced" || Question == "replaced")
        {
            return "repeated";
        }
        if (IsOver || Work == "06")
        {
            return "late";
        }
        (State, Question) = IsTaken ? (State, "replaced") : ("replaced", Question);
        return "applied";
    }

    private string Answer(bool agrees, bool saidBefore)
    {
        var word = agrees ? "agreed" : "declined";
        if (
            !IsAsked
            || IsOver
            || (Question == "recall_asked" && _recallTookThePlaceOfAnUpdate && saidBefore)
        )
        {
            return Question?.EndsWith(word, StringComparison.Ordinal) == true ? "repeated" : "late";
        }
        Question = Question!.Replace("asked", word, StringComparison.Ordinal);
        return "applied";
    }

    private static int Rank(string? code) => Array.IndexOf(s_climb, code ?? "");

    public override string ToString() => $"{State} {Work} {Question}";
}
