using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Deadlines;

/// <summary>Working hours of the province's offices, in the time of Vietnam, and the calendar of days off.</summary>
public sealed class WorkingTimeOptions : IValidatableObject
{
    public const string Section = "WorkingTime";

    public TimeOnly MorningStart { get; set; } = new(7, 30);
    public TimeOnly MorningEnd { get; set; } = new(11, 30);
    public TimeOnly AfternoonStart { get; set; } = new(13, 0);
    public TimeOnly AfternoonEnd { get; set; } = new(17, 0);

    /// <summary>Working days of an ordinary week, comma-separated.</summary>
    public string Week { get; set; } = "Monday,Tuesday,Wednesday,Thursday,Friday";

    /// <summary>A calendar in the form of deploy/calendar/vietnam.json; empty: that one.</summary>
    public string CalendarFile { get; set; } = "";

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            !(
                MorningStart < MorningEnd
                && MorningEnd <= AfternoonStart
                && AfternoonStart < AfternoonEnd
            )
        )
        {
            yield return new(
                "morning before afternoon, each with a length",
                [nameof(MorningStart)]
            );
        }
        if (Days() is not { Count: > 0 })
        {
            yield return new("Week: names of days, such as Monday,Tuesday", [nameof(Week)]);
        }
        if (CalendarFile.Length > 0 && ProblemOf(CalendarFile) is { } problem)
        {
            yield return new($"CalendarFile: {problem}", [nameof(CalendarFile)]);
        }
    }

    /// <summary>The arithmetic that these options describe.</summary>
    public WorkingTime Make()
    {
        DayCalendar calendar;
        if (CalendarFile.Length == 0)
        {
            calendar = DayCalendar.BuiltIn();
        }
        else
        {
            using var file = File.OpenRead(CalendarFile);
            calendar = DayCalendar.Read(file);
        }
        return new WorkingTime(
            new WorkingHours(MorningStart, MorningEnd, AfternoonStart, AfternoonEnd),
            Days()!,
            calendar
        );
    }

    private HashSet<DayOfWeek>? Days()
    {
        var days = new HashSet<DayOfWeek>();
        foreach (
            var name in Week.Split(
                ',',
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            )
        )
        {
            if (!Enum.TryParse<DayOfWeek>(name, out var day) || int.TryParse(name, out _))
            {
                return null;
            }
            days.Add(day);
        }
        return days;
    }

    private static string? ProblemOf(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            DayCalendar.Read(file);
            return null;
        }
        catch (Exception failure)
            when (failure is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return failure.Message;
        }
    }
}

/// <summary>What clocks deliveries get, and who is reminded when. All lengths are working time.</summary>
public sealed class DeadlineOptions : IValidatableObject
{
    public const string Section = "Deadlines";

    /// <summary>
    /// How long a recipient may take to receive (03) or refuse (02) an urgent letter: khẩn, thượng khẩn, hỏa tốc. The law
    /// says "at once" (QĐ 28/2018 Đ6.2) and no number; zero: no clock.
    /// </summary>
    public TimeSpan Urgent { get; set; } = TimeSpan.FromHours(4);
    public TimeSpan VeryUrgent { get; set; } = TimeSpan.FromHours(2);
    public TimeSpan Express { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The recipient is reminded so long before it is due; zero: not before.</summary>
    public TimeSpan RemindBefore { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Both sides hear that it is overdue at once, and again after each such length.</summary>
    public TimeSpan RemindEvery { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Notices that it is overdue; then it is on the list only.</summary>
    [Range(0, 100)]
    public int MaxOverdueNotices { get; set; } = 5;

    /// <summary>How often one node looks for what is due.</summary>
    public TimeSpan LookInterval { get; set; } = TimeSpan.FromSeconds(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (
            ((TimeSpan[])[Urgent, VeryUrgent, Express, RemindBefore]).Any(length =>
                length < TimeSpan.Zero || length > TimeSpan.FromDays(30)
            )
        )
        {
            yield return new("lengths of zero to 30 days", [nameof(Urgent)]);
        }
        if (RemindEvery < TimeSpan.FromMinutes(1) || RemindEvery > TimeSpan.FromDays(30))
        {
            yield return new("RemindEvery: one minute to 30 days", [nameof(RemindEvery)]);
        }
        if (LookInterval < TimeSpan.FromMilliseconds(50))
        {
            yield return new("LookInterval: at least 50 milliseconds", [nameof(LookInterval)]);
        }
    }
}
