using System.Globalization;
using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>Writes small PDF files with signature fields.</summary>
internal static class PdfFile
{
    private static readonly string EmptyRange = new('*', 33);
    private static readonly string SignatureDictionary =
        $"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /M (D:20260601080000Z) /ByteRange [0 {EmptyRange}] /Contents <{new string('0', 8192)}> >>";

    /// <summary>A page with a signature field whose range and value are still empty.</summary>
    private static StringBuilder Unsigned(string text)
    {
        var pdf = new StringBuilder("%PDF-1.7\n");
        var offsets = new List<int>();
        var content = $"BT /F1 12 Tf 72 720 Td ({text}) Tj ET";
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Annots [4 0 R] /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T (S1) /V 5 0 R /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
            SignatureDictionary,
            $"<< /Length {content.Length} >>\nstream\n{content}\nendstream",
        ];
        for (var i = 0; i < objects.Length; i++)
        {
            offsets.Add(pdf.Length);
            pdf.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }
        var xref = pdf.Length;
        pdf.Append(
            CultureInfo.InvariantCulture,
            $"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n"
        );
        foreach (var offset in offsets)
            pdf.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        return pdf.Append(
            CultureInfo.InvariantCulture,
            $"trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n"
        );
    }

    /// <summary>Adds a revision with a second signature field, as the agency's seal follows the signature of the person.</summary>
    public static Task<byte[]> SignAgainAsync(byte[] signed, IssuedCertificate signer)
    {
        var before = Encoding.Latin1.GetString(signed);
        var previous = before[(before.LastIndexOf("startxref\n", StringComparison.Ordinal) + 10)..]
            .Split('\n')[0];
        (int Number, string Content)[] objects =
        [
            (
                1,
                "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R 7 0 R] /SigFlags 3 >> >>"
            ),
            (
                7,
                "<< /Type /Annot /Subtype /Widget /FT /Sig /T (S2) /V 8 0 R /Rect [0 0 0 0] /P 3 0 R /F 132 >>"
            ),
            (8, SignatureDictionary),
        ];
        var update = new StringBuilder();
        var table = new StringBuilder("xref\n");
        foreach (var (number, content) in objects)
        {
            table.Append(
                CultureInfo.InvariantCulture,
                $"{number} 1\n{before.Length + update.Length:D10} 00000 n \n"
            );
            update.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{content}\nendobj\n");
        }
        var xref = before.Length + update.Length;
        update.Append(
            CultureInfo.InvariantCulture,
            $"{table}trailer\n<< /Size 9 /Root 1 0 R /Prev {previous} >>\nstartxref\n{xref}\n%%EOF\n"
        );
        return FillInAsync(before + update, content => CmsAsync(content, signer, "-md sha256"));
    }

    /// <summary>Signs in the way that PDF prescribes; how the CMS value comes about is up to the caller.</summary>
    public static Task<byte[]> SignAsync(Func<byte[], Task<byte[]>> cms) =>
        FillInAsync(Unsigned("Cong van so 15").ToString(), cms);

    private static async Task<byte[]> FillInAsync(string pdf, Func<byte[], Task<byte[]>> cms)
    {
        var dictionary = pdf.IndexOf(EmptyRange, StringComparison.Ordinal);
        var gap =
            pdf.IndexOf("/Contents <", dictionary, StringComparison.Ordinal) + "/Contents ".Length;
        var after = pdf.IndexOf('>', gap) + 1;
        pdf = pdf.Replace(
            EmptyRange,
            $"{gap:D10} {after:D10} {pdf.Length - after:D10} ",
            StringComparison.Ordinal
        );
        var bytes = Encoding.Latin1.GetBytes(pdf);
        var value = await cms([.. bytes[..gap], .. bytes[after..]]);
        Encoding.ASCII.GetBytes(Convert.ToHexString(value)).CopyTo(bytes, gap + 1);
        return bytes;
    }

    /// <summary>Signs with the program openssl.</summary>
    /// <param name="signer">Whose key.</param>
    /// <param name="options">Further options of openssl cms; SHA-256 unless they say otherwise.</param>
    public static Task<byte[]> SignAsync(IssuedCertificate signer, string options = "-md sha256") =>
        SignAsync(content => CmsAsync(content, signer, options));

    public static async Task<byte[]> CmsAsync(
        byte[] content,
        IssuedCertificate signer,
        string options
    )
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
        [
            "cms",
            "-sign",
            "-binary",
            "-outform",
            "DER",
            "-in",
            await folder.WriteAsync("content", content),
            "-out",
            folder.PathOf("cms"),
            "-signer",
            await folder.WriteAsync("certificate.pem", signer.CertificatePem),
            "-inkey",
            await folder.WriteAsync("key.pem", signer.ExportPrivateKeyPem()),
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ];
        var (exitCode, _, errors) = await Tools.RunAsync("openssl", arguments);
        Assert.That(exitCode, Is.Zero, errors);
        return await File.ReadAllBytesAsync(folder.PathOf("cms"));
    }
}
