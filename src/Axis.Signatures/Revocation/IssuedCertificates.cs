using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

internal static class IssuedCertificates
{
    /// <summary>Whether the issuer's key signed a certificate, directly.</summary>
    public static bool IsIssuedBy(X509Certificate2 certificate, X509Certificate2 issuer)
    {
        if (!certificate.IssuerName.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData))
        {
            return false;
        }
        var parts = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        var signed = parts.ReadEncodedValue();
        return AuthoritySignature.Read(parts).Holds(issuer, signed.Span);
    }
}
