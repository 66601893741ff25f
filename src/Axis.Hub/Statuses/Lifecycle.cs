using System.Collections.Frozen;

namespace Axis.Hub.Statuses;

/// <summary>What a report did to a delivery.</summary>
public enum ReportOutcome
{
    /// <summary>It moved the delivery.</summary>
    Applied,

    /// <summary>It says what is known already.</summary>
    Repeated,

    /// <summary>It comes too late, or does not fit; kept in the history, marked, and changes nothing.</summary>
    Late,
}

/// <summary>
/// The life of a delivery in status codes, as one table. QĐ 28/2018 Đ10 names the states and gives no transitions;
/// these are what office systems of the field do: skips are normal (03 and 05 at once), 05 repeats, 02 ends the line
/// before registration, 13 opens the recall dialogue that 15 or 16 answers.
/// </summary>
public static class Lifecycle
{
    private static readonly FrozenDictionary<string, string[]> Next = new Dictionary<
        string,
        string[]
    >
    {
        [""] = ["01", "02", "03", "04", "05", "06", "13", "15", "16"],
        ["01"] = ["02", "03", "04", "05", "06", "13", "15", "16"],
        ["03"] = ["04", "05", "06", "13", "15", "16"],
        ["04"] = ["05", "06", "13", "15", "16"],
        ["05"] = ["05", "06", "13", "15", "16"],
        ["13"] = ["15", "16"],
        // Declined: the letter stays with the recipient, and work goes on.
        ["16"] = ["03", "04", "05", "06", "13", "15"],
        // Final: refused, done, returned.
        ["02"] = [],
        ["06"] = [],
        ["15"] = [],
    }.ToFrozenDictionary();

    public static IReadOnlyCollection<string> Codes { get; } =
        Next.Keys.Where(code => code.Length > 0).Order(StringComparer.Ordinal).ToArray();

    public static bool IsFinal(string? status) => status is "02" or "06" or "15";

    /// <summary>A report raised by the sender of the document (13); all others come from the recipient.</summary>
    public static bool IsRaisedBySender(string code) => code == "13";

    public static ReportOutcome Judge(string? current, string reported)
    {
        var allowed = Next[current ?? ""];
        if (allowed.Contains(reported))
        {
            return ReportOutcome.Applied;
        }
        return current == reported ? ReportOutcome.Repeated : ReportOutcome.Late;
    }
}
