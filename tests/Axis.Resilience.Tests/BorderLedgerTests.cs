using Axis.Chaos;
using Axis.Chaos.Border;

namespace Axis.Resilience.Tests;

/// <summary>
/// The ledger test at the border in its short form: both sides keep their own books while hub, broker, database, the
/// national axis and the line to it fail. Longer ones: <c>./axis chaos --border</c>.
/// </summary>
public sealed class BorderLedgerTests
{
    private const int Seed = 20261128;

    // By number and not by the clock: a slow machine strikes as often as a fast one, and needs longer.
    private const int Rounds = 14;

    [Test]
    [Explicit("takes minutes")]
    [Category("Long")]
    public async Task The_ledgers_of_both_sides_agree_after_everything_at_the_border_has_failed()
    {
        var report = new TextReport(TestContext.Progress);
        var plan = new ChaosPlan(
            Length: TimeSpan.FromMinutes(10),
            Seed,
            LettersASecond: 3,
            Patience: TimeSpan.FromMinutes(10),
            MostRounds: Rounds
        );
        await using var stand = await BorderStand.StartAsync(
            Seed,
            new Progress<string>(report.Say),
            CancellationToken.None
        );

        var result = await new BorderRun(stand, plan, report).RunAsync(CancellationToken.None);

        report.Tell(result, plan);
        if (!result.IsClean)
        {
            report.Say(stand.Logs);
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Faults, Has.Count.GreaterThanOrEqualTo(Rounds));
            Assert.That(result.Verdict.Complaints, Is.Empty);
            Assert.That(result.Verdict.Out.IsClean, Is.True, $"out: {result.Verdict.Out}");
            Assert.That(result.Verdict.In.IsClean, Is.True, $"in: {result.Verdict.In}");
            Assert.That(result.Verdict.NotAccepted, Is.Zero, "never accepted");
            Assert.That(result.Unfinished, Is.Empty, "stuck");
            Assert.That(result.OwnDeaths, Is.Empty);
        }
    }
}
