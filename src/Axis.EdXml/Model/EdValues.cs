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
        if (TryCanonicalDate(text, out var date) || TryDate(text, StandardDates, out date))
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
        if (TryCanonicalTime(text, out var time) || TryTime(text, StandardTimes, out time))
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

    /// <summary>yyyy/MM/dd, the usual case, without the cost of format strings.</summary>
    private static bool TryCanonicalDate(ReadOnlySpan<char> text, out DateOnly date)
    {
        date = default;
        if (
            text.Length != 10
            || text[4] != '/'
            || text[7] != '/'
            || !TryDigits(text[..4], out var year)
            || !TryDigits(text[5..7], out var month)
            || !TryDigits(text[8..], out var day)
            || year < 1900
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
        )
            return false;
        date = new DateOnly(year, month, day);
        return true;
    }

    /// <summary>yyyy/MM/dd HH:mm:ss.</summary>
    private static bool TryCanonicalTime(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (
            text.Length != 19
            || text[10] != ' '
            || text[13] != ':'
            || text[16] != ':'
            || !TryCanonicalDate(text[..10], out var date)
            || !TryDigits(text[11..13], out var hour)
            || !TryDigits(text[14..16], out var minute)
            || !TryDigits(text[17..], out var second)
            || hour > 23
            || minute > 59
            || second > 59
        )
            return false;
        time = new DateTimeOffset(date.ToDateTime(new TimeOnly(hour, minute, second)), Zone);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<char> text, out int value)
    {
        value = 0;
        foreach (var c in text)
        {
            if (!char.IsAsciiDigit(c))
                return false;
            value = value * 10 + (c - '0');
        }
        return true;
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
