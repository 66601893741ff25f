using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>PDF files that pdfsig of poppler signed, in files with tables and with compressed cross-references.</summary>
internal sealed class PdfSigTests
{
    private static readonly ChainJudge Chain = new([Province.Authority.Certificate]);

    private static IReadOnlyList<PdfSignature> Verify(byte[] pdf)
    {
        using var stream = new MemoryStream(pdf);
        return new PdfSignatureVerifier().Verify(stream, Chain, Province.Now);
    }

    private static byte[] UnsignedFile()
    {
        var objects = PdfFile.Objects();
        objects[1] = "<< /Type /Catalog /Pages 2 0 R >>";
        objects[3] = objects[3].Replace("/Annots [4 0 R]", "", StringComparison.Ordinal);
        objects.Remove(4);
        objects.Remove(5);
        return PdfFile.Write(objects);
    }

    /// <summary>Signed once and once more, as two people do.</summary>
    private static async Task<(byte[] Once, byte[] Twice)> SignAsync(bool compressed)
    {
        using var folder = new TemporaryFolder();
        var file = await folder.WriteAsync("plain.pdf", UnsignedFile());
        if (compressed)
        {
            await RunAsync(
                "qpdf",
                "--warning-exit-0",
                "--object-streams=generate",
                file,
                folder.PathOf("compressed.pdf")
            );
            file = folder.PathOf("compressed.pdf");
        }
        const string password = "only-for-this-run";
        var key = await folder.WriteAsync(
            "key.p12",
            Province.Agency.Certificate.Export(X509ContentType.Pkcs12, password)
        );
        var database = folder.PathOf("nss");
        Directory.CreateDirectory(database);
        await RunAsync("certutil", "-N", "-d", $"sql:{database}", "--empty-password");
        await RunAsync("pk12util", "-i", key, "-d", $"sql:{database}", "-W", password);
        var (_, names, _) = await Tools.RunAsync("pdfsig", "-nssdir", database, "-list-nicks");
        var name = names
            .Split('\n', StringSplitOptions.TrimEntries)
            .First(line => line.Contains("H01.01", StringComparison.Ordinal));
        var signed = new List<byte[]>();
        for (var i = 0; i < 2; i++)
        {
            var output = folder.PathOf($"signed{i}.pdf");
            // It ends with complaints about its key store; the file tells whether it signed.
            await Tools.RunAsync(
                "pdfsig",
                "-nssdir",
                database,
                "-add-signature",
                "-nick",
                name,
                file,
                output
            );
            signed.Add(await File.ReadAllBytesAsync(output));
            file = output;
        }
        return (signed[0], signed[1]);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output, errors) = await Tools.RunAsync(program, arguments);
        Assert.That(exitCode, Is.Zero, output + errors);
    }

    [Test]
    public async Task A_PDF_signed_by_pdfsig_holds_until_it_is_tampered_with(
        [Values] bool compressed
    )
    {
        var (once, twice) = await SignAsync(compressed);
        var one = Verify(once).Single();
        var two = Verify(twice);
        Assert.Multiple(() =>
        {
            Assert.That(
                one.Verdict.Kind,
                Is.EqualTo(SignatureVerdictKind.NotYetChecked),
                one.Verdict.Reason
            );
            Assert.That(one.Coverage, Is.EqualTo(PdfCoverage.WholeFile));
            Assert.That(
                two.Select(s => s.Verdict.Kind),
                Is.All.EqualTo(SignatureVerdictKind.NotYetChecked)
            );
            Assert.That(
                two.Select(s => s.Coverage),
                Is.EqualTo(new[] { PdfCoverage.LaterSignatures, PdfCoverage.WholeFile }),
                two[0].Changes
            );
        });
        var random = new Random(3);
        for (var i = 0; i < 40; i++)
        {
            var tampered = once.ToArray();
            tampered[random.Next(64)] ^= 0x20;
            tampered[random.Next(UnsignedFile().Length / 2)] ^= 0x01;
            Assert.That(
                PdfVerdict.Of(Verify(tampered)).Kind,
                Is.Not.EqualTo(SignatureVerdictKind.NotYetChecked)
            );
        }
    }

    [Test]
    public async Task A_change_after_the_signature_of_a_compressed_file_is_seen()
    {
        var (once, _) = await SignAsync(compressed: true);
        // The page lies in a compressed stream; a plain table may define it anew.
        var text = Encoding.Latin1.GetString(once);
        var root = text[(text.LastIndexOf("/Root ", StringComparison.Ordinal) + 6)..].Split(' ')[0];
        var pdf = PdfFile.Append(
            once,
            new Dictionary<int, string>
            {
                [int.Parse(root)] = "<< /Type /Catalog /Pages 90 0 R >>",
                [90] = "<< /Type /Pages /Kids [] /Count 0 >>",
            },
            trailer: $"/Root {root} 0 R"
        );
        var signature = Verify(pdf).Single();
        Assert.That(signature.Coverage, Is.EqualTo(PdfCoverage.LaterChanges));
        Assert.That(signature.Changes, Does.Contain($"Object {root} "));
    }
}
