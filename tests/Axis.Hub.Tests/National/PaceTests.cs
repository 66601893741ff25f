using Axis.Hub.National;

namespace Axis.Hub.Tests.National;

/// <summary>How fast and how often a far axis is called.</summary>
public sealed class PaceTests
{
    private HandClock _clock = null!;

    [SetUp]
    public void Begin() => _clock = new HandClock(DateTimeOffset.UnixEpoch);

    [TestCase(60, 1)]
    [TestCase(600, 10)]
    [TestCase(6_000, 100)]
    public void A_seconds_worth_passes_at_once_and_then_only_what_the_minute_allows(
        int perMinute,
        int burst
    )
    {
        var pace = new Pace(perMinute, _clock);
        var calls = Enumerable.Range(0, 3 * burst).Select(_ => pace.WaitAsync()).ToArray();
        Assert.That(calls.Count(call => call.IsCompleted), Is.EqualTo(burst));
        for (var second = 2; second <= 3; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.That(calls.Count(call => call.IsCompleted), Is.EqualTo(second * burst));
        }
    }

    [Test]
    public void Idle_time_saves_no_more_than_a_second()
    {
        var pace = new Pace(600, _clock);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.That(
            Enumerable.Range(0, 50).Count(_ => pace.WaitAsync().IsCompleted),
            Is.EqualTo(10)
        );
    }

    [Test]
    public void A_clock_that_is_set_back_makes_nobody_wait_for_it()
    {
        var pace = new Pace(600, _clock);
        Assert.That(pace.WaitAsync().IsCompleted, Is.True);
        _clock.Set(DateTimeOffset.UnixEpoch - TimeSpan.FromDays(1));
        Assert.That(pace.WaitAsync().IsCompleted, Is.True);
    }

    [Test]
    public void A_list_is_asked_for_at_once_while_it_has_something_and_ever_less_while_it_has_nothing()
    {
        var rhythm = new PollRhythm(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60));
        int[] took = [3, 1, 0, 0, 0, 0, 0, 0, 2, 0, 0];
        int[] seconds = [0, 0, 5, 10, 20, 40, 60, 60, 0, 5, 10];
        Assert.That(
            took.Select(rhythm.After).ToArray(),
            Is.EqualTo(seconds.Select(second => TimeSpan.FromSeconds(second)))
        );
    }
}
