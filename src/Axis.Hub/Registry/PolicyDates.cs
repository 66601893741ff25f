using System.Globalization;

namespace Axis.Hub.Registry;

/// <summary>Days and instants as people write them for policies: a day begins at midnight in Vietnam.</summary>
public static class PolicyDates
{
    public const string Expected = "2027-01-31 | 2027-01-31T17:00:00+07:00";

    private static readonly TimeSpan Vietnam = TimeSpan.FromHours(7);

    public static bool TryParse(string text, out DateTimeOffset instant)
    {
        if (
            DateOnly.TryParseExact(
                text,
                "yyyy-MM-dd",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var day
            )
            // The first day of time has no midnight seven hours earlier.
            && day.Year > 1
        )
        {
            instant = new DateTimeOffset(day, TimeOnly.MinValue, Vietnam);
            return true;
        }
        return DateTimeOffset.TryParseExact(
            text,
            "yyyy-MM-dd'T'HH:mm:sszzz",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out instant
        );
    }
}
