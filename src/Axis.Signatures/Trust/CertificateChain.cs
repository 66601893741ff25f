using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A way from a signer to an anchor whose signatures and constraints were found good.</summary>
internal sealed class CertificateChain
{
    private readonly X509Certificate2[] _certificates;
    private readonly DateTime _from;
    private readonly DateTime _until;

    /// <param name="certificates">The signer's first, the anchor last.</param>
    public CertificateChain(X509Certificate2[] certificates)
    {
        _certificates = certificates;
        _from = certificates.Max(one => one.NotBefore.ToUniversalTime());
        _until = certificates.Min(one => one.NotAfter.ToUniversalTime());
        // The anchor is trusted by itself, not by the signature on it.
        WeakLink = certificates[..^1]
            .FirstOrDefault(one => IsWeak(one.SignatureAlgorithm.Value))
            ?.Subject;
    }

    /// <summary>Whose certificate is signed with a hash that can be forged; null for nobody's.</summary>
    public string? WeakLink { get; }

    public bool IsValid(DateTimeOffset at) => at.UtcDateTime >= _from && at.UtcDateTime <= _until;

    public IReadOnlyList<RevocationQuestion> Questions(DateTimeOffset at) =>
        [
            .. _certificates.Zip(
                _certificates.Skip(1),
                (one, issuer) => new RevocationQuestion(one, issuer, at)
            ),
        ];

    private static bool IsWeak(string? signatureAlgorithm) =>
        signatureAlgorithm
            is "1.2.840.113549.1.1.4" // MD5 with RSA
                or "1.2.840.113549.1.1.5" // SHA-1 with RSA
                or "1.3.14.3.2.29" // the same, as OIW named it
                or "1.2.840.10045.4.1"; // ECDSA with SHA-1
}
