using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>How certificates are told apart.</summary>
public static class CertificateNames
{
    /// <summary>SHA-256 of the DER bytes, in lower-case hex.</summary>
    public static string ThumbprintOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));
    }
}
