using System.Globalization;
using System.Text.Json;

namespace Axis.Chaos;

/// <summary>Lines for people on one writer, and, when asked for, JSON lines in a file.</summary>
public sealed class TextReport(TextWriter output, TextWriter? json = null) : IChaosReport
{
    private readonly Lock _lock = new();

    public void Say(string words)
    {
        lock (_lock)
        {
            output.WriteLine(words);
            output.Flush();
        }
    }

    public void Struck(StruckFault fault) =>
        Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{fault.At:hh\\:mm\\:ss}  #{fault.Round, -4} {fault.Name, -42} {fault.Particulars}"
            )
        );

    public void Recovered(StruckFault fault)
    {
        Say(
            string.Create(
                CultureInfo.InvariantCulture,
                $"          #{fault.Round, -4} {fault.Name, -42} fully recovered {fault.RecoveredWithin?.TotalSeconds:0.0} s after its end{OrderOf(fault)}"
            )
        );
        Write(
            new
            {
                fault = fault.Name,
                round = fault.Round,
                particulars = fault.Particulars,
                atSeconds = Math.Round(fault.At.TotalSeconds, 1),
                lastedSeconds = Math.Round(fault.Lasted.TotalSeconds, 2),
                recoveredSeconds = Math.Round(fault.RecoveredWithin!.Value.TotalSeconds, 2),
                order = fault.Order.Select(one => new
                {
                    way = one.Way,
                    seconds = Math.Round(one.Within.TotalSeconds, 2),
                }),
            }
        );
    }

    public void Summary(ChaosResult result, ChaosPlan plan)
    {
        var verdict = result.Verdict;
        Write(
            new
            {
                seed = plan.Seed,
                minutes = plan.Length.TotalMinutes,
                faults = result.Faults.Count,
                clean = result.IsClean,
                packagesStored = result.PackagesStored,
                unfinished = result.Unfinished,
                ownDeaths = result.OwnDeaths.Count,
                verdict,
            }
        );
        Times(result.Faults);
        Say($"seed {plan.Seed}, {result.Faults.Count} faults");
        Say(
            $"accepted {verdict.Accepted} letters, {result.PackagesStored} stored, {verdict.Deliveries} delivered"
        );
        Say(
            $"lost {verdict.Lost}, never accepted {verdict.NotAccepted}, wrong bytes {verdict.WrongBytes}, received but never sent {verdict.Unsent}"
        );
        Say(
            $"visible duplicates {verdict.VisibleDuplicates} (repeats on the wire {verdict.WireRepeats}), statuses missing {verdict.StatusesMissing}, events missing {verdict.EventsMissing}, event duplicates {verdict.EventDuplicates} (repeats on the wire {verdict.RepeatedEvents}), events astray {verdict.EventsAstray}"
        );
        Say(
            $"submissions repeated {verdict.RepeatedSubmissions}, answers repeated {verdict.RepeatedAnswers}, poison refused {verdict.RefusedPoison}"
        );
        foreach (
            var words in verdict
                .Complaints.Concat(result.Unfinished.Select(one => "unfinished: " + one))
                .Concat(result.OwnDeaths)
        )
        {
            Say("! " + words);
        }
        Say(result.IsClean ? "The ledgers agree." : "THE LEDGERS DO NOT AGREE.");
    }

    /// <summary>How long each kind of fault was felt.</summary>
    public void Times(IReadOnlyList<StruckFault> faults)
    {
        Say("");
        Say(
            $"{"fault", -46}{"times", 6}{"recovered: median", 19}{"longest", 9}   (seconds after its end)"
        );
        foreach (
            var kind in faults
                .GroupBy(fault => fault.Name)
                .OrderBy(kind => kind.Key, StringComparer.Ordinal)
        )
        {
            var times = kind.Where(fault => fault.RecoveredWithin is not null)
                .Select(fault => fault.RecoveredWithin!.Value.TotalSeconds)
                .Order()
                .ToArray();
            Say(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kind.Key, -46}{kind.Count(), 6}{(times.Length > 0 ? times[times.Length / 2] : double.NaN), 19:0.0}{(times.Length > 0 ? times[^1] : double.NaN), 9:0.0}"
                )
            );
        }
        Say("");
    }

    private static string OrderOf(StruckFault fault) =>
        fault.Order.Count < 2
            ? ""
            : ": "
                + string.Join(
                    ", ",
                    fault.Order.Select(one =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{one.Way} {one.Within.TotalSeconds:0.0}"
                        )
                    )
                );

    /// <summary>A JSON line, where one was asked for.</summary>
    public void Write(object line)
    {
        lock (_lock)
        {
            json?.WriteLine(JsonSerializer.Serialize(line, JsonSerializerOptions.Web));
            json?.Flush();
        }
    }
}
