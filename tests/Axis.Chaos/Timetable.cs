using Axis.Chaos.Books;
using Axis.Chaos.Faults;

namespace Axis.Chaos;

/// <summary>A fault that struck, and the time when nothing is left of it.</summary>
internal sealed record Strike(StruckFault Struck, Task Recovery);

/// <summary>Strikes with one fault after the other as the seed deals them, and measures how long each is felt.</summary>
/// <param name="ways">
/// What is on its way, by name: whether everything of it that was begun before a moment has arrived, and something begun
/// after it too. Later faults may delay that.
/// </param>
/// <param name="isQuiet">Nothing is on its way any more and nothing will be.</param>
internal sealed class Timetable(
    IReadOnlyList<Fault> faults,
    ChaosPlan plan,
    IChaosReport report,
    IReadOnlyList<(string Name, Func<long, bool> IsRecoveredFrom)> ways,
    Func<bool> isQuiet
)
{
    /// <summary>A calm in which to measure; what takes longer is measured among the next faults.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(45);

    // A server that starts again takes its time; others are struck meanwhile.
    private const int MostAtOnce = 3;

    public async Task<IReadOnlyList<Strike>> StrikeAsync(CancellationToken over)
    {
        var begun = OpenLetters.Now;
        var lastOn = new Dictionary<string, Task>(StringComparer.Ordinal);
        var under = new List<Task<Strike>>();
        foreach (var round in Deck.Deal(faults, plan.Seed))
        {
            await Pause.ForAsync(round.PauseBefore, over);
            while (under.Count(strike => !strike.IsCompleted) >= MostAtOnce)
            {
                await Task.WhenAny(under.Where(strike => !strike.IsCompleted));
            }
            if (
                TimeProvider.System.GetElapsedTime(begun) >= plan.Length
                || round.Number > plan.MostRounds
            )
            {
                break;
            }
            foreach (var (fault, seed) in round.Faults)
            {
                // One that strikes a target which is still under another waits for its turn; order is kept.
                var before = lastOn.GetValueOrDefault(fault.Target, Task.CompletedTask);
                var strike = StrikeOneAsync(round, fault, seed, before, begun, over);
                lastOn[fault.Target] = strike;
                under.Add(strike);
            }
            if (round.WaitsForRecovery)
            {
                var struck = await Task.WhenAll(under);
                await Task.WhenAny(
                    Task.WhenAll(struck.Select(strike => strike.Recovery)),
                    Pause.AtMostAsync(LongestWait, over)
                );
            }
        }
        return await Task.WhenAll(under);
    }

    private async Task<Strike> StrikeOneAsync(
        Round round,
        Fault fault,
        int seed,
        Task before,
        long begun,
        CancellationToken over
    )
    {
        await before;
        var from = OpenLetters.Now;
        var words = await fault.StrikeAsync(new Random(seed), over);
        var to = OpenLetters.Now;
        var struck = new StruckFault(
            round.Number,
            fault.Name,
            words,
            TimeProvider.System.GetElapsedTime(begun, from),
            TimeProvider.System.GetElapsedTime(from, to)
        );
        report.Struck(struck);
        return new Strike(struck, RecoverAsync(struck, to, over));
    }

    private async Task RecoverAsync(StruckFault struck, long ended, CancellationToken over)
    {
        var recovered = new List<(string Way, TimeSpan Within)>();
        while (true)
        {
            // Looked at once more after the end: what is all there then has recovered.
            var isOver = over.IsCancellationRequested;
            var isQuietNow = isQuiet();
            foreach (var (name, isRecoveredFrom) in ways)
            {
                if (
                    recovered.TrueForAll(one => one.Way != name)
                    && (isQuietNow || isRecoveredFrom(ended))
                )
                {
                    recovered.Add((name, TimeProvider.System.GetElapsedTime(ended)));
                }
            }
            if (recovered.Count == ways.Count)
            {
                break;
            }
            if (isOver)
            {
                return;
            }
            await Pause.AtMostAsync(TimeSpan.FromMilliseconds(50), over);
        }
        struck.RecoveredWithin = recovered[^1].Within;
        struck.Order = recovered;
        report.Recovered(struck);
    }
}
