using System.Globalization;

namespace Axis.EdXml;

/// <summary>Reads numbers, dates and times in every form seen in the field.</summary>
internal static class EdValues
{
    /// <summary>Vietnam time (QĐ 28/2018/QĐ-TTg Đ14.4).</summary>
    internal static readonly TimeSpan Zone = TimeSpan.FromHours(7);

    private static readonly string[] StandardDates = ["yyyy/MM/dd", "yyyy/M/d"];
    private static readonly string[] DayFirstDates = ["dd/MM/yyyy", "d/M/yyyy"];
    private static readonly string[] IsoDates = ["yyyy-MM-dd"];

    private static readonly string[] StandardTimes =
    [
        "yyyy/MM/dd HH:mm:ss",
        "yyyy/MM/dd H:mm:ss",
        "yyyy/MM/dd HH:mm",
        "yyyy/MM/dd HH:mm:ss.FFFFFFF",
    ];
    private static readonly string[] DayFirstTimes = ["dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy HH:mm"];
    private static readonly string[] IsoTimes =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd'T'HH:mmK",
    ];

    internal static EdNumber Number(string text) =>
        new(
            text,
            int.TryParse(
                text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var value
            )
                ? value
                : null
        );

    /// <summary>A date; where a time follows, its date part counts.</summary>
    internal static EdDate Date(string text)
    {
        if (TryDate(text, StandardDates, out var date))
            return new EdDate(text, date, DateForm.Standard);
        if (TryDate(text, DayFirstDates, out date))
            return new EdDate(text, date, DateForm.DayFirst);
        if (TryDate(text, IsoDates, out date))
            return new EdDate(text, date, DateForm.Iso);
        var time = Timestamp(text);
        return time.Time is { } value
            ? new EdDate(text, DateOnly.FromDateTime(value.DateTime), time.Form)
            : new EdDate(text, null, DateForm.Unreadable);
    }

    internal static EdTimestamp Timestamp(string text)
    {
        if (TryTime(text, StandardTimes, out var time))
            return new EdTimestamp(text, time, DateForm.Standard);
        if (TryTime(text, DayFirstTimes, out time))
            return new EdTimestamp(text, time, DateForm.DayFirst);
        if (TryTime(text, IsoTimes, out time))
            return new EdTimestamp(text, time, DateForm.Iso);
        foreach (
            var (formats, form) in new[]
            {
                (StandardDates, DateForm.Standard),
                (DayFirstDates, DateForm.DayFirst),
                (IsoDates, DateForm.Iso),
            }
        )
        {
            if (TryDate(text, formats, out var date))
                return new EdTimestamp(
                    text,
                    new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), Zone),
                    form
                );
        }
        return new EdTimestamp(text, null, DateForm.Unreadable);
    }

    private static bool TryDate(string text, string[] formats, out DateOnly date) =>
        DateOnly.TryParseExact(
            text,
            formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out date
        )
        && date.Year >= 1900;

    private static bool TryTime(string text, string[] formats, out DateTimeOffset time)
    {
        time = default;
        if (
            !DateTime.TryParseExact(
                text,
                formats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal,
                out var value
            )
            || value.Year < 1900
        )
            return false;
        time =
            value.Kind == DateTimeKind.Utc
                ? new DateTimeOffset(value).ToOffset(Zone)
                : new DateTimeOffset(DateTime.SpecifyKind(value, DateTimeKind.Unspecified), Zone);
        return true;
    }
}
