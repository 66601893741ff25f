using System.Diagnostics;
using System.Text;

namespace Axis.EdXml.Tests;

/// <summary>Input made to exhaust time or memory.</summary>
[TestFixture]
[NonParallelizable]
public class HostileTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(1);

    /// <summary>Feeds pieces and says what stopped the reader; asserts that neither time nor memory ran away.</summary>
    private static IReadOnlyList<Finding> Feed(
        IEnumerable<byte[]> pieces,
        ReadLimits? limits = null
    )
    {
        using var reader = new PackageReader(limits ?? ReadLimits.Default);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        foreach (var piece in pieces)
            reader.Feed(piece);
        var reading = reader.Complete();
        var findings = PackageRules.Check(reading, RuleProfile.Axis, Fixture.Today);
        Assert.That(clock.Elapsed, Is.LessThan(Bound));
        Assert.That(
            GC.GetAllocatedBytesForCurrentThread() - allocated,
            Is.LessThan(64 * 1024 * 1024)
        );
        Assert.That(findings, Has.Some.Matches<Finding>(f => f.Severity == Severity.Error));
        return findings;
    }

    private static IEnumerable<byte[]> Repeat(string start, string piece, int times)
    {
        yield return Encoding.UTF8.GetBytes(start);
        var bytes = Encoding.UTF8.GetBytes(piece);
        for (var i = 0; i < times; i++)
            yield return bytes;
    }

    private static IEnumerable<int> Numbers(IEnumerable<Finding> findings) =>
        findings.Select(f => f.Rule.Number);

    [Test]
    public void Billion_laughs_end_at_the_DTD()
    {
        var findings = Feed([
            Encoding.UTF8.GetBytes(
                "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><edXML>&b;</edXML>"
            ),
        ]);
        Assert.That(Numbers(findings), Is.EqualTo(new[] { Rules.DtdRefused.Number }));
    }

    [Test]
    public void A_hundred_thousand_levels_end_at_the_limit() =>
        Assert.That(Numbers(Feed(Repeat("", "<a>", 100_000))), Does.Contain(Rules.TooDeep.Number));

    [Test]
    public void Quadratic_attributes_end_at_the_limit()
    {
        var tag = new StringBuilder("<edXML ");
        for (var i = 0; i < 100_000; i++)
            tag.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}='' ");
        Assert.That(
            Numbers(Feed([Encoding.UTF8.GetBytes(tag + "/>")])),
            Does.Contain(Rules.TagTooLong.Number)
        );
    }

    [Test]
    public void A_million_namespaces_stay_cheap()
    {
        // Declared one by one on elements side by side: each goes out of scope with its element.
        var many = Enumerable.Range(0, 40).Select(i => $" xmlns:n{i}='u{i}'");
        var element = $"<x{string.Concat(many)}/>";
        Feed(Repeat("<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">", element, 25_000));
    }

    [Test]
    public void Prefixed_attributes_by_the_thousand_stay_cheap()
    {
        var declarations = string.Concat(
            Enumerable.Range(0, 60).Select(i => $" xmlns:n{i}='u{i}'")
        );
        var attributes = string.Concat(Enumerable.Range(0, 60).Select(i => $" n{i}:a=''"));
        Feed(
            Repeat(
                $"<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"{declarations}>",
                $"<x{attributes}/>",
                2_000
            )
        );
    }

    [Test]
    public void Two_gigabytes_of_text_are_cut_off()
    {
        var start = Fixture.Document[
            ..Fixture.Document.IndexOf("Nội dung", StringComparison.Ordinal)
        ];
        var findings = Feed(Repeat(start, new string('a', 1024 * 1024), 2_048));
        Assert.That(Numbers(findings), Does.Contain(Rules.PackageTooLarge.Number));
    }

    [Test]
    public void A_value_without_end_is_not_kept()
    {
        var start = Fixture.Document[
            ..Fixture.Document.IndexOf("Nội dung", StringComparison.Ordinal)
        ];
        var findings = Feed(Repeat(start, new string('a', 1024 * 1024), 90));
        Assert.That(Numbers(findings), Does.Contain(Rules.UnexpectedEnd.Number));
    }

    [Test]
    public void A_value_in_pieces_is_one_value_with_one_limit()
    {
        var start = Fixture.Document[
            ..Fixture.Document.IndexOf("Nội dung", StringComparison.Ordinal)
        ];
        var findings = Feed(Repeat(start, new string('a', 70) + "<x/>", 49_000));
        Assert.That(Numbers(findings), Does.Contain(Rules.ValueTooLong.Number));
    }

    [Test]
    public void A_value_goes_on_behind_what_stands_in_it()
    {
        var package = Fixture.Document.Replace(
            "Nội dung",
            "Nội<x>!</x> dung<y/> và<!-- --> hết",
            StringComparison.Ordinal
        );
        var reading = PackageReader.Read(Encoding.UTF8.GetBytes(package), ReadLimits.Default);
        Assert.That(reading.Document!.Content, Is.EqualTo("Nộidungvà hết"));
    }

    [Test]
    public void A_tag_without_end_is_cut_off() =>
        Assert.That(
            Numbers(Feed(Repeat("<edXML a='", new string('x', 1_000), 1_000))),
            Does.Contain(Rules.TagTooLong.Number)
        );

    [Test]
    public void A_comment_without_end_is_not_kept() =>
        Assert.That(
            Numbers(Feed(Repeat("<edXML><!--", new string('x', 1024 * 1024), 90))),
            Does.Contain(Rules.UnexpectedEnd.Number)
        );

    [Test]
    public void Elements_without_number_end_at_the_limit() =>
        Assert.That(
            Numbers(
                Feed(
                    Repeat(
                        "<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\">",
                        "<a/>",
                        1_000_000
                    )
                )
            ),
            Does.Contain(Rules.TooManyElements.Number)
        );

    [Test]
    public void Findings_by_the_thousand_stay_cheap() =>
        Feed(
            Repeat(
                "<edXML xmlns=\"http://www.mic.gov.vn/TBT/QCVN_102_2016\"><edXMLEnvelope><edXMLHeader><MessageHeader>",
                "<Subject>x</Subject><Subjekt/>stray",
                20_000
            )
        );

    [Test]
    public void Memory_does_not_grow_with_the_attachment()
    {
        var at = Fixture.Document.IndexOf(Fixture.Base64(Fixture.Pdf), StringComparison.Ordinal);
        var piece = Encoding.ASCII.GetBytes(new string('A', 1024 * 1024));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        using var reader = new PackageReader(ReadLimits.Default);
        reader.Feed(Encoding.UTF8.GetBytes(Fixture.Document[..at]));
        for (var i = 0; i < 95; i++)
        {
            reader.Feed(piece);
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - before);
        }
        reader.Feed(
            Encoding.UTF8.GetBytes(Fixture.Document[(at + Fixture.Base64(Fixture.Pdf).Length)..])
        );
        var reading = reader.Complete();
        Assert.That(reading.IsComplete);
        Assert.That(reading.Attachments.Single().Size, Is.EqualTo(95L * 1024 * 1024 * 3 / 4));
        Assert.That(most, Is.LessThan(16 * 1024 * 1024));
    }
}
