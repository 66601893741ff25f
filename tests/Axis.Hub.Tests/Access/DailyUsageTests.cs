using Axis.Hub.Access.Limits;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Access;

/// <summary>The count behind the daily quota, without a database.</summary>
public sealed class DailyUsageTests
{
    private static readonly TimeSpan s_vietnam = TimeSpan.FromHours(7);

    private readonly SetClock _clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));

    [Test]
    public void It_holds_exactly_what_it_says_in_packages_and_in_bytes()
    {
        var usage = Create();
        var system = Of(packages: 3, bytes: 1000);
        Assert.That(usage.TryTake(system, 400), Is.Not.Null);
        Assert.That(usage.TryTake(system, 601), Is.Null, "one byte too many");
        Assert.That(usage.TryTake(system, 600), Is.Not.Null);
        Assert.That(usage.TryTake(system, 1), Is.Null);
        Assert.That(usage.UsedToday(system.Id), Is.EqualTo(new Used(2, 1000)));

        var small = Of(packages: 3, bytes: null);
        Assert.That(
            Enumerable
                .Range(0, 5)
                .Count(_ => usage.TryTake(small with { Id = "b" }, 9) is not null),
            Is.EqualTo(3)
        );
    }

    [Test]
    public void What_is_not_accepted_comes_back()
    {
        var usage = Create();
        var system = Of(packages: 1, bytes: null);
        var share = usage.TryTake(system, 10)!.Value;
        Assert.That(usage.TryTake(system, 10), Is.Null);
        usage.GiveBack(share);
        Assert.That(usage.TryTake(system, 10), Is.Not.Null);
    }

    [Test]
    public void Many_at_once_get_no_more_than_there_is()
    {
        var usage = Create();
        var system = Of(packages: 100, bytes: null);
        var taken = 0;
        Parallel.For(
            0,
            1000,
            _ =>
            {
                if (usage.TryTake(system, 1) is not null)
                {
                    Interlocked.Increment(ref taken);
                }
            }
        );
        Assert.That(taken, Is.EqualTo(100));
    }

    [Test]
    public void A_day_ends_at_midnight_in_Vietnam()
    {
        var usage = Create();
        var system = Of(packages: 1, bytes: null);
        _clock.Now = new(2026, 11, 22, 23, 59, 59, s_vietnam);
        Assert.That(usage.TryTake(system, 1), Is.Not.Null);
        Assert.That(usage.TryTake(system, 1), Is.Null);
        Assert.That(usage.UntilTomorrow, Is.EqualTo(TimeSpan.FromSeconds(1)));
        _clock.Now = new(2026, 11, 23, 0, 0, 0, s_vietnam);
        Assert.That(usage.UsedToday(system.Id), Is.EqualTo(default(Used)));
        Assert.That(usage.TryTake(system, 1), Is.Not.Null);
        Assert.That(usage.UntilTomorrow, Is.EqualTo(TimeSpan.FromDays(1)));
    }

    [Test]
    public void What_other_nodes_took_counts_and_what_is_not_written_yet_comes_on_top()
    {
        var usage = Create();
        var system = Of(packages: 10, bytes: null);
        usage.TryTake(system, 1);
        usage.TryTake(system, 1);
        var written = usage.TakeUnwritten();
        Assert.That(written.Single().Packages, Is.EqualTo(2));
        usage.TryTake(system, 1);
        // Two of this node and six of another were in the table.
        usage.Learn(usage.Today, system.Id, new Used(8, 8));
        Assert.That(usage.UsedToday(system.Id).Packages, Is.EqualTo(9));
        Assert.That(usage.TryTake(system, 1), Is.Not.Null);
        Assert.That(usage.TryTake(system, 1), Is.Null);
    }

    [Test]
    public void What_could_not_be_written_is_written_the_next_time_and_yesterday_is_forgotten()
    {
        var usage = Create();
        var system = Of(packages: null, bytes: null);
        usage.TryTake(system, 7);
        usage.PutBack(usage.TakeUnwritten());
        Assert.That(usage.UsedToday(system.Id), Is.EqualTo(new Used(1, 7)));
        _clock.Now += TimeSpan.FromDays(1);
        Assert.That(usage.TakeUnwritten().Single().Bytes, Is.EqualTo(7), "not lost at midnight");
        Assert.That(usage.TakeUnwritten(), Is.Empty);
    }

    private DailyUsage Create() => new(Options.Create(new LimitOptions()), _clock);

    private static OfficeSystem Of(int? packages, long? bytes) =>
        new("a", "A", IsActive: true, Door.Http, new HashSet<Guid>())
        {
            Limits = OfficeSystemLimits.None with
            {
                PackagesPerDay = packages,
                BytesPerDay = bytes,
            },
        };
}
