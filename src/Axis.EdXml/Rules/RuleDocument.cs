using System.Globalization;
using System.Text;

namespace Axis.EdXml;

/// <summary>The catalogue as a page for people (docs/edxml-rules.md).</summary>
public static class RuleDocument
{
    private static readonly (int From, string Title)[] Groups =
    [
        (1000, "1000–1099 Well-formed XML"),
        (1100, "1100–1199 Limits"),
        (1200, "1200–1299 Structure"),
        (1300, "1300–1399 Elements and values"),
        (1400, "1400–1499 Agency identifiers"),
        (1500, "1500–1599 Dates"),
        (1600, "1600–1699 Attachments and manifest"),
        (1700, "1700–1799 Business and trace"),
        (1800, "1800–1899 Statuses"),
        (1900, "1900–1999 Signature element"),
    ];

    /// <summary>Markdown, the same for the same catalogue.</summary>
    public static string Render()
    {
        var text = new StringBuilder(
            """
            # edXML rules

            Every rule has a number that never changes its meaning. The hub reports it as `AXIS-<number>`, with the element
            path, the value, line and column. An **error** refuses the package, a warning and a note do not; – means that the
            profile does not look. `{path}`, `{value}` and `{expected}` are filled with what was found. What each profile is
            for, and how to run the check: [edxml-conformance.md](edxml-conformance.md).

            This page is written from the code; a test compares them.

            """
        );
        foreach (var (from, title) in Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n");
            text.Append(
                "| number | name | strict | axis | tolerant | meaning | nghĩa | source |\n"
            );
            text.Append("|---|---|---|---|---|---|---|---|\n");
            foreach (var rule in Rules.All.Where(r => r.Number >= from && r.Number < from + 100))
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {rule.Number} | {rule.Name} | {Show(rule.Strict)} | {Show(rule.Axis)} | {Show(rule.Tolerant)} | {Escape(rule.TemplateEn)} | {Escape(rule.TemplateVi)} | {rule.Source} |\n"
                );
            }
        }
        return text.Append("\n## Limits\n\n").Append(Limits()).ToString();
    }

    private static string Limits()
    {
        var d = ReadLimits.Default;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            What a reader accepts unless it is told otherwise (`ReadLimits`):

            | limit | default | rule |
            |---|---|---|
            | bytes of a package | {d.MaxBytes} | {Rules.PackageTooLarge.Number} |
            | nesting of elements | {d.MaxDepth} | {Rules.TooDeep.Number} |
            | bytes of one tag | {d.MaxTagBytes} | {Rules.TagTooLong.Number} |
            | attributes of one element | {d.MaxAttributes} | {Rules.TooManyAttributes.Number} |
            | namespace declarations in scope | {Xml.XmlLimits.Default.MaxNamespaces} | {Rules.TooManyNamespaces.Number} |
            | bytes outside attachment data | {d.MaxHeaderBytes} | {Rules.HeaderTooLarge.Number} |
            | elements | {d.MaxHeaderElements} | {Rules.TooManyElements.Number} |
            | recipients | {d.MaxRecipients} | {Rules.TooManyRecipients.Number} |
            | attachments | {d.MaxAttachments} | {Rules.TooManyAttachments.Number} |
            | bytes of one value | {d.MaxValueBytes} | {Rules.ValueTooLong.Number} |

            A package never gives more than {PackageRules.MaxFindings} errors and {PackageRules.MaxFindings} other findings.

            """
        );
    }

    private static string Show(Severity? severity) =>
        severity switch
        {
            Severity.Error => "**error**",
            Severity.Warning => "warning",
            Severity.Note => "note",
            _ => "–",
        };

    private static string Escape(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal);
}
