namespace Axis.TestKit;

/// <summary>The machine's clock, ahead of it by as much as a test says: it goes on, and it can jump over midnight.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() =>
        System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    /// <summary>From now on it is at least this late.</summary>
    public void JumpTo(DateTimeOffset instant)
    {
        var missing = instant - GetUtcNow();
        if (missing > TimeSpan.Zero)
        {
            Interlocked.Add(ref _ahead, missing.Ticks);
        }
    }
}
