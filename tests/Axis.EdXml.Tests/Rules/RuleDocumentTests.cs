namespace Axis.EdXml.Tests;

[TestFixture]
public class RuleDocumentTests
{
    /// <summary>Set AXIS_WRITE_DOCS=1 to write the page instead of comparing it.</summary>
    [Test]
    public void The_page_says_what_the_code_says()
    {
        var file = Repository.File("docs", "edxml-rules.md");
        var page = RuleDocument.Render();
        if (Environment.GetEnvironmentVariable("AXIS_WRITE_DOCS") == "1")
            File.WriteAllText(file, page);
        Assert.That(
            File.ReadAllText(file),
            Is.EqualTo(page),
            "write it anew with AXIS_WRITE_DOCS=1"
        );
    }

    [Test]
    public void Every_rule_is_on_the_page()
    {
        var page = RuleDocument.Render();
        Assert.That(Rules.All.Where(r => !page.Contains($"| {r.Number} | {r.Name} |")), Is.Empty);
    }
}
