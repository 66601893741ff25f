using Axis.TestKit;

namespace Axis.Hub.Tests.Reports;

/// <summary>
/// The figures of a month reckoned from the generator's ledger, one letter at a time and in another way than the hub's
/// statements: working time by counting minutes.
/// </summary>
internal sealed class LedgerFigures
{
    // As the announcement of 2026 has them, written down once more; a test of another season has to name its own.
    private static readonly DateOnly[] s_off = [new(2026, 8, 31), new(2026, 9, 1), new(2026, 9, 2)];
    private static readonly DateOnly[] s_worked = [new(2026, 8, 22)];

    private const int Morning = 7 * 60 + 30;
    private const int Noon = 11 * 60 + 30;
    private const int Afternoon = 13 * 60;
    private const int Evening = 17 * 60;

    private readonly SyntheticMonth _month;
    private readonly DateTimeOffset _first;
    private readonly DateTimeOffset _end;
    private readonly int[] _worked;

    public LedgerFigures(SyntheticMonth month)
    {
        _month = month;
        _first = new DateTimeOffset(
            month.Month.AddDays(-1).ToDateTime(TimeOnly.MinValue),
            TimeSpan.FromHours(7)
        );
        _end = new DateTimeOffset(
            month.Month.AddMonths(1).ToDateTime(TimeOnly.MinValue),
            TimeSpan.FromHours(7)
        );
        // How many working minutes have passed before each minute.
        _worked = new int[80 * 24 * 60];
        for (var minute = 1; minute < _worked.Length; minute++)
        {
            _worked[minute] =
                _worked[minute - 1] + (IsWorked(_first.AddMinutes(minute - 1)) ? 1 : 0);
        }
    }

    /// <summary>name → number, for one agency and direction; null for the whole province.</summary>
    public SortedDictionary<string, double> Of(int? agency, bool sent)
    {
        // Recalls are no letters, nor are copies of updates; what an act brought about in the month after is known.
        var letters = _month
            .Letters.Where(letter =>
                (agency is null || !sent || letter.Sender == agency)
                && letter.Business != 1
                && letter.At < _end
                && letter.Deliveries.Any(one => one.About is null)
            )
            .ToArray();
        var pairs = letters
            .SelectMany(letter => letter.Deliveries, (letter, one) => (Letter: letter, One: one))
            .Where(pair =>
                pair.One.About is null && (agency is null || sent || pair.One.Recipient == agency)
            )
            .ToArray();
        // Received letters are counted once for each that came.
        var counted = agency is null || sent ? letters : [.. pairs.Select(pair => pair.Letter)];
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal)
        {
            ["letters.count"] = counted.Length,
            ["letters.envelopeSigned"] = counted.Count(letter => letter.EnvelopeSigned),
            ["letters.documentSigned"] = counted.Count(letter => letter.DocumentSigned),
            ["letters.electronic"] = counted.Count(letter => letter.Paper is false),
            ["letters.withPaper"] = counted.Count(letter => letter.Paper is true),
            ["letters.paperUnsaid"] = counted.Count(letter => letter.Paper is null),
            ["letters.onTime"] = counted.Count(letter => OnTime(letter) is true),
            ["letters.late"] = counted.Count(letter => OnTime(letter) is false),
            ["letters.undated"] = counted.Count(letter => OnTime(letter) is null),
            ["deliveries.count"] = pairs.Length,
            ["deliveries.notTaken"] = pairs.Count(pair =>
                pair.One.State is "dispatched" or "expired"
            ),
            ["deliveries.received"] = pairs.Count(pair =>
                pair.One.Work is "03" or "04" or "05" or "06"
            ),
            ["deliveries.done"] = pairs.Count(pair => pair.One.Work == "06" && !IsGone(pair.One)),
            ["deliveries.refused"] = pairs.Count(pair => pair.One.Work == "02"),
            ["deliveries.withdrawn"] = pairs.Count(pair => IsGone(pair.One)),
        };
        var clocks = pairs
            .Select(pair => pair.One)
            .Where(one => one.DueAt is not null && one.Settled?.Outcome != "void")
            .ToArray();
        figures["deadlines.count"] = clocks.Length;
        figures["deadlines.met"] = clocks.Count(one => one.Settled?.Outcome == "met");
        figures["deadlines.missed"] = clocks.Count(one => one.Settled?.Outcome == "missed");
        figures["deadlines.running"] = clocks.Count(one => one.Settled is null);
        figures["deadlines.overdue"] = clocks.Count(one =>
            one.Settled?.Outcome == "missed" || (one.Settled is null && one.DueAt < _month.AsOf)
        );
        foreach (
            var (state, what, code) in (ReadOnlySpan<(string, string, string?)>)
                [
                    ("collected", "collected", null),
                    ("arrived", "status", "01"),
                    ("received", "status", "03"),
                    ("assigned", "status", "04"),
                    ("processing", "status", "05"),
                    ("done", "status", "06"),
                ]
        )
        {
            var times = pairs
                .Select(pair => (pair.Letter, First: FirstOf(pair.One, what, code)))
                .Where(pair => pair.First is not null)
                .Select(pair => MinutesAt(pair.First!.Value) - MinutesAt(pair.Letter.At))
                .Order()
                .ToArray();
            if (times.Length > 0)
            {
                figures[$"timeTo.{state}.count"] = times.Length;
                figures[$"timeTo.{state}.median"] = Hours(times, 0.5);
                figures[$"timeTo.{state}.p90"] = Hours(times, 0.9);
            }
        }
        foreach (
            var reason in pairs
                .SelectMany(pair => pair.One.Acts)
                .Where(act => act is { Status: "02", Outcome: "applied" })
                .GroupBy(act => act.Detail!)
                .OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key, StringComparer.Ordinal)
                .Take(5)
        )
        {
            figures[$"refusals.{reason.Key}"] = reason.Count();
        }
        return figures;
    }

    private static bool IsGone(SyntheticDelivery one) =>
        one.State is "withdrawn" or "replaced" || one.Dialogue is "recall_agreed" or "replaced";

    private static DateTimeOffset? FirstOf(SyntheticDelivery one, string what, string? code) =>
        one
            .Acts.Where(act =>
                act.What == what
                && (code is null || (act.Status == code && act.Outcome == "applied"))
            )
            .Select(act => (DateTimeOffset?)act.At)
            .Min();

    private bool? OnTime(SyntheticLetter letter)
    {
        if (letter.Promulgated is not { } day)
        {
            return null;
        }
        var next = day.AddDays(1);
        while (!IsDay(next))
        {
            next = next.AddDays(1);
        }
        return letter.At
            <= new DateTimeOffset(next.ToDateTime(new TimeOnly(11, 30)), TimeSpan.FromHours(7));
    }

    private static double Hours(int[] sorted, double part) =>
        Math.Round(sorted[(int)Math.Ceiling(part * sorted.Length) - 1] / 60.0, 2);

    private int MinutesAt(DateTimeOffset at) => _worked[(int)(at - _first).TotalMinutes];

    private static bool IsDay(DateOnly day) =>
        s_worked.Contains(day)
        || (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !s_off.Contains(day));

    private static bool IsWorked(DateTimeOffset at)
    {
        var minute = at.Hour * 60 + at.Minute;
        return IsDay(DateOnly.FromDateTime(at.DateTime))
            && (minute is >= Morning and < Noon || minute is >= Afternoon and < Evening);
    }
}
