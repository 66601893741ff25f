namespace Axis.Chaos.Border;

/// <summary>The end of a run at the border, in words and as a JSON line.</summary>
public static class BorderSummary
{
    public static void Tell(this TextReport report, BorderResult result, ChaosPlan plan)
    {
        ArgumentNullException.ThrowIfNull(report);
        var verdict = result.Verdict;
        report.Write(
            new
            {
                seed = plan.Seed,
                minutes = plan.Length.TotalMinutes,
                faults = result.Faults.Count,
                clean = result.IsClean,
                unfinished = result.Unfinished,
                ownDeaths = result.OwnDeaths.Count,
                verdict,
            }
        );
        report.Times(result.Faults);
        report.Say($"seed {plan.Seed}, {result.Faults.Count} faults");
        report.Say($"out: {Words(verdict.Out)}, never accepted {verdict.NotAccepted}");
        report.Say($"in:  {Words(verdict.In)}");
        foreach (
            var words in verdict
                .Complaints.Concat(result.Unfinished.Select(one => "unfinished: " + one))
                .Concat(result.OwnDeaths)
        )
        {
            report.Say("! " + words);
        }
        report.Say(result.IsClean ? "The ledgers agree." : "THE LEDGERS DO NOT AGREE.");
    }

    private static string Words(Direction direction) =>
        $"{direction.Letters} letters, lost {direction.Lost}, wrong bytes {direction.WrongBytes}, twice {direction.Twice}, unsent {direction.Unsent}; "
        + $"{direction.Statuses} statuses back, missing {direction.StatusesMissing}, twice on the wire {direction.StatusesTwice}";
}
