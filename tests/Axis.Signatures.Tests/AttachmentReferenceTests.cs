using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Axis.Signatures.Tests;

/// <summary>References to attachments (cid:), signed by Java's XML-DSig over their decoded content.</summary>
internal sealed class AttachmentReferenceTests
{
    private const string Second = """
        <Attachment><AttachmentName>b</AttachmentName><edXML:ContentTransferEncoded xmlns:edXML="http://www.mic.gov.vn/TBT/QCVN_102_2016">Q8O0<![CDATA[bmcg]]>dsSDbg==</edXML:ContentTransferEncoded><ContentId>van-ban 2</ContentId></Attachment></AttachmentEncoded>
        """;

    private static readonly string Package = Province
        .Text(Samples.Synthetic)
        .Replace("</AttachmentEncoded>", Second, StringComparison.Ordinal);

    private static readonly byte[] FirstContent = Convert.FromBase64String(
        Regex.Replace(
            Regex.Match(Package, "UEsDBBQ[^<]*").Value,
            "\\s",
            "",
            RegexOptions.NonBacktracking
        )
    );

    private string _signed = "";

    [OneTimeSetUp]
    public async Task Sign()
    {
        using var folder = new TemporaryFolder();
        const string password = "only-for-this-run";
        var store = await folder.WriteAsync(
            "key.p12",
            Province.Agency.Certificate.Export(X509ContentType.Pkcs12, password)
        );
        var line = string.Join(
            '\t',
            await folder.WriteAsync("package.edxml", Package),
            folder.PathOf("signed.edxml"),
            DsigUris.Exclusive,
            DsigUris.RsaSha256,
            DsigUris.Sha256,
            "",
            "cid:1",
            await folder.WriteAsync("1", FirstContent),
            "cid:van-ban%202",
            await folder.WriteAsync("2", "Công văn")
        );
        var (exitCode, _, errors) = await Tools.RunAsync(
            "java",
            Path.Combine(AppContext.BaseDirectory, "Signers", "SignPackages.java"),
            store,
            password,
            await folder.WriteAsync("list", line)
        );
        Assert.That(exitCode, Is.Zero, errors);
        _signed = await File.ReadAllTextAsync(folder.PathOf("signed.edxml"));
    }

    private void Expect(string from, string to, SignatureVerdictKind kind, string reason)
    {
        var changed = Regex.Replace(_signed, from, to, RegexOptions.Singleline);
        Assert.That(changed, Is.Not.EqualTo(_signed), "the attack changed nothing");
        var verdict = Province.Verify(changed);
        Assert.That(verdict.Kind, Is.EqualTo(kind), verdict.Reason);
        Assert.That(verdict.Reason, Does.Contain(reason));
        Assert.That(verdict.ReasonVi, Is.Not.Empty.And.Not.EqualTo(verdict.Reason));
    }

    [Test]
    public void Attachments_signed_beside_the_document_verify()
    {
        Assert.That(_signed.Split("cid:van-ban%202"), Has.Length.EqualTo(2));
        var verdict = Province.Verify(_signed);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Valid), verdict.Reason);
    }

    [Test]
    public void They_verify_in_pieces_of_any_size([Values(1, 3, 64)] int piece)
    {
        using var stream = new SlowStream(Encoding.UTF8.GetBytes(_signed), piece);
        var verdict = new EnvelopeVerifier().Verify(stream, Province.Registered, Province.Now);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Valid), verdict.Reason);
    }

    [Test]
    public void A_reference_to_an_attachment_that_is_not_there_is_broken() =>
        Expect(
            "<Reference URI=\"cid:1\">",
            "<Reference URI=\"cid:3\">",
            SignatureVerdictKind.Broken,
            "'3'"
        );

    [Test]
    public void Digests_that_changed_places_are_broken() =>
        Expect(
            "(<Reference URI=\"cid:)1(\">.*<Reference URI=\"cid:)van-ban%202\"",
            "${1}van-ban%202${2}1\"",
            SignatureVerdictKind.Broken,
            "The attachment"
        );

    [Test]
    public void Attachments_alone_are_no_package() =>
        Expect(
            "<Reference URI=\"\">.*?</Reference>",
            "",
            SignatureVerdictKind.Unsupported,
            "No Reference covers the whole document"
        );

    [Test]
    public void Transforms_on_an_attachment_are_refused() =>
        Expect(
            "<Reference URI=\"cid:1\">",
            $"<Reference URI=\"cid:1\"><Transforms><Transform Algorithm=\"{DsigUris.Inclusive}\"/></Transforms>",
            SignatureVerdictKind.Unsupported,
            "transforms"
        );

    [Test]
    public void A_flood_of_references_is_refused()
    {
        var reference = Regex.Match(_signed, "<Reference URI=\"cid:1\">.*?</Reference>").Value;
        Expect(
            "</SignedInfo>",
            string.Concat(Enumerable.Repeat(reference, 70)) + "</SignedInfo>",
            SignatureVerdictKind.Unsupported,
            "more than 64"
        );
    }

    [Test]
    public void A_changed_attachment_is_broken() =>
        Expect("Q8O0", "Q8O1", SignatureVerdictKind.Broken, "The package is not as it was signed");

    /// <summary>The digests themselves, without the document around them that would notice everything else first.</summary>
    [TestCase(
        "<ContentId>cid:a</ContentId><ContentTransferEncoded>QUJD</ContentTransferEncoded>",
        null
    )]
    [TestCase(
        "<ContentTransferEncoded>QUJD</ContentTransferEncoded><ContentId> a </ContentId>",
        null
    )]
    [TestCase(
        "<ContentId>a</ContentId><ContentTransferEncoded>Q\r\nUJ&#13;\t<!-- -->D</ContentTransferEncoded>",
        null
    )]
    [TestCase(
        "<ContentId>a</ContentId><ContentTransferEncoded>QUJE</ContentTransferEncoded>",
        SignatureVerdictKind.Broken
    )]
    [TestCase(
        "<ContentId>a</ContentId><ContentTransferEncoded>QUJDR</ContentTransferEncoded>",
        SignatureVerdictKind.Broken
    )]
    [TestCase(
        "<ContentId>a</ContentId><ContentTransferEncoded>QU=JD</ContentTransferEncoded>",
        SignatureVerdictKind.Broken
    )]
    [TestCase(
        "<ContentId>a</ContentId><ContentTransferEncoded>QUJD!</ContentTransferEncoded>",
        SignatureVerdictKind.Broken
    )]
    [TestCase(
        "<ContentId>b</ContentId><ContentTransferEncoded>QUJD</ContentTransferEncoded>",
        SignatureVerdictKind.Broken
    )]
    [TestCase("<ContentId>a</ContentId>", SignatureVerdictKind.Broken)]
    [TestCase(
        "<ContentId>a</ContentId><ContentTransferEncoded>QUJD</ContentTransferEncoded></Attachment><Attachment><ContentId>cid:a</ContentId><ContentTransferEncoded>QUJD</ContentTransferEncoded>",
        SignatureVerdictKind.Malformed
    )]
    public void An_attachment_is_digested_by_its_decoded_content(
        string attachment,
        SignatureVerdictKind? problem
    )
    {
        using var digests = new AttachmentDigests([
            new AttachmentReference(
                "a",
                System.Security.Cryptography.HashAlgorithmName.SHA256,
                System.Security.Cryptography.SHA256.HashData("ABC"u8)
            ),
        ]);
        var tokenizer = new Axis.EdXml.Xml.XmlTokenizer(new Feeder(digests));
        tokenizer.Feed(
            Encoding.UTF8.GetBytes(
                $"<edXML><AttachmentEncoded><Attachment>{attachment}</Attachment></AttachmentEncoded></edXML>"
            )
        );
        tokenizer.Complete();
        Assert.That(tokenizer.Failed, Is.False);
        Assert.That(digests.Problem()?.Kind, Is.EqualTo(problem));
    }

    private sealed class Feeder(AttachmentDigests digests) : Axis.EdXml.Xml.IXmlSink
    {
        public void StartElement(in Axis.EdXml.Xml.XmlStartTag tag) => digests.StartElement(tag);

        public void EndElement(in Axis.EdXml.Xml.XmlEndTag tag) => digests.EndElement(tag);

        public void Text(ReadOnlySpan<byte> raw) => digests.Text(raw, references: true);

        public void CData(ReadOnlySpan<byte> raw, bool last) =>
            digests.Text(raw, references: false);

        public void Comment(ReadOnlySpan<byte> raw, bool last) { }

        public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data) { }
    }

    /// <summary>Gives few bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, piece));
    }
}
