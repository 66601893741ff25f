using FsCheck;
using FsCheck.Fluent;

namespace Axis.EdXml.Tests;

[TestFixture]
public class AgencyCodeTests
{
    [TestCase("000.00.00.H41", AgencyCodeForm.Old, 1, "H41", null, true)]
    [TestCase("000.00.11.H53", AgencyCodeForm.Old, 2, "H53", "000.00.00.H53", true)]
    [TestCase("002.05.11.H53", AgencyCodeForm.Old, 4, "H53", "000.05.11.H53", true)]
    [TestCase("000.00.04.G14", AgencyCodeForm.Old, 2, "G14", "000.00.00.G14", true)]
    [TestCase("01.02.G22", AgencyCodeForm.Old, 3, "G22", "00.02.G22", false)]
    [TestCase("001.00.20.TT2", AgencyCodeForm.Old, 4, "TT2", "000.00.20.TT2", false)]
    [TestCase("01.K36", AgencyCodeForm.Old, 2, "K36", "00.K36", false)]
    [TestCase("H41", AgencyCodeForm.Qd20, 1, "H41", null, true)]
    [TestCase("H41.05.12", AgencyCodeForm.Qd20, 3, "H41", "H41.05", true)]
    [TestCase("H37.DN.001", AgencyCodeForm.Qd20, 3, "H37", "H37.DN", true)]
    [TestCase("G12.18", AgencyCodeForm.Qd20, 2, "G12", "G12", true)]
    [TestCase("020100107370", AgencyCodeForm.Enterprise, 0, null, null, true)]
    [TestCase("00.53.W00", AgencyCodeForm.Axis, 0, null, null, true)]
    [TestCase("02.29.W00", AgencyCodeForm.Axis, 0, null, null, true)]
    [TestCase("vxp.saas.03", AgencyCodeForm.System, 0, null, null, true)]
    public void Identifiers_of_the_field_are_read(
        string text,
        AgencyCodeForm form,
        int level,
        string? root,
        string? parent,
        bool regular
    )
    {
        Assert.That(AgencyCode.TryParse($" {text}\n", out var code));
        Assert.That(code.Value, Is.EqualTo(text));
        Assert.That(code.ToString(), Is.EqualTo(text));
        Assert.That(
            (code.Form, code.Level, code.Root, code.Parent?.Value, code.IsRegular),
            Is.EqualTo((form, level, root, parent, regular))
        );
    }

    [TestCase("H41", "H41")]
    [TestCase("K57.02", "K57")]
    [TestCase("000.00.11.H53", "H53")]
    [TestCase("G22", null)]
    [TestCase("020100107370", null)]
    public void Provinces_are_told_from_ministries(string text, string? province)
    {
        var code = AgencyCode.Parse(text);
        Assert.That(code.Province, Is.EqualTo(province));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("  ")]
    [TestCase("null")]
    [TestCase("h41")]
    [TestCase("000.00.00.h41")]
    [TestCase("H41.")]
    [TestCase(".H41")]
    [TestCase("H41..05")]
    [TestCase("H41-05")]
    [TestCase("H41 05")]
    [TestCase("H41/05")]
    [TestCase("Sở")]
    [TestCase("123456789012345678901234567890123456")]
    public void What_no_scheme_allows_is_refused(string? text)
    {
        Assert.That(AgencyCode.TryParse(text, out var code), Is.False);
        Assert.That(code.Value, Is.Empty);
    }

    [Test]
    public void Two_forms_of_one_agency_are_different_identifiers()
    {
        var now = AgencyCode.Parse("H53.11");
        var old = AgencyCode.Parse("000.00.11.H53");
        Assert.That(now, Is.Not.EqualTo(old));
        Assert.That(now.Root, Is.EqualTo(old.Root));
    }

    [Test]
    public void Order_goes_from_the_root_down()
    {
        string[] sorted =
        [
            "000.00.00.G22",
            "000.00.00.H41",
            "001.00.11.H41",
            "000.00.12.H41",
            "H41",
            "H41.05",
            "H41.05.12",
            "H42",
        ];
        var codes = sorted.Reverse().Select(AgencyCode.Parse);
        Assert.That(codes.Order(AgencyCode.Hierarchical).Select(c => c.Value), Is.EqualTo(sorted));
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property Any_text_is_read_or_refused_and_reading_again_changes_nothing() =>
        Prop.ForAll(
            Gen.Elements("0123456789ABHKWG.x ắ".ToCharArray())
                .ArrayOf()
                .Select(c => new string(c))
                .ToArbitrary(),
            text =>
            {
                if (!AgencyCode.TryParse(text, out var code))
                    return true;
                var ancestors = 0;
                for (var at = code.Parent; at is { } parent; at = parent.Parent)
                {
                    if (parent.Root != code.Root || ++ancestors > AgencyCode.MaxLength)
                        return false;
                }
                return AgencyCode.TryParse(code.Value, out var again)
                    && again == code
                    && ancestors == Math.Max(0, code.Level - 1);
            }
        );
}
