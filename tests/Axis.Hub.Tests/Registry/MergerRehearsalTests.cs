using System.Diagnostics;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

/// <summary>
/// A merger of two provinces under live traffic over both doors: before, at and after the instant every letter reaches the
/// right office system, none is lost or taken twice, and statuses return to the code that the sender wrote.
/// </summary>
public sealed class MergerRehearsalTests
{
    [Test]
    public Task Two_small_provinces_merge_while_letters_travel() => RehearseAsync(40, 8);

    [Test]
    [Explicit("Two provinces of 5,000 agencies; takes some minutes")]
    [Category("Long")]
    public Task Two_provinces_of_5000_agencies_merge_while_letters_travel() =>
        RehearseAsync(5000, 150);

    private static async Task RehearseAsync(int agencies, int letters)
    {
        var watch = Stopwatch.StartNew();
        await using var rehearsal = await MergerRehearsal.PrepareAsync(agencies);
        await rehearsal.PlanMergerAsync();
        var prepared = watch.Elapsed;

        using var stop = new CancellationTokenSource();
        var collecting = rehearsal.CollectAsync(stop.Token);
        await rehearsal.SendAsync(letters);
        var before = rehearsal.Promises.Count;
        // At the instant: letters are sent, collected and reported while midnight passes, and some lie in the old inboxes.
        var sending = rehearsal.SendAsync(letters);
        await Eventually.HoldsAsync(() => Task.FromResult(rehearsal.Promises.Count > before));
        rehearsal.Clock.JumpTo(rehearsal.Instant);
        await sending;
        await rehearsal.SendAsync(letters);

        await Eventually.ReachesAsync(
            rehearsal.Promises.Count,
            async () =>
            {
                if (collecting.IsFaulted)
                {
                    await collecting;
                }
                return await rehearsal.CountAsync("delivery WHERE state = 'collected'");
            }
        );
        await stop.CancelAsync();
        await collecting;
        await rehearsal.ReportLateAsync();
        await CheckAsync(rehearsal);

        var handedOver = await rehearsal.CountAsync("delivery_history WHERE what = 'handed_over'");
        var substituted = await rehearsal.CountAsync("delivery WHERE substitution IS NOT NULL");
        await TestContext.Out.WriteLineAsync(
            $"{agencies} agencies merged into {agencies}: prepared in {prepared.TotalSeconds:N1} s; "
                + $"{rehearsal.Promises.Count} deliveries ({before} before the instant), {handedOver} handed over, "
                + $"{substituted} substituted; all collected once, all statuses returned; {watch.Elapsed.TotalSeconds:N1} s"
        );
    }

    private static async Task CheckAsync(MergerRehearsal rehearsal)
    {
        var promises = rehearsal.Promises;
        Assert.That(
            await rehearsal.CountAsync("delivery"),
            Is.EqualTo(promises.Count),
            "none lost"
        );
        Assert.That(
            await rehearsal.CountAsync(
                "(SELECT delivery_id FROM delivery_history WHERE what = 'collected' GROUP BY delivery_id HAVING count(*) > 1) AS twice"
            ),
            Is.Zero,
            "none taken twice"
        );
        // What was routed before the instant the old office systems may take until it is moved; nothing of what came after.
        var instant = rehearsal.Instant.UtcDateTime.ToString("O");
        Assert.That(
            await rehearsal.CountAsync(
                $"""
                delivery_history h JOIN delivery d ON d.id = h.delivery_id JOIN package p ON p.id = d.package_id
                WHERE h.what = 'collected' AND h.actor LIKE 'h71-%' AND p.received_at >= '{instant}'
                """
            ),
            Is.Zero,
            "nothing sent after the instant reached an old office system"
        );
        Assert.That(
            await rehearsal.CountAsync(
                $"""
                delivery_history h JOIN delivery d ON d.id = h.delivery_id
                WHERE h.what = 'collected' AND h.actor LIKE 'h72-%' AND h.at < '{instant}'
                    AND (d.recipient_code LIKE 'H71%' OR d.recipient_code LIKE '%H71')
                """
            ),
            Is.Zero,
            "nothing reached a new office system before the instant"
        );
        using (Assert.EnterMultipleScope())
        {
            foreach (var promise in promises)
            {
                var i = MergerRehearsal.IndexOf(promise.Written);
                var merged =
                    promise.Written.Contains("H72", StringComparison.Ordinal)
                    || promise.ReceivedAt >= rehearsal.Instant;
                Assert.That(
                    promise.Agency,
                    Is.EqualTo(merged ? $"H72.{i}" : $"H71.{i}"),
                    $"{promise.Written} at {promise.ReceivedAt:O}"
                );
            }
        }
        var heard = await rehearsal.HeardAsync();
        Assert.That(
            heard.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)),
            Is.EqualTo(
                promises
                    .OrderBy(promise => promise.DeliveryId)
                    .Select(promise => (promise.DeliveryId, promise.Written))
            ),
            "statuses return to the code that the sender wrote"
        );
    }
}
