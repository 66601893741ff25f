namespace Axis.EdXml;

/// <summary>Checks a reading against a profile.</summary>
public static class PackageRules
{
    /// <summary>More findings than this help nobody: at most so many errors, and as many warnings and notes.</summary>
    public const int MaxFindings = 1_000;

    /// <summary>
    /// The reading's own findings and those of the rules, with the severities of the profile, in the order of the
    /// package. A package with any <see cref="Severity.Error"/> is to be refused.
    /// </summary>
    /// <param name="reading">What was read.</param>
    /// <param name="profile">How much is demanded.</param>
    /// <param name="today">The date in Vietnam, for rules about dates.</param>
    public static IReadOnlyList<Finding> Check(
        PackageReading reading,
        RuleProfile profile,
        DateOnly today
    )
    {
        ArgumentNullException.ThrowIfNull(reading);
        var findings = new FindingList(profile);
        foreach (var finding in reading.Findings)
            findings.Add(finding);
        if (reading.Tree is { } tree)
        {
            StructureRules.Check(reading, tree, findings);
            // Half a package lacks most elements; saying so for each would bury the reason.
            if (reading.IsComplete)
            {
                var header = ReadingBuilder.Sections(tree, out _).Header;
                MandatoryRules.Check(reading, tree, header, findings);
                ValueRules.Check(tree, findings);
                if (reading.Document is { } document)
                    DocumentRules.Check(document, tree, header, today, findings);
                if (reading.Status is { } status)
                    StatusRules.Check(status, tree, header, findings);
                AttachmentRules.Check(reading, tree, findings);
            }
        }
        return findings.Sorted();
    }
}

/// <summary>Findings under one profile.</summary>
internal sealed class FindingList(RuleProfile profile)
{
    private readonly List<Finding> _findings = [];
    private int _errors;

    internal bool HasTooManyErrors => _errors >= PackageRules.MaxFindings;

    internal bool Wants(Rule rule) => rule.In(profile) is { } severity && HasRoom(severity);

    /// <summary>Counted apart, because a flood of notes must never push out an error.</summary>
    private bool HasRoom(Severity severity) =>
        severity == Severity.Error
            ? !HasTooManyErrors
            : _findings.Count - _errors < PackageRules.MaxFindings;

    internal void Add(Finding finding)
    {
        if (finding.Rule.In(profile) is not { } severity || !HasRoom(severity))
            return;
        if (severity == Severity.Error)
            _errors++;
        _findings.Add(
            finding.Severity == severity ? finding : finding with { Severity = severity }
        );
    }

    internal void Add(
        Rule rule,
        PackageTree tree,
        int node,
        string? value = null,
        string? expected = null
    )
    {
        if (Wants(rule))
            Add(Finding.At(rule, tree, node, value, expected));
    }

    /// <summary>Something is missing at <paramref name="path"/> below <paramref name="node"/>.</summary>
    internal void AddMissing(Rule rule, PackageTree tree, int node, string path)
    {
        if (!Wants(rule))
            return;
        var finding = Finding.At(rule, tree, node, null, null);
        Add(finding with { Path = finding.Path.Length == 0 ? path : $"{finding.Path}/{path}" });
    }

    internal IReadOnlyList<Finding> Sorted() =>
        [.. _findings.OrderBy(f => f.Line).ThenBy(f => f.Column)];
}
