using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Axis.EdXml.Tests;

[TestFixture]
public class AttachmentTests
{
    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var output = new MemoryStream();
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return output.ToArray();
    }

    private static AttachmentFacts Facts(
        byte[] content,
        AttachmentDetail detail = AttachmentDetail.Sniff
    ) => FactsOf(Variants.Data(Convert.ToBase64String(content)), detail);

    private static AttachmentFacts FactsOf(
        string package,
        AttachmentDetail detail = AttachmentDetail.Sniff
    ) =>
        Fixture
            .Read(package, ReadLimits.Default with { AttachmentDetail = detail })
            .Attachments.Single();

    private static byte[] Content(string package)
    {
        var bytes = Fixture.Bytes(package);
        var facts = PackageReader.Read(bytes, ReadLimits.Default).Attachments.Single();
        using var stream = AttachmentStream.Open(new MemoryStream(bytes), facts);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static IEnumerable<TestCaseData> Kinds()
    {
        yield return new TestCaseData(
            Encoding.ASCII.GetBytes(Fixture.Pdf),
            ContentKind.Pdf
        ).SetArgDisplayNames("pdf");
        yield return new TestCaseData(
            Zip(("a.txt", [1, 2, 3])),
            ContentKind.Zip
        ).SetArgDisplayNames("zip");
        yield return new TestCaseData(
            Zip(("[Content_Types].xml", [1]), ("word/document.xml", [2])),
            ContentKind.Ooxml
        ).SetArgDisplayNames("docx");
        yield return new TestCaseData(
            (byte[])[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0],
            ContentKind.Ole
        ).SetArgDisplayNames("doc");
        yield return new TestCaseData(
            Encoding.UTF8.GetBytes("Văn bản thường"),
            ContentKind.Text
        ).SetArgDisplayNames("text");
        yield return new TestCaseData(
            Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?><a/>"),
            ContentKind.Xml
        ).SetArgDisplayNames("xml");
        yield return new TestCaseData(
            (byte[])[0x89, (byte)'P', (byte)'N', (byte)'G', 1],
            ContentKind.Png
        ).SetArgDisplayNames("png");
        yield return new TestCaseData(
            (byte[])[0xFF, 0xD8, 0xFF, 0xE0],
            ContentKind.Jpeg
        ).SetArgDisplayNames("jpeg");
        yield return new TestCaseData((byte[])[1, 2, 3, 4], ContentKind.Unknown).SetArgDisplayNames(
            "unknown"
        );
        yield return new TestCaseData(Array.Empty<byte>(), ContentKind.Empty).SetArgDisplayNames(
            "empty"
        );
    }

    [TestCaseSource(nameof(Kinds))]
    public void The_kind_is_told_by_content(byte[] content, ContentKind kind)
    {
        foreach (var detail in Enum.GetValues<AttachmentDetail>())
        {
            var facts = Facts(content, detail);
            Assert.That(
                (facts.Kind, facts.Damage, facts.Size),
                Is.EqualTo((kind, AttachmentDamage.None, content.Length))
            );
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4096)]
    [TestCase(100_000)]
    public void Content_comes_back_whole(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        var wrapped = Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks);
        string[] texts =
        [
            Convert.ToBase64String(content),
            wrapped,
            wrapped.Replace("\r\n", "&#13;\n", StringComparison.Ordinal),
            $"\n  <![CDATA[{wrapped}]]>\n",
            "<!-- tệp -->" + wrapped,
        ];
        foreach (var text in texts)
        {
            var package = Variants.Data(text);
            Assert.That(Content(package), Is.EqualTo(content));
            var facts = FactsOf(package, AttachmentDetail.Full);
            Assert.That(facts.Sha256.ToArray(), Is.EqualTo(SHA256.HashData(content)));
            Assert.That(
                (facts.Size, facts.Damage),
                Is.EqualTo(((long)size, AttachmentDamage.None))
            );
        }
    }

    [TestCase("${__StringFromFile(test.txt,,,)}", AttachmentDamage.NotBase64)]
    [TestCase("QUJD*EFG", AttachmentDamage.NotBase64)]
    [TestCase("QQ==QUJD", AttachmentDamage.NotBase64)]
    [TestCase("QUJDR", AttachmentDamage.TruncatedBase64)]
    [TestCase("QUI", AttachmentDamage.TruncatedBase64)]
    [TestCase("AAAAA===", AttachmentDamage.NotBase64)]
    [TestCase("AAAA====", AttachmentDamage.NotBase64)]
    [TestCase("====", AttachmentDamage.NotBase64)]
    public void Damaged_base64_is_recognised(string text, AttachmentDamage damage) =>
        Assert.That(FactsOf(Variants.Data(text)).Damage.HasFlag(damage));

    [Test]
    public void What_passes_for_base64_is_what_the_platform_decodes()
    {
        const string Letters = "AQg9+/= \n";
        const AttachmentDamage Undecodable =
            AttachmentDamage.NotBase64 | AttachmentDamage.TruncatedBase64;
        var random = new Random(4648);
        for (var run = 0; run < 4_000; run++)
        {
            var text = string.Concat(
                Enumerable
                    .Range(0, random.Next(1, 14))
                    // Signs of padding mostly where they belong, at the end.
                    .Select(_ => Letters[random.Next(random.Next(3) == 0 ? Letters.Length : 6)])
                    .Concat(Enumerable.Repeat('=', random.Next(0, 5)))
            );
            var decodes = true;
            try
            {
                Convert.FromBase64String(text);
            }
            catch (FormatException)
            {
                decodes = false;
            }
            var damage = FactsOf(Variants.Data(text)).Damage & Undecodable;
            Assert.That(damage == AttachmentDamage.None, Is.EqualTo(decodes), $"{run}: \"{text}\"");
        }
    }

    [TestCase("$$$$")]
    [TestCase("QUJDR")]
    [TestCase("QQ==QUJD")]
    [TestCase("<x/>")]
    public void Opening_damaged_base64_fails_in_the_documented_way(string text) =>
        Assert.That(() => Content(Variants.Data(text)), Throws.InstanceOf<InvalidDataException>());

    [Test]
    public void A_PDF_that_went_through_UTF8_is_recognised()
    {
        byte[] pdf =
        [
            .. "%PDF-1.7\n%"u8,
            0xE2,
            0xE3,
            0xCF,
            0xD3,
            .. "\nstream "u8,
            0x80,
            0x81,
            0x82,
            .. "\n%%EOF"u8,
        ];
        var damaged = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(pdf));
        Assert.That(Facts(pdf).Damage, Is.EqualTo(AttachmentDamage.None));
        Assert.That(Facts(damaged).Damage, Is.EqualTo(AttachmentDamage.Utf8Damaged));
    }

    [Test]
    public void Damage_deep_inside_shows_when_everything_is_decoded()
    {
        byte[] pdf =
        [
            .. "%PDF-1.7\n"u8,
            .. new byte[50_000],
            .. "\uFFFD\uFFFD\uFFFD"u8,
            .. new byte[50_000],
            .. "\n%%EOF"u8,
        ];
        Assert.That(Facts(pdf).Damage, Is.EqualTo(AttachmentDamage.None));
        Assert.That(
            Facts(pdf, AttachmentDetail.Full).Damage,
            Is.EqualTo(AttachmentDamage.Utf8Damaged)
        );
    }

    [Test]
    public void An_OLE_file_that_went_through_UTF8_is_recognised()
    {
        byte[] ole = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0];
        var facts = Facts(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(ole)));
        Assert.That(
            (facts.Kind, facts.Damage),
            Is.EqualTo((ContentKind.Ole, AttachmentDamage.Utf8Damaged))
        );
    }

    [Test]
    public void A_cut_off_ZIP_and_PDF_are_recognised()
    {
        var zip = Zip(("a.bin", new byte[9_000]));
        Assert.That(Facts(zip[..^1]).Damage, Is.EqualTo(AttachmentDamage.CorruptZip));
        Assert.That(
            Facts("%PDF-1.4 cut"u8.ToArray()).Damage,
            Is.EqualTo(AttachmentDamage.TruncatedPdf)
        );
    }

    [Test]
    public void A_PDF_packed_as_ZIP_is_unwrapped()
    {
        var pdf = Encoding.ASCII.GetBytes(Fixture.Pdf);
        var package = Variants.Data(Convert.ToBase64String(Zip(("5f0e.pdf", pdf))));
        Assert.That(FactsOf(package).Kind, Is.EqualTo(ContentKind.Zip));
        using var content = new MemoryStream(Content(package));
        using var inner = ZipUnwrap.TryOpen(content, UnpackLimits.Default);
        Assert.That(inner!.EntryName, Is.EqualTo("5f0e.pdf"));
        using var copy = new MemoryStream();
        inner.Content.CopyTo(copy);
        Assert.That(copy.ToArray(), Is.EqualTo(pdf));
    }

    [Test]
    public void Other_content_is_not_unwrapped()
    {
        foreach (
            var content in (byte[][])
                [
                    Zip(("a", [1]), ("b", [2])),
                    Zip(),
                    Zip(("folder/", [])),
                    [1, 2, 3],
                    Zip(("a", [1]))[..^5],
                ]
        )
        {
            using var stream = new MemoryStream(content);
            Assert.That(ZipUnwrap.TryOpen(stream, UnpackLimits.Default), Is.Null);
        }
        Assert.That(ZipUnwrap.IsZipName("a.DOCX"));
        Assert.That(ZipUnwrap.IsZipName("a.doc"), Is.False);
    }

    [Test]
    public void A_bomb_does_not_go_off()
    {
        using var bomb = new MemoryStream(Zip(("zeros", new byte[20_000_000])));
        using var inner = ZipUnwrap.TryOpen(bomb, UnpackLimits.Default);
        Assert.That(
            () => inner!.Content.CopyTo(Stream.Null),
            Throws.InstanceOf<InvalidDataException>()
        );
        bomb.Position = 0;
        using var wide = ZipUnwrap.TryOpen(
            bomb,
            new UnpackLimits { MaxRatio = 5_000, MaxBytes = 1_000_000 }
        );
        Assert.That(
            () => wide!.Content.CopyTo(Stream.Null),
            Throws.InstanceOf<InvalidDataException>()
        );
    }
}
