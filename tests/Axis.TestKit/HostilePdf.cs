using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Axis.TestKit;

/// <summary>PDF files that are made to break who looks at their signatures.</summary>
public static class HostilePdf
{
    /// <summary>
    /// Signed, with something appended whose cross-references ask the inflater for a preset dictionary (RFC 1950 section
    /// 2.2). The platform answers with an exception that elsewhere means a failing disk.
    /// </summary>
    public static byte[] AskingForDictionary()
    {
        using var signer = SelfSigned(extension: null);
        var signed = SignedPdf.By(signer);
        // "startxref", a line end, the number, and the line of the end of the file.
        var previous = Encoding.Latin1.GetString(signed).Split('\n')[^3];
        byte[] packed = [0x78, 0x20, 0, 0, 0, 1, 0x03, 0x00];
        return
        [
            .. signed,
            .. Encoding.ASCII.GetBytes(
                $"30 0 obj\n<< /Type /XRef /Size 100 /W [1 4 2] /Root 1 0 R /Prev {previous} /Filter /FlateDecode /Length {packed.Length} >>\nstream\n"
            ),
            .. packed,
            .. Encoding.ASCII.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"\nendstream\nendobj\nstartxref\n{signed.Length}\n%%EOF\n"
                )
            ),
        ];
    }

    /// <summary>Signed, and the signer's certificate has a key usage that cannot be read.</summary>
    public static byte[] ByMalformedCertificate()
    {
        using var signer = MalformedCertificate();
        return SignedPdf.By(signer);
    }

    /// <summary>With its key. The platform loads it, and fails when it is asked for the key usage.</summary>
    public static X509Certificate2 MalformedCertificate() =>
        SelfSigned(new X509Extension("2.5.29.15", [0x30, 0x7F], critical: true));

    private static X509Certificate2 SelfSigned(X509Extension? extension)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            "CN=Somebody",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        if (extension is not null)
        {
            request.CertificateExtensions.Add(extension);
        }
        return request.CreateSelfSigned(
            new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2036, 1, 1, 0, 0, 0, TimeSpan.Zero)
        );
    }
}
