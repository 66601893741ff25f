using Axis.Chaos.Border;
using Axis.Chaos.Stands;

namespace Axis.Chaos;

/// <summary>Each kind of run from its start to its exit code: 0 when the ledgers agree.</summary>
internal static class Runs
{
    public static async Task<int> InsideAsync(
        ChaosPlan plan,
        bool isCluster,
        TextReport report,
        CancellationToken cancellation
    )
    {
        var progress = new Progress<string>(report.Say);
        await using IStand stand = isCluster
            ? await ClusterStand.StartAsync(progress, cancellation)
            : await SingleStand.StartAsync(progress, cancellation);
        foreach (var words in stand.LeftOut)
        {
            report.Say("Left out: " + words + ".");
        }
        Begin(report, plan);
        var result = await new ChaosRun(stand, plan, report).RunAsync(cancellation);
        report.Summary(result, plan);
        return End(report, stand, result.IsClean);
    }

    public static async Task<int> BorderAsync(
        ChaosPlan plan,
        TextReport report,
        CancellationToken cancellation
    )
    {
        await using var stand = await BorderStand.StartAsync(
            plan.Seed,
            new Progress<string>(report.Say),
            cancellation
        );
        Begin(report, plan);
        var result = await new BorderRun(stand, plan, report).RunAsync(cancellation);
        report.Tell(result, plan);
        return End(report, stand, result.IsClean);
    }

    private static void Begin(TextReport report, ChaosPlan plan) =>
        report.Say(
            $"seed {plan.Seed}, {plan.Length.TotalMinutes:0.#} minutes, {plan.LettersASecond:0.#} letters a second"
        );

    private static int End(TextReport report, IStand stand, bool isClean)
    {
        if (!isClean)
        {
            report.Say(stand.Logs);
        }
        return isClean ? 0 : 1;
    }
}
