using System.Globalization;

namespace Axis.NationalSim.Exchange;

internal static class VietnamTime
{
    public static readonly TimeSpan Zone = TimeSpan.FromHours(7);

    public static string Write(DateTimeOffset time) =>
        time.ToOffset(Zone).ToString("yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The day that a parameter such as <c>fromDate</c> names; null when it names none.</summary>
    public static DateOnly? ReadDay(string? text) =>
        DateOnly.TryParseExact(
            text,
            ["yyyy/MM/dd", "dd/MM/yyyy", "yyyy-MM-dd"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var day
        )
            ? day
            : null;

    public static DateOnly DayOf(DateTimeOffset time) =>
        DateOnly.FromDateTime(time.ToOffset(Zone).DateTime);
}
