namespace Axis.Hub.Tests.Access;

/// <summary>A clock that stands where it was set; timers are the machine's.</summary>
public sealed class SetClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
