using System.Text.RegularExpressions;

namespace Axis.Hub.Tests.Architecture;

/// <summary>docs/security.md promises tests; here they are counted.</summary>
public sealed class SecurityPageTests
{
    [Test]
    public void Every_test_that_the_security_page_names_exists()
    {
        var page = File.ReadAllText(Path.Combine(Documents.Root(), "docs/security.md"));
        var named = Regex
            .Matches(
                page,
                "`(?<name>[A-Z][a-z]*(?:_[A-Za-z0-9]+){3,})`",
                RegexOptions.NonBacktracking
            )
            .Select(match => match.Groups["name"].Value)
            .Distinct()
            .ToArray();
        var tests = string.Concat(Sources.In("tests").Select(file => file.Text));

        Assert.That(named, Has.Length.GreaterThan(50));
        Assert.That(
            named.Where(name => !tests.Contains($" {name}(", StringComparison.Ordinal)),
            Is.Empty
        );
    }

    [Test]
    public void Every_threat_has_its_test()
    {
        var threats = File.ReadLines(Path.Combine(Documents.Root(), "docs/security.md"))
            .SkipWhile(line => !line.StartsWith("## Who is it", StringComparison.Ordinal))
            .TakeWhile(line => !line.StartsWith("## OWASP", StringComparison.Ordinal))
            .Where(line =>
                line.StartsWith('|')
                && !line.StartsWith("|---", StringComparison.Ordinal)
                && !line.StartsWith("| threat", StringComparison.Ordinal)
            );
        Assert.That(
            threats.Where(line => !line.Split('|')[3].Contains('`', StringComparison.Ordinal)),
            Is.Empty
        );
    }

    // How many sections each chapter of ASVS 4.0.3 has.
    private static readonly int[] s_sections = [14, 10, 7, 3, 5, 4, 4, 3, 2, 3, 1, 6, 4, 5];

    [Test]
    public void Every_section_of_the_checklist_is_answered_with_a_witness_or_a_reason()
    {
        var rows = File.ReadLines(Path.Combine(Documents.Root(), "docs/security.md"))
            .SkipWhile(line => !line.StartsWith("## OWASP", StringComparison.Ordinal))
            .Select(line => line.Split('|'))
            .Where(cells => cells.Length == 5 && char.IsAsciiDigit(cells[1].TrimStart()[0]))
            .Select(cells =>
                (Section: cells[1].Trim(), State: cells[2].Trim(), Why: cells[3].Trim())
            )
            .ToArray();
        Assert.That(
            rows.Select(row => row.Section.Split(' ')[0]),
            Is.EqualTo(
                s_sections.SelectMany(
                    (count, chapter) =>
                        Enumerable.Range(1, count).Select(section => $"{chapter + 1}.{section}")
                )
            )
        );
        Assert.That(rows.Where(row => !IsAnswered(row.State, row.Why)), Is.Empty);
    }

    /// <summary>
    /// Met: something shows it, a test, a page or a reason why it cannot be otherwise; partly: the gap is named as well;
    /// not applicable: with the reason.
    /// </summary>
    private static bool IsAnswered(string state, string why) =>
        state switch
        {
            "met" => why.Length > 10 && !NamesAGap(why),
            "partly" => NamesAGap(why),
            "not applicable" => why.Length > 0,
            _ => false,
        };

    private static bool NamesAGap(string why) =>
        Regex.IsMatch(why, @"\bgap:", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);
}
