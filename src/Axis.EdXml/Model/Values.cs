namespace Axis.EdXml;

/// <summary>A number as written and, when it is one, its value.</summary>
public readonly record struct EdNumber(string Text, int? Value);

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
public readonly record struct EdDate(string Text, DateOnly? Date, DateForm Form);

/// <summary>A time as written and, when it is one, its value. Times without a zone are Vietnam time, +07:00 (QĐ 28/2018 Đ14.4).</summary>
public readonly record struct EdTimestamp(string Text, DateTimeOffset? Time, DateForm Form);
