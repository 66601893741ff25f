using Axis.TestKit;

namespace Axis.Hub.Tests.National;

/// <summary>A clock that moves when the test moves it, and its timers with it.</summary>
internal sealed class HandClock(DateTimeOffset now) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<HandTimer> _timers = [];
    private DateTimeOffset _now = now;
    private TimeSpan _passed;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _passed.Ticks;
        }
    }

    /// <summary>Somebody sets the clock; what was only measured goes on evenly.</summary>
    public void Set(DateTimeOffset to)
    {
        lock (_lock)
        {
            _now = to;
        }
    }

    public override ITimer CreateTimer(
        TimerCallback callback,
        object? state,
        TimeSpan dueTime,
        TimeSpan period
    )
    {
        var timer = new HandTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Somebody sleeps by this clock: whatever was to be done before is done.</summary>
    public Task SomebodySleepsAsync() =>
        Eventually.HoldsAsync(() =>
        {
            lock (_lock)
            {
                return Task.FromResult(_timers.Count > 0);
            }
        });

    public void Advance(TimeSpan by)
    {
        HandTimer[] due;
        lock (_lock)
        {
            _now += by;
            _passed += by;
            due = [.. _timers.Where(timer => timer.DueAt <= _passed)];
            _timers.RemoveAll(due.Contains);
        }
        foreach (var timer in due)
        {
            timer.Ring();
        }
    }

    private sealed class HandTimer(HandClock clock, TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan DueAt { get; private set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueAt = clock._passed + dueTime;
                    clock._timers.Add(this);
                }
            }
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
