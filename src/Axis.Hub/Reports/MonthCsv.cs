using System.Globalization;
using System.Text;

namespace Axis.Hub.Reports;

/// <summary>A report as RFC 4180 lines, one for each agency and direction, the province's first.</summary>
internal static class MonthCsv
{
    // Words that a spreadsheet would take for a formula are made text.
    private const string Formula = "=+-@\t\r";

    public static string Of(MonthReport report)
    {
        var csv = new StringBuilder();
        Line(csv, Header());
        Line(csv, CellsOf(report, report.Province));
        foreach (var row in report.Rows)
        {
            Line(csv, CellsOf(report, row));
        }
        return csv.ToString();
    }

    private static IEnumerable<string> Header() =>
        [
            "month",
            "agency",
            "name",
            "direction",
            "letters",
            "envelopeSigned",
            "documentSigned",
            "electronic",
            "withPaper",
            "paperUnsaid",
            "onTime",
            "late",
            "undated",
            "deliveries",
            "notTaken",
            "received",
            "done",
            "refused",
            "withdrawn",
            "deadlines",
            "deadlinesMet",
            "deadlinesMissed",
            "deadlinesRunning",
            "overdue",
            .. MonthReports.States.SelectMany(state =>
                (string[])[$"{state}Count", $"{state}MedianHours", $"{state}P90Hours"]
            ),
            "refusalReasons",
        ];

    private static IEnumerable<string> CellsOf(MonthReport report, ReportRow row) =>
        [
            report.Month,
            row.Agency ?? "",
            row.Name ?? "",
            row.Agency is null ? "all" : row.Direction,
            .. Numbers(
                row.Letters.Count,
                row.Letters.EnvelopeSigned,
                row.Letters.DocumentSigned,
                row.Letters.Electronic,
                row.Letters.WithPaper,
                row.Letters.PaperUnsaid,
                row.Letters.OnTime,
                row.Letters.Late,
                row.Letters.Undated,
                row.Deliveries.Count,
                row.Deliveries.NotTaken,
                row.Deliveries.Received,
                row.Deliveries.Done,
                row.Deliveries.Refused,
                row.Deliveries.Withdrawn,
                row.Deadlines.Count,
                row.Deadlines.Met,
                row.Deadlines.Missed,
                row.Deadlines.Running,
                row.Deadlines.Overdue
            ),
            .. MonthReports.States.SelectMany(state =>
                row.TimeTo.TryGetValue(state, out var time)
                    ? (string[])[Text(time.Count), Text(time.Median), Text(time.P90)]
                    : ["0", "", ""]
            ),
            string.Join("; ", row.Refusals.Select(one => $"{one.Count} × {one.Reason}")),
        ];

    private static IEnumerable<string> Numbers(params int[] numbers) =>
        numbers.Select(number => Text(number));

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static void Line(StringBuilder csv, IEnumerable<string> cells) =>
        csv.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    private static string Cell(string text)
    {
        if (text.Length > 0 && Formula.Contains(text[0], StringComparison.Ordinal))
        {
            text = "'" + text;
        }
        return text.AsSpan().ContainsAny(",\"\r\n")
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
    }
}
