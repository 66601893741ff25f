namespace Axis.Hub.Notices;

/// <summary>When clerks want to be told.</summary>
public enum NoticeMode
{
    Off,
    Immediate,
    Digest,
}

/// <summary>When a notice is due, in Vietnamese time: urgent ones at once, whatever the hour.</summary>
/// <param name="DigestAt">Times of the day at which digests go out.</param>
/// <param name="Quiet">Hours in which nothing is told that can wait; they may reach over midnight.</param>
public sealed record NoticeSchedule(
    IReadOnlyList<TimeOnly> DigestAt,
    (TimeOnly From, TimeOnly To)? Quiet
)
{
    /// <summary>Vietnam has had no other offset since 1975, and has no summer time.</summary>
    public static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    public DateTimeOffset DueAt(NoticeMode mode, bool urgent, DateTimeOffset now)
    {
        if (urgent)
        {
            return now;
        }
        var here = now.ToOffset(Vietnam);
        return AfterQuiet(
            mode == NoticeMode.Digest && DigestAt.Count > 0
                ? DigestAt.Select(time => Next(here, time)).Min()
                : here
        );
    }

    private DateTimeOffset AfterQuiet(DateTimeOffset at) =>
        Quiet is { } quiet && TimeOnly.FromDateTime(at.DateTime).IsBetween(quiet.From, quiet.To)
            ? Next(at, quiet.To)
            : at;

    /// <summary>The first such time of day after an instant.</summary>
    private static DateTimeOffset Next(DateTimeOffset after, TimeOnly time)
    {
        var today = new DateTimeOffset(after.Date + time.ToTimeSpan(), Vietnam);
        return today > after ? today : today.AddDays(1);
    }
}
