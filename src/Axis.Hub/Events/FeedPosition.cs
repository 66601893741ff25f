using System.Globalization;

namespace Axis.Hub.Events;

/// <summary>
/// A place in the feed, as a cursor in a listener's hands: everything up to it has been seen. It tells its own day
/// (UTC), so how old it is needs no look into the database.
/// </summary>
public readonly record struct FeedPosition(long Value)
{
    public const long PerDay = 10_000_000_000;

    /// <summary>Before everything.</summary>
    public static readonly FeedPosition Start = new(0);

    /// <summary>Days since 1970-01-01.</summary>
    public int Day => (int)(Value / PerDay);

    public static int DayOf(DateTimeOffset instant) =>
        (int)(instant.ToUnixTimeSeconds() / (24 * 60 * 60));

    public static DateTimeOffset StartOf(int day) => DateTimeOffset.UnixEpoch.AddDays(day);

    /// <summary>The place before the first event of a day.</summary>
    public static FeedPosition BeforeDay(int day) => new(day * PerDay);

    /// <summary>As listeners write it: digits.</summary>
    public static FeedPosition? Read(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && value / PerDay < 1_000_000
            ? new FeedPosition(value)
            : null;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
