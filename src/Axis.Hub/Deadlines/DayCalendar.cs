using System.Text.Json;

namespace Axis.Hub.Deadlines;

/// <summary>
/// Which days differ from the ordinary week: holidays with their substitutes, and days off that are worked in exchange.
/// Data, not law in code: each year names its source, and the operator may give another file.
/// </summary>
public sealed class DayCalendar
{
    private static readonly JsonSerializerOptions s_strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    private readonly HashSet<DateOnly> _off;
    private readonly HashSet<DateOnly> _worked;
    private readonly HashSet<int> _years;

    private DayCalendar(HashSet<DateOnly> off, HashSet<DateOnly> worked, HashSet<int> years) =>
        (_off, _worked, _years) = (off, worked, years);

    /// <summary>Whether the year is in the file; of another year only the ordinary week is known.</summary>
    public bool Covers(int year) => _years.Contains(year);

    public bool IsOff(DateOnly day) => _off.Contains(day);

    public bool IsWorked(DateOnly day) => _worked.Contains(day);

    public IEnumerable<DateOnly> DaysOff => _off;

    public IEnumerable<DateOnly> DaysWorked => _worked;

    /// <summary>The calendar that comes with the hub (deploy/calendar/vietnam.json).</summary>
    public static DayCalendar BuiltIn()
    {
        using var stream = typeof(DayCalendar).Assembly.GetManifestResourceStream(
            "Axis.Hub.Calendar.vietnam.json"
        )!;
        return Read(stream);
    }

    /// <exception cref="InvalidDataException">What is wrong with it: where, and what was expected.</exception>
    public static DayCalendar Read(Stream json)
    {
        CalendarFile? file;
        try
        {
            file = JsonSerializer.Deserialize<CalendarFile>(json, s_strict);
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException(
                $"The calendar cannot be read: {broken.Message}",
                broken
            );
        }
        if (file?.Years is not { Count: > 0 } years)
        {
            throw new InvalidDataException("years: at least one year");
        }
        var (off, worked, seen) = (
            new HashSet<DateOnly>(),
            new HashSet<DateOnly>(),
            new HashSet<int>()
        );
        foreach (var year in years)
        {
            var at = $"year {year.Year}";
            if (!seen.Add(year.Year))
            {
                throw new InvalidDataException($"{at}: once");
            }
            if (string.IsNullOrWhiteSpace(year.Source))
            {
                throw new InvalidDataException($"{at}, source: where the days are taken from");
            }
            foreach (
                var (days, into, list) in new[]
                {
                    (year.Off, off, "off"),
                    (year.Worked, worked, "worked"),
                }
            )
            {
                foreach (var day in days ?? throw new InvalidDataException($"{at}, {list}: a list"))
                {
                    if (day.Date.Year != year.Year || string.IsNullOrWhiteSpace(day.Name))
                    {
                        throw new InvalidDataException(
                            $"{at}, {list}, {day.Date:yyyy-MM-dd}: a day of that year, with a name"
                        );
                    }
                    if (
                        !into.Add(day.Date) || (off.Contains(day.Date) && worked.Contains(day.Date))
                    )
                    {
                        throw new InvalidDataException(
                            $"{at}, {list}, {day.Date:yyyy-MM-dd}: once, and either off or worked"
                        );
                    }
                }
            }
        }
        return new DayCalendar(off, worked, seen);
    }

    /// <summary>A calendar of the given days, for what needs no file.</summary>
    public static DayCalendar Of(IEnumerable<DateOnly> off, IEnumerable<DateOnly> worked) =>
        new([.. off], [.. worked], []);

    private sealed record CalendarFile(IReadOnlyList<CalendarYear> Years);

    private sealed record CalendarYear(
        int Year,
        string? Source,
        IReadOnlyList<CalendarDay>? Off,
        IReadOnlyList<CalendarDay>? Worked,
        bool Provisional = false
    );

    private sealed record CalendarDay(DateOnly Date, string? Name);
}
