using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Axis.Signatures.Tests;

/// <summary>Writes small PDF files with signature fields.</summary>
internal static class PdfFile
{
    private static readonly string EmptyRange = new('*', 33);

    /// <summary>Whose range and value are still empty.</summary>
    public static string SignatureDictionary(string subFilter = "adbe.pkcs7.detached") =>
        $"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /{subFilter} /M (D:20260601080000Z) /ByteRange [0 {EmptyRange}] /Contents <{new string('0', 16384)}> >>";

    /// <summary>The objects of a file of one page with a signature field, by number.</summary>
    public static Dictionary<int, string> Objects(string subFilter = "adbe.pkcs7.detached")
    {
        const string content = "BT /F1 12 Tf 72 720 Td (Cong van so 15) Tj ET";
        return new Dictionary<int, string>
        {
            [1] = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>",
            [2] = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            [3] =
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Annots [4 0 R] /Resources << /Font << /F1 7 0 R >> >> >>",
            [4] =
                "<< /Type /Annot /Subtype /Widget /FT /Sig /T (S1) /V 5 0 R /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
            [5] = SignatureDictionary(subFilter),
            [6] = Stream(content),
            [7] = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        };
    }

    public static string Stream(string content) =>
        $"<< /Length {content.Length} >>\nstream\n{content}\nendstream";

    /// <summary>Writes a file of one revision.</summary>
    public static byte[] Write(IReadOnlyDictionary<int, string> objects) =>
        Encoding.Latin1.GetBytes(
            Revision(Encoding.Latin1.GetBytes("%PDF-1.7\n"), objects, "/Root 1 0 R", null)
        );

    /// <summary>Appends a revision that defines objects anew and lets others go.</summary>
    public static byte[] Append(
        byte[] pdf,
        IReadOnlyDictionary<int, string> objects,
        int[]? freed = null,
        string trailer = "/Root 1 0 R"
    ) =>
        Encoding.Latin1.GetBytes(
            Revision(pdf, objects, $"{trailer} /Prev {NewestReferences(pdf)}", freed)
        );

    /// <summary>Where the cross-references of the newest revision are.</summary>
    public static string NewestReferences(byte[] pdf)
    {
        return Regex
            .Match(
                Encoding.Latin1.GetString(pdf),
                @"startxref\s+(?<place>\d+)",
                RegexOptions.RightToLeft
            )
            .Groups["place"]
            .Value;
    }

    private static string Revision(
        byte[] before,
        IReadOnlyDictionary<int, string> objects,
        string trailer,
        int[]? freed
    )
    {
        var pdf = new StringBuilder(Encoding.Latin1.GetString(before));
        var table = new StringBuilder("xref\n0 1\n0000000000 65535 f \n");
        foreach (var (number, content) in objects)
        {
            table.Append(CultureInfo.InvariantCulture, $"{number} 1\n{pdf.Length:D10} 00000 n \n");
            pdf.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{content}\nendobj\n");
        }
        foreach (var number in freed ?? [])
            table.Append(CultureInfo.InvariantCulture, $"{number} 1\n0000000000 00001 f \n");
        var references = pdf.Length;
        return pdf.Append(
                CultureInfo.InvariantCulture,
                $"{table}trailer\n<< /Size 100 {trailer} >>\nstartxref\n{references}\n%%EOF\n"
            )
            .ToString();
    }

    /// <summary>Adds a revision with a second signature field, as the agency's seal follows the signature of the person.</summary>
    public static Task<byte[]> SignAgainAsync(byte[] signed, IssuedCertificate signer) =>
        FillInAsync(
            Append(signed, SecondSignature()),
            content => CmsAsync(content, signer, "-md sha256")
        );

    /// <summary>The objects of a revision with a second signature field.</summary>
    public static Dictionary<int, string> SecondSignature(
        string subFilter = "adbe.pkcs7.detached"
    ) =>
        new()
        {
            [1] =
                "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R 8 0 R] /SigFlags 3 >> >>",
            [8] =
                "<< /Type /Annot /Subtype /Widget /FT /Sig /T (S2) /V 9 0 R /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
            [9] = SignatureDictionary(subFilter),
        };

    /// <summary>Signs in the way that PDF prescribes; how the CMS value comes about is up to the caller.</summary>
    public static Task<byte[]> SignAsync(Func<byte[], Task<byte[]>> cms) =>
        FillInAsync(Write(Objects()), cms);

    /// <summary>Fills in range and value where they are still empty.</summary>
    public static async Task<byte[]> FillInAsync(byte[] file, Func<byte[], Task<byte[]>> cms)
    {
        var pdf = Encoding.Latin1.GetString(file);
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
