using Axis.Hub.Events;

namespace Axis.Hub.Tests.Events;

/// <summary>Whoever waits for the bell is let go by it, by the time or by the stop, whichever comes first.</summary>
public sealed class EventBellTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromDays(1);

    private readonly LateClock _clock = new();

    /// <summary>A timer that is let go may be about to ring already; an exception of its would end the whole hub.</summary>
    [Test]
    public async Task An_alarm_that_rings_when_the_wait_is_over_harms_nobody()
    {
        using var bell = new EventBell();
        bell.Ring();
        await bell.WaitAsync(s_long, _clock, CancellationToken.None);

        Assert.That(_clock.RingAll, Throws.Nothing);
    }

    [Test]
    public async Task The_time_ends_the_wait_and_a_stop_is_told()
    {
        using var bell = new EventBell();
        using var stop = new CancellationTokenSource();
        var first = bell.WaitAsync(s_long, _clock, stop.Token);
        _clock.RingAll();
        await first;

        var second = bell.WaitAsync(s_long, _clock, stop.Token);
        await stop.CancelAsync();
        Assert.That(async () => await second, Throws.InstanceOf<OperationCanceledException>());
    }

    /// <summary>A clock whose timers ring when the test says so, disposed or not.</summary>
    private sealed class LateClock : TimeProvider
    {
        private readonly List<Action> _alarms = [];

        public void RingAll() => _alarms.ForEach(ring => ring());

        public override ITimer CreateTimer(
            TimerCallback callback,
            object? state,
            TimeSpan dueTime,
            TimeSpan period
        )
        {
            _alarms.Add(() => callback(state));
            return new Silent();
        }

        private sealed class Silent : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
