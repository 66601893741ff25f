namespace Axis.EdXml.Tests;

[TestFixture]
public class RuleTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        RuleCases
            .All()
            .Select(c =>
                new TestCaseData(c.Rule, c.Package, c.Limits).SetArgDisplayNames(
                    $"{c.Rule.Number} {c.Rule.Name}"
                )
            );

    [TestCaseSource(nameof(Cases))]
    public void Its_package_breaks_the_rule(Rule rule, byte[] package, ReadLimits limits)
    {
        var reading = PackageReader.Read(package, limits);
        foreach (var profile in Enum.GetValues<RuleProfile>())
        {
            var finding = PackageRules
                .Check(reading, profile, Fixture.Today)
                .FirstOrDefault(f => f.Rule == rule);
            Assert.That(finding?.Severity, Is.EqualTo(rule.In(profile)), profile.ToString());
            if (finding is null)
                continue;
            Assert.That(finding.MessageVi, Does.Not.Contain("{"));
            Assert.That(finding.MessageEn, Does.Not.Contain("{"));
            if (rule.TemplateEn.Contains("{value}", StringComparison.Ordinal))
                Assert.That(finding.Value, Is.Not.Null);
            if (rule.TemplateEn.Contains("{expected}", StringComparison.Ordinal))
                Assert.That(finding.Expected, Is.Not.Null);
        }
    }

    [Test]
    public void Every_rule_has_a_package_that_breaks_it()
    {
        var covered = RuleCases.All().Select(c => c.Rule.Number).ToHashSet();
        Assert.That(
            Rules.All.Where(r => !covered.Contains(r.Number)).Select(r => r.Name),
            Is.Empty
        );
    }

    [Test]
    public void The_catalogue_lists_every_rule_once_and_by_number()
    {
        var fields = typeof(Rules)
            .GetFields()
            .Where(f => f.FieldType == typeof(Rule))
            .Select(f => (Rule)f.GetValue(null)!);
        Assert.That(Rules.All, Is.EquivalentTo(fields));
        Assert.That(Rules.All.Select(r => r.Number), Is.Ordered.Ascending.And.Unique);
        Assert.That(Rules.All.Select(r => r.Number), Has.All.InRange(1000, 1999));
    }

    [Test]
    public void Profiles_only_grow_stricter()
    {
        foreach (var rule in Rules.All)
        {
            Assert.That(
                rule.Strict ?? (Severity)(-1),
                Is.GreaterThanOrEqualTo(rule.Axis ?? (Severity)(-1)),
                rule.Name
            );
            Assert.That(
                rule.Axis ?? (Severity)(-1),
                Is.GreaterThanOrEqualTo(rule.Tolerant ?? (Severity)(-1)),
                rule.Name
            );
        }
    }

    [Test]
    public void The_fixtures_break_no_rule_of_the_strictest_profile()
    {
        Assert.That(Fixture.Check(Fixture.Document, RuleProfile.Strict), Is.Empty);
        Assert.That(Fixture.Check(Fixture.Status, RuleProfile.Strict), Is.Empty);
    }

    [TestCase("From/edXML:OrganId", "MessageHeader/From/OrganId", TestName = "Missing sender")]
    public void Missing_elements_are_named_by_path(string _, string path)
    {
        var findings = Fixture.Check(
            Fixture.Document.With(
                "<edXML:OrganId>H99.01</edXML:OrganId>\n          <edXML:OrganizationInCharge>",
                "<edXML:OrganizationInCharge>"
            )
        );
        Assert.That(findings.Single(f => f.Rule == Rules.MissingElement).Path, Is.EqualTo(path));
    }

    [Test]
    public void A_finding_names_the_line_the_column_and_the_path()
    {
        var text = Fixture.Document.With("000.00.03.H99", "không");
        var finding = Fixture.Check(text).Single(f => f.Severity == Severity.Error);
        var before = text[..text.IndexOf("<edXML:OrganId>không", StringComparison.Ordinal)];
        Assert.That(finding.Rule, Is.EqualTo(Rules.MalformedIdentifier));
        Assert.That(finding.Path, Is.EqualTo("MessageHeader/To[2]/OrganId"));
        Assert.That(finding.Value, Is.EqualTo("không"));
        Assert.That(finding.Line, Is.EqualTo(before.Count(c => c == '\n') + 1));
        Assert.That(finding.Column, Is.EqualTo(before.Length - before.LastIndexOf('\n')));
    }

    [Test]
    public void A_hopeless_package_gives_a_bounded_number_of_findings()
    {
        var recipients = string.Concat(
            Enumerable.Repeat("<edXML:To><edXML:OrganId>?</edXML:OrganId></edXML:To>", 1_900)
        );
        var findings = Fixture.Check(
            Fixture.Document.With("<edXML:DocumentId>H99", recipients + "<edXML:DocumentId>H99")
        );
        Assert.That(
            findings,
            Has.Count.InRange(PackageRules.MaxFindings, 2 * PackageRules.MaxFindings)
        );
    }

    [Test]
    public void A_flood_of_notes_cannot_hide_an_error()
    {
        var notes = string.Concat(Enumerable.Repeat("<edXML:Odd/>", 3_000));
        var text = Fixture.Document.With(
            "</edXML:MessageHeader>",
            notes + "</edXML:MessageHeader>"
        );
        Assert.That(Fixture.Check(text).Where(f => f.Severity == Severity.Error), Is.Empty);
        var broken = text.With("<AttachmentEncoded>", "<AttachmentEncoded><Attachment/>");
        Assert.That(
            Fixture.Check(broken).Where(f => f.Severity == Severity.Error).Select(f => f.Rule),
            Is.EqualTo(new[] { Rules.AttachmentWithoutData })
        );
    }

    [TestCase("<Signature/>")]
    [TestCase("<edXML/>")]
    [TestCase("<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"/>")]
    [TestCase("<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"><Signature/></edXML>")]
    [TestCase("<Envelope xmlns=\"http://schemas.xmlsoap.org/soap/envelope/\"/>")]
    public void What_is_no_package_is_refused(string text)
    {
        Assert.That(Fixture.Read(text).Kind, Is.Null);
        Assert.That(
            Fixture.Check(text, RuleProfile.Tolerant),
            Has.Some.Matches<Finding>(f => f.Severity == Severity.Error)
        );
    }
}
