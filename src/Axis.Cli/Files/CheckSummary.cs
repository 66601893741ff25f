using Axis.EdXml;

namespace Axis.Cli.Files;

/// <summary>Many checked files in a few lines.</summary>
/// <param name="Files">Files looked at.</param>
/// <param name="FilesWithErrors">Files that a hub would refuse, unreadable ones among them.</param>
/// <param name="Unreadable">Files that could not be opened or read.</param>
/// <param name="Bytes">Bytes of all that were read.</param>
/// <param name="Rules">Rules that were broken, errors first, then by how many files break them.</param>
internal sealed record CheckSummary(
    int Files,
    int FilesWithErrors,
    int Unreadable,
    long Bytes,
    int Errors,
    int Warnings,
    int Notes,
    IReadOnlyList<BrokenRule> Rules
)
{
    /// <summary>More lines than this are no summary.</summary>
    private const int RulesShown = 15;

    public static CheckSummary Of(IReadOnlyCollection<CheckedFile> files) =>
        new(
            files.Count,
            files.Count(file => !file.Ok),
            files.Count(file => file.Unreadable is not null),
            files.Sum(file => file.Size),
            files.Sum(file => file.Count(Severity.Error)),
            files.Sum(file => file.Count(Severity.Warning)),
            files.Sum(file => file.Count(Severity.Note)),
            [
                .. files
                    .SelectMany(file => file.Findings.Select(finding => (file, finding)))
                    .GroupBy(one => (one.finding.Code, one.finding.Severity))
                    .Select(group => new BrokenRule(
                        group.Key.Code,
                        group.Key.Severity,
                        group.Select(one => one.file).Distinct().Count(),
                        group.Count()
                    ))
                    .OrderByDescending(rule => rule.Severity)
                    .ThenByDescending(rule => rule.Files)
                    .ThenBy(rule => rule.Code, StringComparer.Ordinal),
            ]
        );

    public void Print(TextWriter output)
    {
        if (Rules.Count > 0)
        {
            output.WriteLine();
            foreach (var rule in Rules.Take(RulesShown))
            {
                var times = rule.Findings > rule.Files ? $" ({rule.Findings} times)" : "";
                output.WriteLine(
                    $"  {rule.Code}  {rule.Severity.ToString().ToLowerInvariant(), -8} in {CheckedFile.Count(rule.Files, "file")}{times}"
                );
            }

            if (Rules.Count > RulesShown)
            {
                output.WriteLine($"  and {Rules.Count - RulesShown} more rules");
            }

            output.WriteLine();
        }

        var unreadable = Unreadable == 0 ? "" : $", {Unreadable} of them unreadable";
        output.WriteLine(
            $"{CheckedFile.Count(Files, "file")} checked, {FilesWithErrors} with errors{unreadable}: "
                + $"{CheckedFile.Count(Errors, "error")}, {CheckedFile.Count(Warnings, "warning")}, {CheckedFile.Count(Notes, "note")}."
        );
    }
}

/// <summary>A rule, how many files break it, and how often in all.</summary>
internal sealed record BrokenRule(string Code, Severity Severity, int Files, int Findings);
