using Axis.Hub.Deadlines;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Deadlines;

/// <summary>When the first reminder of a clock comes.</summary>
public sealed class DeadlinePlanTests
{
    // A Friday's end of office hours, and the Monday before.
    private static readonly DateTimeOffset s_due = At(16, 17);
    private static readonly DateTimeOffset s_monday = At(12, 9);

    [TestCase(0, 16, 17, Description = "not before: when it is due, and not with the next morning")]
    [TestCase(1, 16, 16)]
    [TestCase(12, 15, 13)]
    [TestCase(30 * 24, 16, 17, Description = "that time is gone: when it is due")]
    public void The_first_reminder_comes_so_long_before(int hours, int day, int hour) =>
        Assert.That(
            new DeadlinePlan(
                new WorkingTimeOptions().Make(),
                Options.Create(new DeadlineOptions { RemindBefore = TimeSpan.FromHours(hours) })
            ).FirstReminder(s_monday, s_due),
            Is.EqualTo(At(day, hour))
        );

    private static DateTimeOffset At(int day, int hour) =>
        new DateTimeOffset(2026, 10, day, hour, 0, 0, TimeSpan.FromHours(7)).ToUniversalTime();
}
