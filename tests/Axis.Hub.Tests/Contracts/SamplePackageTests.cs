using System.Xml;
using System.Xml.Schema;
using Axis.EdXml;

namespace Axis.Hub.Tests.Contracts;

/// <summary>The sample packages, the schemas and the format rules agree with each other.</summary>
public sealed class SamplePackageTests
{
    private static readonly DateOnly Today = new(2026, 11, 22);

    // Well formed and valid: only the registry knows that these cannot be delivered.
    private static readonly string[] RefusedByTheRegistry =
    [
        "node-as-recipient.edxml",
        "unknown-recipient.edxml",
    ];

    public static IEnumerable<string> Good() => NamesIn("contracts/packages");

    public static IEnumerable<string> Refused() => NamesIn("contracts/packages/refused");

    [TestCaseSource(nameof(Good))]
    public void A_good_package_breaks_no_rule_of_the_standard(string name)
    {
        var findings = FindingsIn("contracts/packages", name, RuleProfile.Strict);

        Assert.That(findings.Where(finding => finding.Severity > Severity.Note), Is.Empty);
    }

    [TestCaseSource(nameof(Good))]
    public void A_good_package_is_valid_against_its_schema(string name) =>
        Assert.That(FaultsOf(Path.Combine(Documents.Root(), "contracts/packages", name)), Is.Empty);

    [TestCaseSource(nameof(Refused))]
    public void A_bad_package_breaks_a_rule_that_the_hub_insists_on(string name)
    {
        var findings = FindingsIn("contracts/packages/refused", name, RuleProfile.Axis);

        Assert.That(
            findings.Any(finding => finding.Severity == Severity.Error),
            Is.EqualTo(!RefusedByTheRegistry.Contains(name))
        );
    }

    private static IReadOnlyList<Finding> FindingsIn(
        string folder,
        string name,
        RuleProfile profile
    )
    {
        var bytes = File.ReadAllBytes(Path.Combine(Documents.Root(), folder, name));
        return PackageRules.Check(PackageReader.Read(bytes, new ReadLimits()), profile, Today);
    }

    private static List<string> FaultsOf(string file)
    {
        var kind = Path.GetFileName(file).StartsWith("status-", StringComparison.Ordinal)
            ? "status"
            : "document";
        var folder = Path.Combine(Documents.Root(), "contracts", "edxml");
        var faults = new List<string>();
        var schemas = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        schemas.Add(null, Path.Combine(folder, $"edxml-{kind}.xsd"));
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            ValidationType = ValidationType.Schema,
            ValidationFlags =
                XmlSchemaValidationFlags.ReportValidationWarnings
                | XmlSchemaValidationFlags.ProcessIdentityConstraints,
            Schemas = schemas,
        };
        settings.ValidationEventHandler += (_, fault) => faults.Add(fault.Message);
        using var reader = XmlReader.Create(file, settings);
        while (reader.Read()) { }
        return faults;
    }

    private static IEnumerable<string> NamesIn(string folder) =>
        Directory
            .GetFiles(Path.Combine(Documents.Root(), folder), "*.edxml")
            .Select(file => Path.GetFileName(file)!)
            .Order(StringComparer.Ordinal);
}
