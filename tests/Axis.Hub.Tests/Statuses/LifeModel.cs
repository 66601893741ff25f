namespace Axis.Hub.Tests.Statuses;

/// <summary>
/// A delivery as a person would tell its rules, written without the table: what the hub is compared with. Deliberately
/// another way of saying the same: work has a rank and only climbs, a question is open or not, an end is an end.
/// </summary>
internal sealed class LifeModel
{
    /// <summary>Not judged at all: an answer that does not tell which question it is given to.</summary>
    public const string Refused = "refused";

    private static readonly string[] s_climb = ["", "01", "03", "04", "05", "06"];

    private readonly List<Asked> _asked = [];

    public string State { get; private set; } = "dispatched";
    public string? Work { get; private set; }
    public string? Question { get; private set; }

    /// <summary>It lies in the inbox, or waits for it.</summary>
    public bool IsUntaken => State == "dispatched" && Work is null;

    private bool IsTaken => State == "collected";

    private bool IsOver =>
        State is "withdrawn" or "replaced" or "expired"
        || Question is "replaced" or "recall_agreed"
        || Work == "02"
        || (Work == "06" && !IsAsked);

    private bool IsAsked => Question is "recall_asked" or "update_asked";

    public bool CanBeRead =>
        State is not ("withdrawn" or "replaced" or "expired") && Question != "recall_agreed";

    /// <summary>Whether the package of an act comes into the inbox. Who never had the letter is not told that it is gone.</summary>
    public bool IsBrought(int business) => business != 1 || IsTaken;

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

    /// <param name="now">In seconds, as all times of the model.</param>
    /// <param name="said">The report's own time; null: it tells none.</param>
    public string Report(string code, long now, long? said)
    {
        switch (code)
        {
            case "13":
                return Recall(now);
            case "15" or "16":
                return Answer(code == "15", said);
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

    public string Recall(long now)
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
            Ask("recall_asked", now);
        }
        else
        {
            State = "withdrawn";
        }
        return "applied";
    }

    public string Update(long now)
    {
        if (IsOver || Question == "recall_asked" || (Work == "06" && Question != "update_asked"))
        {
            return "late";
        }
        Ask("update_asked", now);
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

    private void Ask(string question, long now)
    {
        Question = question;
        _asked.Add(new Asked(now));
    }

    private string Answer(bool agrees, long? said)
    {
        var word = agrees ? "agreed" : "declined";
        if (!IsAsked || IsOver)
        {
            return Question?.EndsWith(word, StringComparison.Ordinal) == true ? "repeated" : "late";
        }
        if (_asked.Count > 1)
        {
            if (said is null)
            {
                return Refused;
            }
            // Whoever answered before and says the same again, or who could not know of this question, means another.
            if (said < _asked[^1].At || _asked.Exists(one => one.AnswerSaid == said))
            {
                return "late";
            }
        }
        _asked[^1] = _asked[^1] with { AnswerSaid = said };
        Question = Question!.Replace("asked", word, StringComparison.Ordinal);
        return "applied";
    }

    private sealed record Asked(long At, long? AnswerSaid = null);

    private static int Rank(string? code) => Array.IndexOf(s_climb, code ?? "");

    public override string ToString() => $"{State} {Work} {Question}";
}
