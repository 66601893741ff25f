using Axis.Hub.Access;

namespace Axis.Hub.Tests.Access;

public sealed class RepeatedRefusalsTests
{
    private static readonly (string, string, string, string) s_kind = (
        "http.request",
        "unknown",
        "203.0.113.7",
        "AXIS-2001"
    );

    private readonly SetClock _clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));

    [Test]
    public void Many_refusals_of_a_kind_are_one_line_that_counts_them()
    {
        var refusals = new RepeatedRefusals(_clock);
        Assert.That(refusals.IsDue(s_kind, out var before), Is.True);
        Assert.That(before, Is.Zero);
        for (var i = 0; i < 1000; i++)
        {
            Assert.That(refusals.IsDue(s_kind, out _), Is.False);
        }
        Assert.That(refusals.IsDue(s_kind with { Item3 = "203.0.113.8" }, out _), Is.True);
        _clock.Now = _clock.Now.AddMinutes(1);
        Assert.That(refusals.IsDue(s_kind, out before), Is.True);
        Assert.That(before, Is.EqualTo(1000));
    }

    [Test]
    public void A_flood_of_kinds_is_one_kind()
    {
        var refusals = new RepeatedRefusals(_clock);
        var lines = 0;
        for (var i = 0; i < 50_000; i++)
        {
            lines += refusals.IsDue(s_kind with { Item2 = $"made up {i}" }, out _) ? 1 : 0;
        }
        Assert.That(lines, Is.LessThan(10_002));
    }
}
