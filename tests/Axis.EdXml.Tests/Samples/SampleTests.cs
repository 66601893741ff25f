namespace Axis.EdXml.Tests;

[TestFixture]
public class SampleTests
{
    private static readonly DateOnly Today = new(2026, 11, 22);

    [Test]
    public void Every_document_and_status_passes_the_axis_profile()
    {
        foreach (
            var name in SampleFiles
                .All()
                .Where(n => !n.StartsWith("broken", StringComparison.Ordinal))
        )
        {
            var reading = PackageReader.Read(SampleFiles.Read(name), ReadLimits.Default);
            var findings = PackageRules.Check(reading, RuleProfile.Axis, Today);
            Assert.That(findings.Where(f => f.Severity == Severity.Error), Is.Empty, name);
        }
    }

    [Test]
    public void Every_broken_sample_is_refused_at_a_named_place()
    {
        foreach (
            var name in SampleFiles
                .All()
                .Where(n => n.StartsWith("broken", StringComparison.Ordinal))
        )
        {
            var reading = PackageReader.Read(SampleFiles.Read(name), ReadLimits.Default);
            var findings = PackageRules.Check(reading, RuleProfile.Axis, Today);
            var errors = findings.Where(f => f.Severity == Severity.Error).ToList();
            Assert.That(errors, Is.Not.Empty, name);
            Assert.That(
                errors,
                Has.All.Matches<Finding>(f => f.Line > 0 && f.Path.Length > 0),
                name
            );
        }
    }

    [TestCase("broken/manifest-missing.redacted.edxml", 1601, 40, 5)]
    [TestCase("broken/unbound-prefix.edxml", 1002, 116, 26)]
    [TestCase("broken/wrong-attachments-element.edxml", 1601, 40, 5)]
    public void A_broken_sample_is_refused_for_its_reason(
        string name,
        int rule,
        int line,
        int column
    )
    {
        var reading = PackageReader.Read(SampleFiles.Require(name), ReadLimits.Default);
        var error = PackageRules
            .Check(reading, RuleProfile.Axis, Today)
            .First(f => f.Severity == Severity.Error);
        Assert.That(
            (error.Rule.Number, error.Line, error.Column),
            Is.EqualTo((rule, line, column))
        );
    }
}
