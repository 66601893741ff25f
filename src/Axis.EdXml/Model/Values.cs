using System.Globalization;

namespace Axis.EdXml;

/// <summary>A number as written and, when it is one, its value.</summary>
public readonly record struct EdNumber(string Text, int? Value)
{
    public static EdNumber Of(int value) =>
        new(value.ToString(CultureInfo.InvariantCulture), value);
}

/// <summary>How a date was written.</summary>
public enum DateForm
{
    /// <summary>Not a date, or an impossible one such as 2014/02/30.</summary>
    Unreadable,

    /// <summary>yyyy/MM/dd, the form of the standard.</summary>
    Standard,

    /// <summary>dd/MM/yyyy, of công văn 2803.</summary>
    DayFirst,

    /// <summary>yyyy-MM-dd or full ISO 8601.</summary>
    Iso,
}

/// <summary>A date as written and, when it is one, its value.</summary>
public readonly record struct EdDate(string Text, DateOnly? Date, DateForm Form)
{
    /// <summary>The date in the form of the standard.</summary>
    public static EdDate Of(DateOnly date) =>
        new(date.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture), date, DateForm.Standard);

    /// <summary>Reads a date in any form of the field.</summary>
    public static EdDate Parse(string text) => EdValues.Date(text);
}

/// <summary>A time as written and, when it is one, its value. Times without a zone are Vietnam time, +07:00 (QĐ 28/2018 Đ14.4).</summary>
public readonly record struct EdTimestamp(string Text, DateTimeOffset? Time, DateForm Form)
{
    /// <summary>The time in Vietnam, to the second, in the form of the standard.</summary>
    public static EdTimestamp Of(DateTimeOffset time)
    {
        var local = time.ToOffset(EdValues.Zone);
        local = local.AddTicks(-(local.Ticks % TimeSpan.TicksPerSecond));
        return new EdTimestamp(
            local.ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture),
            local,
            DateForm.Standard
        );
    }

    /// <summary>Reads a time in any form of the field.</summary>
    public static EdTimestamp Parse(string text) => EdValues.Timestamp(text);
}
