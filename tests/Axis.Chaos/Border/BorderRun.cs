using Axis.Chaos.Books;
using Axis.Chaos.Offices;
using Axis.Chaos.Stands;

namespace Axis.Chaos.Border;

/// <summary>What a run at the border came to.</summary>
public sealed record BorderResult(
    BorderVerdict Verdict,
    IReadOnlyList<StruckFault> Faults,
    IReadOnlyList<string> Unfinished,
    IReadOnlyList<string> OwnDeaths
)
{
    public bool IsClean => Verdict.IsClean && Unfinished.Count == 0 && OwnDeaths.Count == 0;
}

/// <summary>
/// The ledger test at the border: offices of the province and of the country beyond write to each other and report on
/// what they got, while both sides and the line between them fail. What is judged is the ledgers of both sides alone.
/// </summary>
public sealed class BorderRun(BorderStand stand, ChaosPlan plan, IChaosReport report)
{
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private volatile bool _isQuiet;

    public async Task<BorderResult> RunAsync(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        var open = new OpenLetters();
        Office[] offices =
        [
            .. ChaosProvince.Offices.Select(
                (office, i) =>
                    new Office(
                        office,
                        stand.Hub,
                        stand.Broker,
                        stand.SecretOf(office.Id),
                        open,
                        plan.Seed + i
                    )
            ),
        ];
        try
        {
            var crossings = new Crossings(offices, stand.Axis);
            var working = Task.WhenAll(
                offices
                    .Select(office => office.RunAsync(over.Token))
                    .Append(crossings.WatchAsync(over.Token))
                    .Append(TellAsync(offices, crossings, over.Token))
            );
            var load = new BorderLoad(offices, stand.Axis, plan.LettersASecond, plan.Seed).RunAsync(
                enough.Token,
                over.Token
            );
            var strikes = await new Timetable(
                stand.Faults,
                plan,
                report,
                [
                    .. crossings.All.Select(crossing =>
                        (crossing.Name, (Func<long, bool>)crossing.IsRecoveredFrom)
                    ),
                ],
                () => _isQuiet && crossings.IsEmpty
            ).StrikeAsync(over.Token);
            await enough.CancelAsync();
            report.Say("The faults are over; what is under way comes to its end.");
            var result = await SettleAsync(offices, load, strikes, over.Token);
            // What was lost never recovers: the verdict waits for nothing any more.
            await over.CancelAsync();
            await Task.WhenAll(strikes.Select(strike => strike.Recovery));
            await working;
            return result;
        }
        finally
        {
            await over.CancelAsync();
            foreach (var office in offices)
            {
                office.Dispose();
            }
        }
    }

    private async Task TellAsync(
        IReadOnlyList<Office> offices,
        Crossings crossings,
        CancellationToken over
    )
    {
        while (!over.IsCancellationRequested)
        {
            await Pause.AtMostAsync(TellInterval, over);
            report.Say(
                "          "
                    + string.Join(
                        "; ",
                        crossings.All.Select(crossing =>
                            $"{crossing.Name} {crossing.Over}, {crossing.Open} under way, the oldest for {crossing.OldestAge.TotalSeconds:0} s"
                        )
                    )
            );
            foreach (var office in offices)
            {
                if (office.Ledger.Complaints.TryPeek(out var complaint))
                {
                    report.Say($"          {office.Id} complains: {complaint}");
                }
            }
        }
    }

    private async Task<BorderResult> SettleAsync(
        IReadOnlyList<Office> offices,
        Task load,
        IReadOnlyList<Strike> strikes,
        CancellationToken over
    )
    {
        var begun = OpenLetters.Now;
        try
        {
            await load.WaitAsync(plan.Patience, over);
        }
        catch (TimeoutException)
        {
            report.Say("Some letters never had their receipt; the verdict names them.");
        }
        _isQuiet = true;
        foreach (var office in offices)
        {
            office.IsClosing = true;
            await office.Amqp.DropAsync();
        }
        for (var told = OpenLetters.Now; ; )
        {
            var result = await LookAsync(offices, strikes, over);
            if (
                result is { IsClean: false }
                && TimeProvider.System.GetElapsedTime(told) > TellInterval
            )
            {
                told = OpenLetters.Now;
                report.Say(
                    "          left: "
                        + string.Join(
                            "; ",
                            result.Unfinished.Concat(result.Verdict.Complaints).Take(5)
                        )
                );
            }
            if (
                result is { IsClean: true }
                || (
                    result is not null && TimeProvider.System.GetElapsedTime(begun) >= plan.Patience
                )
            )
            {
                report.Say(
                    $"Settled {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s after the last fault."
                );
                return result;
            }
            await Pause.ForAsync(LookInterval, over);
        }
    }

    /// <summary>Null when one side cannot be asked just now.</summary>
    private async Task<BorderResult?> LookAsync(
        IReadOnlyList<Office> offices,
        IReadOnlyList<Strike> strikes,
        CancellationToken over
    )
    {
        var unfinished = await stand.FindUnfinishedAsync(over);
        if (await stand.Axis.LettersAsync(over) is not { } there)
        {
            return null;
        }
        try
        {
            return new BorderResult(
                new BorderAudit(offices, there, await stand.StatusesAsync(over)).Compare(),
                [.. strikes.Select(strike => strike.Struck)],
                unfinished,
                stand.OwnDeaths
            );
        }
        catch (Npgsql.NpgsqlException)
        {
            // A connection from before the last fault; the next look has a new one.
            return null;
        }
    }
}
