namespace Axis.Signatures.Tests;

/// <summary>A signed PDF, and what to say of one to which something was added.</summary>
internal abstract class PdfChangesTest
{
    protected const string Overlay =
        "<< /Type /Annot /Subtype /Stamp /Rect [0 0 595 842] /P 3 0 R /AP << /N 6 0 R >> >>";

    protected byte[] Signed { get; private set; } = [];

    private static readonly ChainJudge s_chain = new([Province.Authority.Certificate]);

    [OneTimeSetUp]
    public async Task Sign() => Signed = await PdfFile.SignAsync(Province.Agency);

    protected static IReadOnlyList<PdfSignature> Verify(byte[] pdf)
    {
        using var stream = new MemoryStream(pdf);
        return new PdfSignatureVerifier().Verify(stream, s_chain, Province.Now);
    }

    protected static void Harmless(byte[] pdf)
    {
        var first = Verify(pdf)[0];
        Assert.That(first.Coverage, Is.EqualTo(PdfCoverage.LaterSignatures), first.Changes);
        Assert.That(
            PdfVerdict.Of(Verify(pdf)).Kind,
            Is.EqualTo(SignatureVerdictKind.NotYetChecked)
        );
    }

    protected static void Changed(byte[] pdf, string reason = "")
    {
        var signatures = Verify(pdf);
        Assert.That(
            signatures[0].Coverage,
            Is.EqualTo(PdfCoverage.LaterChanges),
            "the attack was not seen"
        );
        Assert.That(signatures[0].Changes, Does.Contain(reason));
        Assert.That(signatures[0].ChangesVi, Is.Not.Empty);
        var verdict = PdfVerdict.Of(signatures);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Broken));
        Assert.That(verdict.Reason, Does.Contain("changed after it was signed"));
    }

    protected byte[] With(params (int Number, string Content)[] objects) =>
        PdfFile.Append(Signed, objects.ToDictionary(one => one.Number, one => one.Content));

    protected static string Page(string more) =>
        PdfFile.Objects()[3].Replace("/Annots [4 0 R]", more, StringComparison.Ordinal);
}
