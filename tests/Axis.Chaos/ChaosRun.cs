using Axis.Chaos.Books;
using Axis.Chaos.Faults;
using Axis.Chaos.Offices;
using Axis.Chaos.Stands;

namespace Axis.Chaos;

/// <summary>What to run.</summary>
/// <param name="Length">How long faults strike; the run then goes on until the ledgers agree, or patience ends.</param>
/// <param name="Seed">Decides the sequence of faults, their particulars, and the letters.</param>
/// <param name="Patience">How long the hub may take to finish everything after the last fault.</param>
public sealed record ChaosPlan(
    TimeSpan Length,
    int Seed,
    double LettersASecond,
    TimeSpan Patience,
    int? MostRounds = null
);

/// <summary>
/// Office systems work and keep their ledgers, faults strike, and at the end the ledgers are laid side by side. What is
/// judged is the ledgers alone; the times are measured and printed.
/// </summary>
public sealed class ChaosRun(IStand stand, ChaosPlan plan, IChaosReport report)
{
    private static readonly TimeSpan LongestWait = Timetable.LongestWait;
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(15);

    private readonly OpenLetters _open = new();

    public async Task<ChaosResult> RunAsync(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
        Office[] offices =
        [
            .. ChaosProvince.Offices.Select(
                (office, i) =>
                    new Office(
                        office,
                        stand.Hub,
                        stand.Broker,
                        stand.SecretOf(office.Id),
                        _open,
                        plan.Seed + i
                    )
            ),
        ];
        try
        {
            var working = Task.WhenAll(offices.Select(office => office.RunAsync(over.Token)));
            var load = new Load(offices, plan.LettersASecond, plan.Seed).RunAsync(
                enough.Token,
                over.Token
            );
            var telling = TellAsync(offices, over.Token);
            var timetable = new Timetable(
                [.. stand.Faults, .. ClientFaults.Of(offices)],
                plan,
                report,
                [("letters", _open.IsRecoveredFrom)],
                // After the last letter nothing begins any more that could show it.
                () => _isQuiet && _open.Count == 0
            );
            var strikes = await timetable.StrikeAsync(over.Token);
            await enough.CancelAsync();
            report.Say("The faults are over; what is under way comes to its end.");
            var ended = await SettleAsync(offices, load, over.Token);
            // What was lost never recovers: the verdict waits for nothing any more.
            await over.CancelAsync();
            await Task.WhenAll(strikes.Select(strike => strike.Recovery));
            await telling;
            await working;
            var packages = await stand.CountPackagesAsync(cancellation);
            var verdict = Audit.Compare(offices);
            return new ChaosResult(
                verdict,
                [.. strikes.Select(strike => strike.Struck)],
                packages,
                ended,
                stand.OwnDeaths
            );
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

    private async Task TellAsync(IReadOnlyList<Office> offices, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Pause.AtMostAsync(TellInterval, over);
            var accepted = offices.Sum(office =>
                office.Ledger.Sent.Values.Count(letter => letter.PackageId is not null)
            );
            var received = offices.Sum(office => office.Ledger.Received.Count);
            report.Say(
                $"          {accepted} accepted, {received} received, {_open.Count} on their way, the oldest for {_open.OldestAge.TotalSeconds:0} s"
            );
            if (_open.OldestAge > LongestWait)
            {
                report.Say($"          {string.Join("; ", _open.Oldest(3))}");
            }
            foreach (var office in offices)
            {
                if (office.Ledger.Complaints.TryPeek(out var complaint))
                {
                    report.Say($"          {office.Id} complains: {complaint}");
                }
            }
        }
    }

    private volatile bool _isQuiet;

    private async Task<IReadOnlyList<string>> SettleAsync(
        IReadOnlyList<Office> offices,
        Task load,
        CancellationToken over
    )
    {
        var begun = OpenLetters.Now;
        IReadOnlyList<string> unfinished = ["the senders"];
        try
        {
            await load.WaitAsync(plan.Patience, over);
            _isQuiet = true;
            foreach (var office in offices)
            {
                office.IsClosing = true;
                await office.Amqp.DropAsync();
            }
            while (TimeProvider.System.GetElapsedTime(begun) < plan.Patience)
            {
                unfinished = await stand.FindUnfinishedAsync(over);
                if (unfinished.Count == 0 && Audit.Compare(offices).IsClean)
                {
                    break;
                }
                await Pause.ForAsync(TimeSpan.FromMilliseconds(500), over);
            }
        }
        catch (TimeoutException)
        {
            // The verdict names what was never accepted.
            _isQuiet = true;
        }
        report.Say(
            $"Settled {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s after the last fault."
        );
        return unfinished;
    }
}

/// <summary>A fault that struck, and how long it took until nothing was left of it.</summary>
public sealed record StruckFault(
    int Round,
    string Name,
    string Particulars,
    TimeSpan At,
    TimeSpan Lasted
)
{
    /// <summary>From the end of the fault; null when the run ended first.</summary>
    public TimeSpan? RecoveredWithin { get; set; }

    /// <summary>What was on its way, in the order in which it recovered, and when.</summary>
    public IReadOnlyList<(string Way, TimeSpan Within)> Order { get; set; } = [];
}

public sealed record ChaosResult(
    Verdict Verdict,
    IReadOnlyList<StruckFault> Faults,
    long PackagesStored,
    IReadOnlyList<string> Unfinished,
    IReadOnlyList<string> OwnDeaths
)
{
    /// <summary>The ledgers agree with each other, and with what the hub has stored; nothing is stuck.</summary>
    public bool IsClean =>
        Verdict.IsClean
        && Unfinished.Count == 0
        && OwnDeaths.Count == 0
        && PackagesStored == Verdict.Accepted;
}

/// <summary>Who hears of what happens.</summary>
public interface IChaosReport
{
    void Say(string words);

    void Struck(StruckFault fault);

    void Recovered(StruckFault fault);
}
