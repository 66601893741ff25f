namespace Axis.Hub.Reports;

/// <summary>
/// Sending and receiving in one month on the law's terms (QĐ 28/2018 Đ11): of each agency what it sent and what it
/// received, and of the whole province. docs/reports.md defines every figure.
/// </summary>
/// <param name="Month">yyyy-MM; letters that the hub accepted in that month, in the time of Vietnam.</param>
/// <param name="AsOf">What had become of them by then.</param>
public sealed record MonthReport(
    string Month,
    DateTimeOffset AsOf,
    ReportRow Province,
    IReadOnlyList<ReportRow> Rows
);

/// <summary>One agency and direction.</summary>
/// <param name="Agency">Its code; absent of the province.</param>
/// <param name="Direction">sent or received.</param>
public sealed record ReportRow(
    string? Agency,
    string? Name,
    string Direction,
    LetterFigures Letters,
    DeliveryFigures Deliveries,
    DeadlineFigures Deadlines,
    IReadOnlyDictionary<string, TimeFigures> TimeTo,
    IReadOnlyList<RefusalFigures> Refusals
);

/// <summary>Sent: one for each letter, however many it went to. Received: one for each that came.</summary>
/// <param name="EnvelopeSigned">The envelope signature was verified as valid.</param>
/// <param name="DocumentSigned">The signature of an attached PDF was.</param>
/// <param name="Electronic">Said to be sent electronically only; <paramref name="WithPaper"/> on paper too.</param>
/// <param name="OnTime">On the day of signing or in the morning of the next working day (Đ6.2).</param>
/// <param name="Undated">Without a date to judge by.</param>
public sealed record LetterFigures(
    int Count,
    int EnvelopeSigned,
    int DocumentSigned,
    int Electronic,
    int WithPaper,
    int PaperUnsaid,
    int OnTime,
    int Late,
    int Undated
);

/// <param name="NotTaken">Still not collected nor reported of, or expired without.</param>
/// <param name="Withdrawn">Taken back or replaced, before or after it was collected.</param>
public sealed record DeliveryFigures(
    int Count,
    int NotTaken,
    int Received,
    int Done,
    int Refused,
    int Withdrawn
);

/// <summary>Of completion deadlines.</summary>
/// <param name="Overdue">Missed, or still running past the time.</param>
public sealed record DeadlineFigures(int Count, int Met, int Missed, int Running, int Overdue);

/// <summary>From acceptance to the first time a state was reached, in hours of working time.</summary>
/// <param name="P90">Nine in ten took no longer.</param>
public sealed record TimeFigures(int Count, double Median, double P90);

public sealed record RefusalFigures(string Reason, int Count);
