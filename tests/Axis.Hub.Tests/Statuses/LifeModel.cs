namespace Axis.Hub.Tests.Statuses;

/// <summary>
/// A delivery as a person would tell its rules, written without the table: what the hub is compared with. Deliberately
/// another way of saying the same: work has a rank and only climbs, a question is open or not, an end is an end. Beside
/// it stands what must be kept of the life and told of it: each line of the history, and each event.
/// </summary>
/// <param name="sender">The office system of the side that sent the letter.</param>
/// <param name="recipient">The office system in whose inbox it comes.</param>
internal sealed class LifeModel(string sender, string recipient)
{
    /// <summary>Not judged at all: an answer that does not tell which question it is given to.</summary>
    public const string Refused = "refused";

    private static readonly string[] s_climb = ["", "01", "03", "04", "05", "06"];

    private const string StatusNews = "vn.axis.delivery.status";

    private readonly List<Asked> _asked = [];
    private readonly List<Kept> _history = [new("accepted", sender)];
    private readonly List<Told> _events = [];

    public IReadOnlyList<Kept> History => _history;
    public IReadOnlyList<Told> Events => _events;

    /// <summary>The last code that had its effect; a recall by package is a 13 like any other.</summary>
    public string? Status { get; private set; }

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

    /// <summary>Where it stands, in the one word that both sides are told.</summary>
    public string Stage =>
        State is "withdrawn" or "replaced" or "expired" ? State
        : Question == "replaced" ? "replaced"
        : Question == "recall_agreed" ? "recalled"
        : Work == "02" ? "refused"
        : IsAsked ? Question!
        : Work switch
        {
            "01" => "arrived",
            "03" => "received",
            "04" => "assigned",
            "05" => "processing",
            "06" => "done",
            _ => State,
        };

    /// <summary>It lies in the inbox: in one that is asked over HTTP with its acceptance, on a queue a moment later.</summary>
    public void Arrive(bool isQueued, bool isTold)
    {
        if (isQueued)
        {
            _history.Add(new("dispatched", "hub"));
        }
        if (isTold)
        {
            _events.Add(
                new("vn.axis.delivery.dispatched", recipient, Stage) { ShowsLetter = true }
            );
        }
    }

    /// <returns>False when there is nothing to collect any more.</returns>
    public bool Collect()
    {
        if (State is "withdrawn" or "replaced" or "expired")
        {
            return false;
        }
        if (State != "collected")
        {
            _history.Add(new("collected", recipient) { Words = "http" });
        }
        State = "collected";
        return true;
    }

    public void Expire()
    {
        if (State != "dispatched")
        {
            return;
        }
        State = "expired";
        _history.Add(new("expired", "hub"));
        _events.Add(new("vn.axis.delivery.expired", sender, Stage));
        _events.Add(new("vn.axis.delivery.expired", recipient, Stage));
    }

    /// <param name="now">In seconds, as all times of the model.</param>
    /// <param name="said">The report's own time; null: it tells none.</param>
    public string Report(string code, long now, long? said, Said cause)
    {
        var asked = Question;
        var outcome = JudgeReport(code, now, said);
        if (outcome == Refused)
        {
            return outcome;
        }
        var (by, other) = code == "13" ? (sender, recipient) : (recipient, sender);
        _history.Add(new Kept("status", by) { Code = code, Outcome = outcome }.With(cause));
        if (outcome == "applied")
        {
            Status = code;
        }
        // Who says a thing again changes nothing; who comes too late is passed on all the same.
        if (outcome != "repeated")
        {
            var type = outcome == "late" ? StatusNews : NewsOf(code, asked);
            _events.Add(new Told(type, other, Stage, code, outcome).With(cause));
        }
        return outcome;
    }

    public string Recall(long now, Said cause)
    {
        var outcome = Act("recall", JudgeRecall(now), () => NewsOf("13", null), cause);
        Status = outcome == "applied" ? "13" : Status;
        return outcome;
    }

    public string Update(long now, Said cause) =>
        Act("update", JudgeUpdate(now), () => "vn.axis.update.asked", cause);

    public string Replace(Said cause) =>
        Act("replace", JudgeReplace(), () => "vn.axis.delivery.replaced", cause);

    /// <summary>An act by package. Of one that had no effect its receipt says so, and nobody else is told.</summary>
    private string Act(string what, string outcome, Func<string> news, Said cause)
    {
        _history.Add(new(what, sender) { Outcome = outcome, Words = cause.Words });
        if (outcome == "applied")
        {
            _events.Add(new Told(news(), recipient, Stage).With(cause));
        }
        return outcome;
    }

    private string NewsOf(string code, string? asked) =>
        code switch
        {
            "13" when State == "withdrawn" => "vn.axis.delivery.withdrawn",
            "13" => "vn.axis.recall.asked",
            "15" or "16" when asked == "recall_asked" => "vn.axis.recall.answered",
            "15" or "16" => "vn.axis.update.answered",
            _ => StatusNews,
        };

    private string JudgeReport(string code, long now, long? said)
    {
        switch (code)
        {
            case "13":
                return JudgeRecall(now);
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

    private string JudgeRecall(long now)
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

    private string JudgeUpdate(long now)
    {
        if (IsOver || Question == "recall_asked" || (Work == "06" && Question != "update_asked"))
        {
            return "late";
        }
        Ask("update_asked", now);
        return "applied";
    }

    private string JudgeReplace()
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
