using System.Diagnostics;
using Axis.LocalServers;
using Axis.NationalSim.Provinces;
using Axis.TestKit;

namespace Axis.Benchmarks;

/// <summary>
/// The gateway alone: letters that wait for the national axis go out, and letters of other provinces come in, against
/// the simulated axis in this process. The hub is a process of its own; its processor time is counted for each document.
/// </summary>
public static class NationalBenchmark
{
    private const int WarmUp = 200;
    private const int Documents = 3_000;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(20);

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var border = await Border.OpenAsync(
            servers,
            asProcess: true,
            settings: [("National:CallTimeout", "00:01:00"), ("National:CallsPerMinute", "1000000")]
        );
        await OutwardAsync(border, WarmUp);
        await InwardAsync(border, WarmUp);
        var (outward, outwardCost) = await OutwardAsync(border, Documents);
        var (inward, inwardCost) = await InwardAsync(border, Documents);
        return
        [
            new Figure(
                "national",
                "outward",
                Documents / outward.TotalSeconds,
                "documents/s",
                null
            ),
            new Figure("national", "outward cost", outwardCost, "ms processor/document", null),
            new Figure("national", "inward", Documents / inward.TotalSeconds, "documents/s", null),
            new Figure("national", "inward cost", inwardCost, "ms processor/document", null),
        ];
    }

    private static async Task<(TimeSpan, double)> OutwardAsync(Border border, int documents)
    {
        await border.Hub.ChangeRegistryAsync(
            "INSERT INTO far_link (axis, direction, paused_at, paused_by) VALUES ('national', 'out', now(), 'benchmark') ON CONFLICT (axis, direction) DO UPDATE SET paused_at = now()"
        );
        using var office = await border.Hub.ClientAsync("office", @unchecked: true);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, documents),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (_, _) =>
                await office.SubmitAsync(
                    (
                        new Letter(TestProvince.Office, TestProvince.Ministry) with
                        {
                            AttachmentBytes = 11_000,
                        }
                    ).Signed()
                )
        );
        await Eventually.HoldsAsync(async () => await OpenAsync(border) == documents, Bound);
        var cost = border.Hub.ProcessorTime;
        var watch = Stopwatch.StartNew();
        await border.Hub.ChangeRegistryAsync(
            "UPDATE far_link SET paused_at = NULL WHERE axis = 'national'"
        );
        await Eventually.HoldsAsync(async () => await OpenAsync(border) == 0, Bound);
        return (watch.Elapsed, (border.Hub.ProcessorTime - cost).TotalMilliseconds / documents);
    }

    private static async Task<(TimeSpan, double)> InwardAsync(Border border, int documents)
    {
        var before = await CameAsync(border);
        await border.Hub.ChangeRegistryAsync(
            "INSERT INTO far_link (axis, direction, paused_at, paused_by) VALUES ('national', 'in', now(), 'benchmark') ON CONFLICT (axis, direction) DO UPDATE SET paused_at = now()"
        );
        for (var n = 0; n < documents; n++)
        {
            border.Sim.Write(
                new LetterWish
                {
                    To = [TestProvince.Commune],
                    From = TestProvince.Ministry,
                    AttachmentBytes = 11_000,
                }
            );
        }
        var cost = border.Hub.ProcessorTime;
        var watch = Stopwatch.StartNew();
        await border.Hub.ChangeRegistryAsync(
            "UPDATE far_link SET paused_at = NULL WHERE axis = 'national'"
        );
        await Eventually.HoldsAsync(
            async () => await CameAsync(border) == before + documents,
            Bound
        );
        return (watch.Elapsed, (border.Hub.ProcessorTime - cost).TotalMilliseconds / documents);
    }

    private static Task<long> OpenAsync(Border border) =>
        border.Hub.CountAsync(
            "SELECT count(*) FROM far_sending WHERE kind = 'document' AND state IN ('due', 'calling', 'unclear')"
        );

    private static Task<long> CameAsync(Border border) =>
        border.Hub.CountAsync("SELECT count(*) FROM far_inward WHERE acknowledged_at IS NOT NULL");
}
