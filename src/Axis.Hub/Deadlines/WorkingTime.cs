namespace Axis.Hub.Deadlines;

/// <summary>Half-open hours of a day in Vietnam, in order and apart: the morning and the afternoon.</summary>
public sealed record WorkingHours(
    TimeOnly MorningStart,
    TimeOnly MorningEnd,
    TimeOnly AfternoonStart,
    TimeOnly AfternoonEnd
)
{
    /// <summary>Of one working day.</summary>
    public TimeSpan Day => MorningEnd - MorningStart + (AfternoonEnd - AfternoonStart);
}

/// <summary>
/// The arithmetic of working time: working days of the week, less days off, plus days worked in exchange, and of each
/// its hours. Pure; time of Vietnam (+07:00), which has no summer time.
/// </summary>
public sealed class WorkingTime(
    WorkingHours hours,
    IReadOnlySet<DayOfWeek> week,
    DayCalendar calendar
)
{
    // Farther than any run of days off: beyond it something is wrong with the calendar.
    private const int MostDaysOff = 400;

    private static readonly TimeSpan s_vietnam = TimeSpan.FromHours(7);

    public WorkingHours Hours { get; } = hours;

    public bool IsWorkingDay(DateOnly day) =>
        calendar.IsWorked(day) || (week.Contains(day.DayOfWeek) && !calendar.IsOff(day));

    public static DateOnly DayOf(DateTimeOffset instant) =>
        DateOnly.FromDateTime(instant.ToOffset(s_vietnam).DateTime);

    /// <summary>In UTC, as everything is stored.</summary>
    public static DateTimeOffset At(DateOnly day, TimeOnly time) =>
        new DateTimeOffset(day.ToDateTime(time), s_vietnam).ToUniversalTime();

    /// <summary>The day itself if it is worked, else the first worked day after it.</summary>
    public DateOnly WorkingDayFrom(DateOnly day)
    {
        for (var i = 0; i < MostDaysOff; i++)
        {
            if (IsWorkingDay(day))
            {
                return day;
            }
            day = day.AddDays(1);
        }
        throw new InvalidOperationException($"No working day in {MostDaysOff} days before {day}");
    }

    /// <summary>
    /// When a letter is due that names a day: at the end of that day's hours. A term that would end on a day off ends with
    /// the next working day (Bộ luật Dân sự 2015 Đ148.5).
    /// </summary>
    public DateTimeOffset EndOf(DateOnly day) => At(WorkingDayFrom(day), Hours.AfternoonEnd);

    /// <summary>
    /// QĐ 28/2018 Đ6.2: sent on the day of signing, or at the latest in the morning of the next working day; the end of
    /// that morning.
    /// </summary>
    public DateTimeOffset LatestSending(DateOnly dayOfSigning) =>
        At(WorkingDayFrom(dayOfSigning.AddDays(1)), Hours.MorningEnd);

    /// <summary>The instant at which a length of working time has passed; a negative length goes back.</summary>
    public DateTimeOffset Add(DateTimeOffset from, TimeSpan length) =>
        length >= TimeSpan.Zero ? Forth(from, length) : Back(from, -length);

    /// <summary>The working time between two instants; negative when the second is earlier.</summary>
    public TimeSpan Between(DateTimeOffset from, DateTimeOffset to)
    {
        if (to < from)
        {
            return -Between(to, from);
        }
        var sum = TimeSpan.Zero;
        for (var day = DayOf(from); day <= DayOf(to); day = day.AddDays(1))
        {
            foreach (var (start, end) in SessionsOf(day))
            {
                var overlap = Min(end, to) - Max(start, from);
                sum += overlap > TimeSpan.Zero ? overlap : TimeSpan.Zero;
            }
        }
        return sum;
    }

    private DateTimeOffset Forth(DateTimeOffset from, TimeSpan length)
    {
        var idle = 0;
        for (var day = DayOf(from); idle < MostDaysOff; day = day.AddDays(1), idle++)
        {
            foreach (var (start, end) in SessionsOf(day))
            {
                idle = 0;
                var begin = Max(start, from);
                if (begin >= end)
                {
                    continue;
                }
                if (length <= end - begin)
                {
                    return begin + length;
                }
                length -= end - begin;
            }
        }
        throw new InvalidOperationException($"No working day in {MostDaysOff} days after {from}");
    }

    private DateTimeOffset Back(DateTimeOffset from, TimeSpan length)
    {
        var idle = 0;
        for (var day = DayOf(from); idle < MostDaysOff; day = day.AddDays(-1), idle++)
        {
            foreach (var (start, end) in SessionsOf(day).Reverse())
            {
                idle = 0;
                var close = Min(end, from);
                if (close <= start)
                {
                    continue;
                }
                if (length <= close - start)
                {
                    return close - length;
                }
                length -= close - start;
            }
        }
        throw new InvalidOperationException($"No working day in {MostDaysOff} days before {from}");
    }

    private IEnumerable<(DateTimeOffset Start, DateTimeOffset End)> SessionsOf(DateOnly day) =>
        IsWorkingDay(day)
            ?
            [
                (At(day, Hours.MorningStart), At(day, Hours.MorningEnd)),
                (At(day, Hours.AfternoonStart), At(day, Hours.AfternoonEnd)),
            ]
            : [];

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
