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
}
