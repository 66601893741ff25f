using System.Diagnostics;
using System.Globalization;
using Axis.NationalSim;
using Axis.NationalSim.Provinces;
using Axis.TestKit;

namespace Axis.Resilience.Tests;

/// <summary>After an hour without a line: 20,000 documents wait on this side, and many on the other.</summary>
public sealed class BorderOutageTests
{
    private const int Outward = 20_000;
    private const int Urgent = 200;
    private const int Inward = 2_000;

    [Test, Explicit("Minutes of load"), Category("Long")]
    public async Task Everything_crosses_once_after_an_outage_with_20000_documents_waiting()
    {
        await using var border = await Border.OpenAsync(
            LocalServersSetUp.Servers,
            asProcess: true,
            settings: [("National:CallTimeout", "00:01:00"), ("National:CallsPerMinute", "1000000")]
        );
        border.Sim.Vices.Set(ViceKind.ForgetsRepeats);
        border.Sim.Vices.Set(ViceKind.Down);
        using var office = await border.Hub.ClientAsync("office", @unchecked: true);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Outward),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (n, _) =>
            {
                // The urgent ones come last, and must leave first.
                var letter = new Letter(TestProvince.Office, TestProvince.Ministry)
                {
                    Priority = n >= Outward - Urgent ? 2 : 0,
                };
                await office.SubmitAsync(letter.Signed());
            }
        );
        for (var n = 0; n < Inward; n++)
        {
            border.Sim.Write(
                new LetterWish { To = [TestProvince.Commune], From = TestProvince.Ministry }
            );
        }
        await Eventually.HoldsAsync(
            async () =>
                await border.Hub.CountAsync(
                    "SELECT count(*) FROM far_sending WHERE state IN ('due', 'calling', 'unclear')"
                ) == Outward,
            TimeSpan.FromMinutes(10)
        );
        border.Sim.Vices.Clear(ViceKind.Down);
        var watch = Stopwatch.StartNew();
        var last = -1L;
        await Eventually.HoldsAsync(
            async () =>
            {
                var sent = await CountAsync(border, "state = 'sent' AND kind = 'document'");
                var urgent = await CountAsync(
                    border,
                    "state = 'sent' AND kind = 'document' AND urgent"
                );
                var came = await border.Hub.CountAsync(
                    "SELECT count(*) FROM far_inward WHERE kind = 'document'"
                );
                if (sent / 2_000 != last)
                {
                    last = sent / 2_000;
                    await TestContext.Progress.WriteLineAsync(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{watch.Elapsed.TotalSeconds, 6:0.0} s: out {sent} (urgent {urgent}), in {came}"
                        )
                    );
                }
                return sent == Outward && came == Inward;
            },
            TimeSpan.FromMinutes(60)
        );
        await TestContext.Progress.WriteLineAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"recovered in {watch.Elapsed.TotalSeconds:0.0} s"
            )
        );
        var there = border.Sim.Letters(system: Border.SystemId);
        Assert.That(there, Has.Count.EqualTo(Outward));
        Assert.That(
            there.Select(letter => letter.DocumentId).Distinct().Count(),
            Is.EqualTo(Outward)
        );
        Assert.That(
            await border.Hub.CountAsync(
                $"SELECT count(*) FROM (SELECT urgent FROM far_sending WHERE kind = 'document' ORDER BY ended_at LIMIT {2 * Urgent}) AS first WHERE urgent"
            ),
            Is.EqualTo(Urgent),
            "urgent ones leave first"
        );
    }

    private static Task<long> CountAsync(Border border, string condition) =>
        border.Hub.CountAsync($"SELECT count(*) FROM far_sending WHERE {condition}");
}
