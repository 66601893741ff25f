using System.Globalization;
using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>Writes small PDF files with signature fields.</summary>
internal static class PdfFile
{
    private const int ValueBytes = 4096;

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
            $"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /M (D:20260601080000Z) /ByteRange [0 {new string('*', 33)}] /Contents <{new string('0', ValueBytes * 2)}> >>",
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

    /// <summary>Signs in the way that PDF prescribes; how the CMS value comes about is up to the caller.</summary>
    public static async Task<byte[]> SignAsync(Func<byte[], Task<byte[]>> cms)
    {
        var pdf = Unsigned("Cong van so 15").ToString();
        var gap = pdf.IndexOf("/Contents <", StringComparison.Ordinal) + "/Contents ".Length;
        var after = pdf.IndexOf('>', gap) + 1;
        pdf = pdf.Replace(
            new string('*', 33),
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
