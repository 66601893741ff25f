using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Axis.TestKit;

/// <summary>A PDF of one page, signed with an RSA key as PAdES prescribes (CMS, detached).</summary>
public static class SignedPdf
{
    private const string EmptyRange = "*********************************";
    private const int ValueDigits = 6000;

    public static byte[] By(X509Certificate2 signer, string text = "Cong van so 15")
    {
        var pdf = Unsigned(text);
        var gap = pdf.IndexOf("/Contents <", StringComparison.Ordinal) + "/Contents ".Length;
        var after = gap + ValueDigits + 2;
        pdf = pdf.Replace(
            EmptyRange,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{gap:D10} {after:D10} {pdf.Length - after:D10} "
            ),
            StringComparison.Ordinal
        );
        var bytes = Encoding.Latin1.GetBytes(pdf);
        var value = Cms([.. bytes[..gap], .. bytes[after..]], signer);
        Encoding.ASCII.GetBytes(Convert.ToHexString(value)).CopyTo(bytes, gap + 1);
        return bytes;
    }

    private static string Unsigned(string text)
    {
        var content = $"BT /F1 12 Tf 72 720 Td ({text}) Tj ET";
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Annots [4 0 R] >>",
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T (S1) /V 5 0 R /Rect [0 0 0 0] /P 3 0 R /F 132 >>",
            $"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 {EmptyRange}] /Contents <{new string('0', ValueDigits)}> >>",
            $"<< /Length {content.Length} >>\nstream\n{content}\nendstream",
        ];
        var pdf = new StringBuilder("%PDF-1.7\n");
        var table = new StringBuilder("0000000000 65535 f \n");
        for (var i = 0; i < objects.Length; i++)
        {
            table.Append(CultureInfo.InvariantCulture, $"{pdf.Length:D10} 00000 n \n");
            pdf.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }
        var start = pdf.Length;
        return pdf.Append(
                CultureInfo.InvariantCulture,
                $"xref\n0 {objects.Length + 1}\n{table}trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
            )
            .ToString();
    }

    private static byte[] Cms(byte[] content, X509Certificate2 signer)
    {
        var attributes = Attributes(SHA256.HashData(content));
        using var key = signer.GetRSAPrivateKey()!;
        var signature = key.SignData(
            attributes,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        var tag0 = new Asn1Tag(TagClass.ContextSpecific, 0);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.7.2");
            using (writer.PushSequence(tag0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(1);
                using (writer.PushSetOf())
                {
                    WriteAlgorithm(writer, "2.16.840.1.101.3.4.2.1");
                }
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.7.1");
                }
                using (writer.PushSetOf(tag0))
                {
                    writer.WriteEncodedValue(signer.RawData);
                }
                using (writer.PushSetOf())
                using (writer.PushSequence())
                {
                    writer.WriteInteger(1);
                    using (writer.PushSequence())
                    {
                        writer.WriteEncodedValue(signer.IssuerName.RawData);
                        writer.WriteInteger(signer.SerialNumberBytes.Span);
                    }
                    WriteAlgorithm(writer, "2.16.840.1.101.3.4.2.1");
                    // RFC 5652 section 5.4: signed as a SET OF, written with the context tag.
                    writer.WriteEncodedValue([0xA0, .. attributes[1..]]);
                    WriteAlgorithm(writer, "1.2.840.113549.1.1.11");
                    writer.WriteOctetString(signature);
                }
            }
        }
        return writer.Encode();
    }

    private static byte[] Attributes(byte[] digest)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSetOf())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.9.3");
                using (writer.PushSetOf())
                {
                    writer.WriteObjectIdentifier("1.2.840.113549.1.7.1");
                }
            }
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.113549.1.9.4");
                using (writer.PushSetOf())
                {
                    writer.WriteOctetString(digest);
                }
            }
        }
        return writer.Encode();
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }
    }
}
