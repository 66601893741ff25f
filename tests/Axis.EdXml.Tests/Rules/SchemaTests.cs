using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Schema;

namespace Axis.EdXml.Tests;

/// <summary>Holds contracts/edxml and the strict profile together: what the schema takes has no error by the rules, and what it refuses is noticed by them.</summary>
[TestFixture]
public class SchemaTests
{
    /// <summary>What XSD 1.0 cannot see: the calendar, the order of dates, the inside of attachments, places and prefixes.</summary>
    private static readonly Rule[] BeyondSchema =
    [
        Rules.UnreadableDate,
        Rules.DateInFuture,
        Rules.LiteralNull,
        Rules.TruncatedPdf,
        Rules.CorruptZip,
        Rules.Utf8Damaged,
        Rules.EmptyAttachment,
        Rules.NodeAsRecipient,
        Rules.AttachmentWithoutReference,
        Rules.BusinessWithoutTarget,
        Rules.MalformedSideIdentifier,
        Rules.SignatureOutsideHeader,
        Rules.RepeatedElement,
    ];

    private XmlSchemaSet _documents = null!;
    private XmlSchemaSet _statuses = null!;

    [OneTimeSetUp]
    public void LoadSchemas()
    {
        _documents = Load("edxml-document.xsd");
        _statuses = Load("edxml-status.xsd");
    }

    private static XmlSchemaSet Load(string name)
    {
        var set = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        set.Add(null, Repository.File("contracts", "edxml", name));
        set.Compile();
        return set;
    }

    /// <summary>Null when the schema takes the package.</summary>
    private string? Validate(byte[] package, PackageKind kind)
    {
        var settings = new XmlReaderSettings
        {
            Schemas = kind == PackageKind.Status ? _statuses : _documents,
            ValidationType = ValidationType.Schema,
            ValidationFlags =
                XmlSchemaValidationFlags.ProcessIdentityConstraints
                | XmlSchemaValidationFlags.ReportValidationWarnings,
        };
        string? first = null;
        // A warning says that the schema knows nothing of the element, e.g. in another namespace.
        settings.ValidationEventHandler += (_, e) => first ??= e.Message;
        using var reader = XmlReader.Create(new MemoryStream(package), settings);
        while (reader.Read()) { }
        return first;
    }

    private void AssertAgreement(byte[] package, string what)
    {
        var reading = PackageReader.Read(package, ReadLimits.Default);
        if (
            !reading.IsComplete
            || reading.Kind is not { } kind
            || reading.Form == EnvelopeForm.Unknown
        )
            return;
        var findings = PackageRules.Check(reading, RuleProfile.Strict, Fixture.Today);
        // To the schema the word "null" is a text like any other; to the rules it is nothing.
        var allowed = findings.Any(f => f.Rule == Rules.LiteralNull)
            ? [.. BeyondSchema, Rules.MissingElement, Rules.MissingByStandard]
            : BeyondSchema;
        var problem = Validate(package, kind);
        if (problem is null)
            Assert.That(
                findings
                    .Where(f => f.Severity == Severity.Error && !allowed.Contains(f.Rule))
                    .Select(f => f.MessageEn),
                Is.Empty,
                $"{what}: the schema takes it"
            );
        else
            Assert.That(
                findings.Where(f => f.Severity >= Severity.Warning),
                Is.Not.Empty,
                $"{what}: the schema says {problem}"
            );
    }

    [Test]
    public void The_fixtures_are_valid()
    {
        Assert.That(Validate(Fixture.Bytes(Fixture.Document), PackageKind.Document), Is.Null);
        Assert.That(Validate(Fixture.Bytes(Fixture.Status), PackageKind.Status), Is.Null);
        Assert.That(Validate(Fixture.Bytes(Variants.Update("1")), PackageKind.Document), Is.Null);
        Assert.That(Validate(Fixture.Bytes(Variants.Replace("x")), PackageKind.Document), Is.Null);
    }

    [Test]
    public void Schema_and_rules_agree_on_every_package_that_breaks_a_rule()
    {
        foreach (
            var (rule, package, _) in RuleCases.All().Where(c => c.Limits == ReadLimits.Default)
        )
            AssertAgreement(package, rule.Name);
    }

    [Test]
    public void Schema_and_rules_agree_on_every_package_of_the_contracts()
    {
        var folder = Repository.File("contracts", "packages");
        var files = Directory.GetFiles(folder, "*.edxml", SearchOption.AllDirectories);
        Assert.That(files, Is.Not.Empty);
        foreach (var file in files)
            AssertAgreement(File.ReadAllBytes(file), Path.GetFileName(file));
    }

    [Test]
    public void Schema_and_rules_agree_on_the_length_of_every_text()
    {
        using var all = Assert.EnterMultipleScope();
        foreach (var text in (string[])[Fixture.Document, Fixture.Status, Variants.Update("1")])
        {
            foreach (var (name, value) in Leaves(text))
            {
                // The platform's xs:integer ends at 28 digits, the rule's does not.
                var longest = IsNumber(name) ? 20 : 501;
                int[] lengths = [1, 10, 20, 30, 50, 100, 150, 200, 300, 500];
                foreach (var length in lengths.Where(l => l < longest))
                {
                    AssertAgreement(
                        Fixture.Bytes(text.With(value, Filled(name, length))),
                        $"{name} of {length}"
                    );
                    AssertAgreement(
                        Fixture.Bytes(text.With(value, Filled(name, length + 1))),
                        $"{name} of {length + 1}"
                    );
                }
                AssertAgreement(Fixture.Bytes(text.With(value, Filled(name, 0))), $"{name}, empty");
                AssertAgreement(Fixture.Bytes(text.With(value, "")), $"{name}, missing");
            }
        }
    }

    private static bool IsNumber(string name) =>
        name.EndsWith("Type", StringComparison.Ordinal)
        || name.EndsWith("Amount", StringComparison.Ordinal)
        || name is "TypeDetail" or "Priority";

    private static string Filled(string name, int length) =>
        $"<edXML:{name}>{new string('9', length)}</edXML:{name}>";

    private static IEnumerable<(string Name, string Element)> Leaves(string text) =>
        Regex
            .Matches(
                text,
                "<edXML:(?<name>[A-Za-z]+)>[^<]*</edXML:\\k<name>>",
                RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(1)
            )
            .Select(m => (m.Groups["name"].Value, m.Value))
            .Where(l => l.Item1 is not ("ContentId" or "ContentType" or "AttachmentName"));

    [Test]
    public async Task What_the_writer_makes_of_sound_values_is_valid()
    {
        foreach (
            var text in (string[])
                [Fixture.Document, Variants.Update("0"), Variants.Replace("H99.01-1")]
        )
        {
            var attachment = new AttachmentDraft
            {
                ContentId = "cid:1",
                Name = "a.txt",
                ContentType = "text/plain",
                Open = () => new MemoryStream([1, 2]),
            };
            var draft = new DocumentDraft
            {
                Header = Fixture.Read(text).Document!,
                Attachments = [attachment],
            };
            using var output = new MemoryStream();
            await PackageWriter.WriteAsync(draft, output, CancellationToken.None);
            Assert.That(Validate(output.ToArray(), PackageKind.Document), Is.Null);
        }
        using var status = new MemoryStream();
        var report = new StatusDraft { Header = Fixture.Read(Fixture.Status).Status! };
        await PackageWriter.WriteAsync(report, status, CancellationToken.None);
        Assert.That(Validate(status.ToArray(), PackageKind.Status), Is.Null);
    }

    [Test]
    public void The_code_lists_are_those_of_the_rules()
    {
        string[] Codes(string name) =>
            [
                .. File.ReadLines(Repository.File("contracts", "edxml", name))
                    .Skip(1)
                    .Where(l => l.Length > 0)
                    .Select(l => l.Split(',')[0]),
            ];
        var expected = Fixture
            .Check(Fixture.Status.With(">01<", ">99<"))
            .Single(f => f.Rule == Rules.BadStatusCode)
            .Expected!.Split(", ");
        Assert.That(Codes("status-codes.csv"), Is.EqualTo(expected));
        Assert.That(Codes("priorities.csv"), Is.EqualTo(new[] { "0", "1", "2", "3", "4" }));
        Assert.That(
            Codes("business-types.csv").Select(int.Parse),
            Is.EqualTo(Enum.GetValues<BusinessType>().Select(t => (int)t))
        );
    }
}
