using System.Globalization;
using System.Text;
using Axis.Hub.Deadlines;
using FsCheck;
using FsCheck.Fluent;

namespace Axis.Hub.Tests.Deadlines;

/// <summary>Working time as a clerk would reckon it, and the laws that its arithmetic keeps.</summary>
public sealed class WorkingTimeTests
{
    private static readonly WorkingTime s_time = new WorkingTimeOptions().Make();

    [TestCase("2026-10-05 08:00", 1, "2026-10-05 09:00")]
    [TestCase("2026-10-05 11:00", 1, "2026-10-05 13:30", Description = "over noon")]
    [TestCase("2026-10-05 16:30", 1, "2026-10-06 08:00", Description = "over night")]
    [TestCase("2026-10-09 16:30", 1, "2026-10-12 08:00", Description = "over a week-end")]
    [TestCase("2026-10-10 10:00", 1, "2026-10-12 08:30", Description = "from a Saturday")]
    [TestCase(
        "2026-10-05 05:00",
        0,
        "2026-10-05 07:30",
        Description = "from before the office opens"
    )]
    [TestCase("2026-10-05 13:00", 4, "2026-10-05 17:00", Description = "to the end of the day")]
    [TestCase("2026-02-13 16:00", 2, "2026-02-23 08:30", Description = "over Tết")]
    [TestCase(
        "2026-08-21 16:00",
        2,
        "2026-08-22 08:30",
        Description = "into a Saturday worked in exchange"
    )]
    [TestCase("2026-08-28 16:00", 2, "2026-09-03 08:30", Description = "over the day given for it")]
    [TestCase("2026-10-12 08:00", -1, "2026-10-09 16:30", Description = "back over a week-end")]
    [TestCase("2026-10-05 13:00", -4, "2026-10-05 07:30", Description = "back to the opening")]
    public void So_many_hours_on(string from, double hours, string expected) =>
        Assert.That(s_time.Add(At(from), TimeSpan.FromHours(hours)), Is.EqualTo(At(expected)));

    [TestCase("2026-10-05 08:00", "2026-10-05 17:00", 7.5)]
    [TestCase("2026-10-09 16:00", "2026-10-12 08:30", 2)]
    [TestCase("2026-10-10 08:00", "2026-10-11 17:00", 0)]
    [TestCase("2026-02-13 17:00", "2026-02-23 07:30", 0)]
    [TestCase("2026-10-06 08:00", "2026-10-05 16:00", -1.5)]
    public void Hours_between(string from, string to, double hours) =>
        Assert.That(s_time.Between(At(from), At(to)).TotalHours, Is.EqualTo(hours));

    [TestCase("2026-10-05", "2026-10-06 11:30", Description = "Monday")]
    [TestCase("2026-10-09", "2026-10-12 11:30", Description = "Friday")]
    [TestCase("2026-02-13", "2026-02-23 11:30", Description = "before Tết")]
    [TestCase(
        "2026-08-21",
        "2026-08-22 11:30",
        Description = "before a Saturday worked in exchange"
    )]
    [TestCase("2026-10-11", "2026-10-12 11:30", Description = "signed on a Sunday")]
    public void A_letter_is_sent_at_the_latest_in_the_morning_of_the_next_working_day(
        string signed,
        string expected
    ) => Assert.That(s_time.LatestSending(Day(signed)), Is.EqualTo(At(expected)));

    [TestCase("2026-10-07", "2026-10-07 17:00")]
    [TestCase("2026-10-10", "2026-10-12 17:00", Description = "a Saturday")]
    [TestCase("2026-02-17", "2026-02-23 17:00", Description = "the first day of Tết")]
    public void A_term_that_would_end_on_a_day_off_ends_with_the_next_working_day(
        string due,
        string expected
    ) => Assert.That(s_time.EndOf(Day(due)), Is.EqualTo(At(expected)));

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property What_is_added_lies_between() =>
        Prop.ForAll(
            Instants.ToArbitrary(),
            Lengths.ToArbitrary(),
            (from, length) => s_time.Between(from, s_time.Add(from, length)) == length
        );

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property What_is_added_in_two_parts_is_the_same_length() =>
        Prop.ForAll(
            Instants.ToArbitrary(),
            Lengths.ToArbitrary(),
            Lengths.ToArbitrary(),
            (from, one, two) =>
                s_time.Between(from, s_time.Add(s_time.Add(from, one), two)) == one + two
        );

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property The_time_between_adds_up_and_reverses() =>
        Prop.ForAll(
            Instants.ToArbitrary(),
            Instants.ToArbitrary(),
            Instants.ToArbitrary(),
            (a, b, c) =>
                s_time.Between(a, b) + s_time.Between(b, c) == s_time.Between(a, c)
                && s_time.Between(a, b) == -s_time.Between(b, a)
        );

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property Later_begun_or_longer_is_never_earlier_due() =>
        Prop.ForAll(
            Instants.ToArbitrary(),
            Lengths.ToArbitrary(),
            Lengths.ToArbitrary(),
            (from, wait, length) =>
                s_time.Add(from, length) <= s_time.Add(from + wait, length)
                && s_time.Add(from, length) <= s_time.Add(from, length + wait)
        );

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property Going_back_undoes_going_on() =>
        Prop.ForAll(
            Instants.ToArbitrary(),
            Lengths.Where(length => length > TimeSpan.Zero).ToArbitrary(),
            (from, length) =>
                s_time.Between(s_time.Add(from, -length), from) == length
                && s_time.Add(from, -length) <= from
        );

    [Test]
    public void The_calendar_that_comes_with_the_hub_has_its_years_and_changes_only_what_differs()
    {
        var calendar = DayCalendar.BuiltIn();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Enumerable.Range(2024, 4).Select(calendar.Covers), Has.All.True);
            Assert.That(calendar.Covers(2028), Is.False);
            Assert.That(
                calendar.DaysWorked.Select(day => day.DayOfWeek),
                Has.All.EqualTo(DayOfWeek.Saturday)
            );
            // Each day that is worked in exchange is given for one that is not.
            foreach (var year in Enumerable.Range(2024, 4))
            {
                var off = calendar.DaysOff.Count(day =>
                    day.Year == year
                    && day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)
                );
                var worked = calendar.DaysWorked.Count(day => day.Year == year);
                Assert.That(
                    off - worked,
                    Is.InRange(9, 12),
                    $"{year}: 11 days by the Labour Code, less what falls on week-ends without a substitute"
                );
            }
        }
    }

    [TestCase("{", "cannot be read")]
    [TestCase("""{"years":[]}""", "at least one year")]
    [TestCase("""{"years":[{"year":2026,"off":[],"worked":[]}]}""", "source")]
    [TestCase("""{"years":[{"year":2026,"source":"x","worked":[]}]}""", "off: a list")]
    [TestCase(
        """{"years":[{"year":2026,"source":"x","off":[{"date":"2025-01-01","name":"x"}],"worked":[]}]}""",
        "a day of that year"
    )]
    [TestCase(
        """{"years":[{"year":2026,"source":"x","off":[{"date":"2026-01-01","name":"x"}],"worked":[{"date":"2026-01-01","name":"x"}]}]}""",
        "either off or worked"
    )]
    [TestCase(
        """{"years":[{"year":2026,"source":"x","off":[{"date":"2026-13-01","name":"x"}],"worked":[]}]}""",
        "cannot be read"
    )]
    [TestCase(
        """{"years":[{"year":2026,"source":"x","off":[],"worked":[]},{"year":2026,"source":"x","off":[],"worked":[]}]}""",
        "once"
    )]
    [TestCase("""{"years":[{"year":2026,"source":"x","of":[],"worked":[]}]}""", "cannot be read")]
    public void A_broken_calendar_says_what_is_wrong(string json, string expected) =>
        Assert.That(
            () => DayCalendar.Read(new MemoryStream(Encoding.UTF8.GetBytes(json))),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains(expected)
        );

    private static Gen<DateTimeOffset> Instants =>
        Gen.Choose(0, 3 * 366 * 24 * 60)
            .Select(minutes =>
                new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromHours(7)).AddMinutes(minutes)
            );

    private static Gen<TimeSpan> Lengths =>
        Gen.Choose(0, 20 * 8 * 60).Select(minutes => TimeSpan.FromMinutes(minutes));

    private static DateTimeOffset At(string text) =>
        new(
            DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            TimeSpan.FromHours(7)
        );

    private static DateOnly Day(string text) =>
        DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
