using Axis.Hub.Access;
using Axis.Hub.Deadlines;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Dapper;
using Npgsql;

namespace Axis.Hub.Reports;

/// <summary>Counts a month. Reads each row of it once for each group of figures; nothing is kept.</summary>
public sealed class MonthReports(
    NpgsqlDataSource database,
    RegistryCache registry,
    WorkingTime time,
    TimeProvider clock
)
{
    private const int MostReasons = 5;

    /// <summary>States a delivery may reach, in their order.</summary>
    public static IReadOnlyList<string> States { get; } =
    ["collected", "arrived", "received", "assigned", "processing", "done"];

    /// <param name="month">Its first day.</param>
    /// <param name="agency">Only the rows of this one; the province's row stays whole.</param>
    public async Task<MonthReport> OfAsync(
        DateOnly month,
        Guid? agency,
        Sees sees,
        CancellationToken cancellationToken
    )
    {
        var asOf = clock.GetUtcNow();
        var values = ValuesOf(month, sees, asOf);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // One snapshot, so that the figures agree with each other.
        await using var snapshot = await connection.BeginTransactionAsync(
            System.Data.IsolationLevel.RepeatableRead,
            cancellationToken
        );
        var letters = await ReadAsync<LetterRow>(MonthStatements.Letters);
        var deliveries = await ReadAsync<DeliveryRow>(MonthStatements.Deliveries);
        var deadlines = await ReadAsync<DeadlineRow>(MonthStatements.Deadlines);
        var times = await ReadAsync<TimeRow>(MonthStatements.Times);
        var refusals = await ReadAsync<RefusalRow>(MonthStatements.Refusals);
        var lettersOf = letters.ToDictionary(row => row.Key, row => row.Figures);
        var deliveriesOf = deliveries.ToDictionary(row => row.Key, row => row.Figures);
        var deadlinesOf = deadlines.ToDictionary(row => row.Key, row => row.Figures);
        var timesOf = times.ToLookup(row => row.Key);
        var refusalsOf = refusals.ToLookup(row => row.Key);
        var names = registry.Current;
        var keys = deliveriesOf
            .Keys.Where(key => key.Agency is not null && (agency is null || key.Agency == agency))
            .OrderBy(
                key => names.AgencyById(key.Agency!.Value)?.PrimaryCode,
                StringComparer.Ordinal
            )
            .ThenByDescending(key => key.Side, StringComparer.Ordinal);
        return new MonthReport(
            $"{month:yyyy-MM}",
            asOf,
            RowOf(new("all", null)) with
            {
                Direction = "sent",
            },
            [.. keys.Select(RowOf)]
        );

        async Task<IReadOnlyList<T>> ReadAsync<T>(string statement) =>
            [
                .. await connection.QueryAsync<T>(
                    new CommandDefinition(
                        statement,
                        values,
                        snapshot,
                        commandTimeout: 600,
                        cancellationToken: cancellationToken
                    )
                ),
            ];

        ReportRow RowOf(RowKey key)
        {
            var of = key.Agency is { } id ? names.AgencyById(id) : null;
            return new ReportRow(
                of?.PrimaryCode,
                of?.Name,
                key.Side,
                lettersOf.GetValueOrDefault(key, LetterRow.None),
                deliveriesOf.GetValueOrDefault(key, DeliveryRow.None),
                deadlinesOf.GetValueOrDefault(key, DeadlineRow.None),
                timesOf[key]
                    .OrderBy(row => States.ToList().IndexOf(row.State))
                    .ToDictionary(row => row.State, row => row.Figures),
                [
                    .. refusalsOf[key]
                        .Take(MostReasons)
                        .Select(row => new RefusalFigures(row.Reason, row.Count)),
                ]
            );
        }
    }

    private object ValuesOf(DateOnly month, Sees sees, DateTimeOffset asOf)
    {
        var from = WorkingTime.At(month, TimeOnly.MinValue);
        var before = WorkingTime.At(month.AddMonths(1), TimeOnly.MinValue);
        // Letters are signed before they are sent, and worked on after.
        var days = new List<DateOnly>();
        for (
            var day = month.AddYears(-1);
            day <= WorkingTime.DayOf(asOf).AddDays(1) || day <= month.AddMonths(1);
            day = day.AddDays(1)
        )
        {
            days.Add(day);
        }
        var hours = time.Hours;
        var elapsed = new double[days.Count];
        for (var i = 1; i < days.Count; i++)
        {
            elapsed[i] =
                elapsed[i - 1] + (time.IsWorkingDay(days[i - 1]) ? hours.Day.TotalSeconds : 0);
        }
        return new
        {
            from = IdDays.Floor(from),
            before = IdDays.Floor(before),
            until = IdDays.Floor(before.AddDays(1)),
            agencies = sees.Agencies,
            asOf,
            days = days.ToArray(),
            elapsed,
            works = days.Select(time.IsWorkingDay).ToArray(),
            latest = days.Select(time.LatestSending).ToArray(),
            morning = hours.MorningStart.ToTimeSpan(),
            morningLength = (hours.MorningEnd - hours.MorningStart).TotalSeconds,
            afternoon = hours.AfternoonStart.ToTimeSpan(),
            afternoonLength = (hours.AfternoonEnd - hours.AfternoonStart).TotalSeconds,
        };
    }

    private readonly record struct RowKey(string Side, Guid? Agency);

    private abstract class Row
    {
        public string Side { get; init; } = "";
        public Guid? Agency { get; init; }
        public int Count { get; init; }
        public RowKey Key => new(Side, Agency);
    }

    private sealed class LetterRow : Row
    {
        public static readonly LetterFigures None = new(0, 0, 0, 0, 0, 0, 0, 0, 0);

        public int EnvelopeSigned { get; init; }
        public int DocumentSigned { get; init; }
        public int Electronic { get; init; }
        public int WithPaper { get; init; }
        public int PaperUnsaid { get; init; }
        public int OnTime { get; init; }
        public int Late { get; init; }
        public int Undated { get; init; }

        public LetterFigures Figures =>
            new(
                Count,
                EnvelopeSigned,
                DocumentSigned,
                Electronic,
                WithPaper,
                PaperUnsaid,
                OnTime,
                Late,
                Undated
            );
    }

    private sealed class DeliveryRow : Row
    {
        public static readonly DeliveryFigures None = new(0, 0, 0, 0, 0, 0);

        public int NotTaken { get; init; }
        public int Received { get; init; }
        public int Done { get; init; }
        public int Refused { get; init; }
        public int Withdrawn { get; init; }

        public DeliveryFigures Figures => new(Count, NotTaken, Received, Done, Refused, Withdrawn);
    }

    private sealed class DeadlineRow : Row
    {
        public static readonly DeadlineFigures None = new(0, 0, 0, 0, 0);

        public int Met { get; init; }
        public int Missed { get; init; }
        public int Running { get; init; }
        public int Overdue { get; init; }

        public DeadlineFigures Figures => new(Count, Met, Missed, Running, Overdue);
    }

    private sealed class TimeRow : Row
    {
        public string State { get; init; } = "";
        public double Median { get; init; }
        public double P90 { get; init; }

        public TimeFigures Figures =>
            new(Count, Math.Round(Median / 3600, 2), Math.Round(P90 / 3600, 2));
    }

    private sealed class RefusalRow : Row
    {
        public string Reason { get; init; } = "";
    }
}
