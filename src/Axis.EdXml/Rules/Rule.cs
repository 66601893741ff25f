namespace Axis.EdXml;

public enum Severity
{
    Note,
    Warning,
    Error,
}

/// <summary>How much is demanded of a package.</summary>
public enum RuleProfile
{
    /// <summary>What can be read at all.</summary>
    Tolerant,

    /// <summary>What a hub must insist on to route safely.</summary>
    Axis,

    /// <summary>The standard as amended in 2022.</summary>
    Strict,
}

/// <summary>One numbered rule (1000–1999). Numbers never change their meaning.</summary>
public sealed record Rule
{
    public required int Number { get; init; }
    public required string Name { get; init; }

    /// <summary>Severity by profile; null: the rule does not apply there.</summary>
    public Severity? Strict { get; init; }
    public Severity? Axis { get; init; }
    public Severity? Tolerant { get; init; }

    /// <summary>Where the demand comes from: standard, law article, practice of the field, or safety.</summary>
    public required string Source { get; init; }

    /// <summary>{path}, {value} and {expected} are filled in.</summary>
    public required string TemplateVi { get; init; }
    public required string TemplateEn { get; init; }

    public Severity? In(RuleProfile profile) =>
        profile switch
        {
            RuleProfile.Strict => Strict,
            RuleProfile.Axis => Axis,
            _ => Tolerant,
        };
}

/// <summary>A rule that a package breaks, and where.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Path">Element path, e.g. edXMLHeader/MessageHeader/To[2]/OrganId.</param>
/// <param name="Value">The offending value, shortened to 200 characters; null when something is missing.</param>
/// <param name="Expected">What was expected, language-neutral where possible.</param>
/// <param name="Line">From 1; 0 when the place is the package as a whole.</param>
/// <param name="Column">From 1, in characters.</param>
public sealed record Finding(
    Rule Rule,
    string Path,
    string? Value,
    string? Expected,
    int Line,
    int Column
)
{
    /// <summary>Severity under the profile that was checked; for findings straight from a reader, that of the axis profile.</summary>
    public Severity Severity { get; init; } = Rule.Axis ?? Severity.Note;

    /// <summary>Longest value a finding repeats; the rest is cut off.</summary>
    public const int MaxValueLength = 200;

    public string MessageVi => Fill(Rule.TemplateVi, "gói tin");
    public string MessageEn => Fill(Rule.TemplateEn, "the package");

    private string Fill(string template, string whole) =>
        template
            .Replace("{path}", Path.Length == 0 ? whole : Path, StringComparison.Ordinal)
            .Replace("{expected}", Expected ?? "–", StringComparison.Ordinal)
            .Replace("{value}", Value ?? "–", StringComparison.Ordinal);

    internal static Finding At(
        Rule rule,
        PackageTree tree,
        int node,
        string? value,
        string? expected
    )
    {
        var place = node < 0 ? 0 : node;
        return new Finding(
            rule,
            tree.PathOf(place),
            Shorten(value),
            expected,
            tree[place].Line,
            tree[place].Column
        );
    }

    internal static string? Shorten(string? value) =>
        value is { Length: > MaxValueLength }
            ? string.Concat(value.AsSpan(0, MaxValueLength), "…")
            : value;
}
