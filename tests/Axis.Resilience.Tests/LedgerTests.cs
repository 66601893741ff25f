using Axis.Chaos;
using Axis.Chaos.Stands;

namespace Axis.Resilience.Tests;

/// <summary>
/// The ledger test in its short form: office systems keep their own books while hub, broker, database, networks and
/// disks fail. Longer ones: <c>./axis chaos</c>.
/// </summary>
public sealed class LedgerTests
{
    private const int Seed = 20260815;

    // By number and not by the clock: a slow machine strikes as often as a fast one, and needs longer.
    private const int Rounds = 22;

    [Test]
    public async Task The_ledgers_agree_after_everything_that_can_fail_has_failed()
    {
        var report = new TextReport(TestContext.Progress);
        var plan = new ChaosPlan(
            Length: TimeSpan.FromMinutes(3),
            Seed,
            LettersASecond: 5,
            Patience: TimeSpan.FromMinutes(5),
            MostRounds: Rounds
        );
        await using var stand = await SingleStand.StartAsync(
            new Progress<string>(report.Say),
            CancellationToken.None
        );

        var result = await new ChaosRun(stand, plan, report).RunAsync(CancellationToken.None);

        report.Summary(result, plan);
        if (!result.IsClean)
        {
            report.Say(stand.Logs);
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Verdict.Accepted, Is.GreaterThan(0));
            Assert.That(result.Verdict.Complaints, Is.Empty);
            Assert.That(result.Verdict.Lost, Is.Zero, "lost");
            Assert.That(result.Verdict.NotAccepted, Is.Zero, "never accepted");
            Assert.That(result.Verdict.WrongBytes, Is.Zero, "wrong bytes");
            Assert.That(result.Verdict.VisibleDuplicates, Is.Zero, "visible duplicates");
            Assert.That(result.Verdict.Unsent, Is.Zero, "received and never sent");
            Assert.That(result.Verdict.StatusesMissing, Is.Zero, "statuses missing");
            Assert.That(result.Verdict.EventsMissing, Is.Zero, "events missing");
            Assert.That(result.Verdict.EventDuplicates, Is.Zero, "events told under two ids");
            Assert.That(result.Verdict.EventsAstray, Is.Zero, "events of what nobody reported");
            Assert.That(result.Unfinished, Is.Empty, "stuck");
            Assert.That(result.OwnDeaths, Is.Empty);
            Assert.That(result.PackagesStored, Is.EqualTo(result.Verdict.Accepted));
        }
    }
}
