using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>What verification needs of a certificate. Reading it costs several times as much as verifying with it.</summary>
internal sealed class SignerFacts
{
    /// <summary>Keys at rest: an instance of a key serves one verification at a time.</summary>
    private readonly ConcurrentBag<AsymmetricAlgorithm> _keys = [];

    private SignerFacts(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Thumbprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));
        Subject = certificate.Subject;
        NotBefore = new DateTimeOffset(certificate.NotBefore.ToUniversalTime());
        NotAfter = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        Usage = certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages;
        ExtendedUsage =
        [
            .. certificate
                .Extensions.OfType<X509EnhancedKeyUsageExtension>()
                .SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>())
                .Select(usage => usage.Value ?? ""),
        ];
        using var rsa = certificate.GetRSAPublicKey();
        RsaKeySize = rsa?.KeySize;
    }

    /// <exception cref="ProfileException">It was taken for a certificate, and its extensions or its key cannot be read.</exception>
    public static SignerFacts Of(X509Certificate2 certificate) =>
        TryRead(certificate) ?? throw Unreadable();

    /// <summary>Null when its extensions or its key cannot be read: the platform looks at them only when they are asked for.</summary>
    public static SignerFacts? TryRead(X509Certificate2 certificate)
    {
        try
        {
            return new SignerFacts(certificate);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public static ProfileException Unreadable() =>
        ProfileException.Malformed(
            "The signer's certificate cannot be read: its extensions or its key are malformed.",
            "Không đọc được chứng thư số của người ký: phần mở rộng hoặc khóa sai cấu trúc."
        );

    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 in lower-case hex.</summary>
    public string Thumbprint { get; }
    public string Subject { get; }
    public DateTimeOffset NotBefore { get; }
    public DateTimeOffset NotAfter { get; }

    /// <summary>Null when the certificate does not restrict its usage.</summary>
    public X509KeyUsageFlags? Usage { get; }

    /// <summary>Object identifiers; empty when the certificate does not restrict it.</summary>
    public IReadOnlyList<string> ExtendedUsage { get; }

    /// <summary>Bits; null for another kind of key.</summary>
    public int? RsaKeySize { get; }

    public SignatureVerdict Verdict(SignatureVerdictKind kind, string reason, string reasonVi) =>
        new(kind, reason, reasonVi, Thumbprint, Subject);

    public bool Holds(
        SignatureAlgorithm algorithm,
        ReadOnlySpan<byte> hash,
        ReadOnlySpan<byte> signature
    )
    {
        try
        {
            if (!_keys.TryTake(out var key))
            {
                key =
                    (AsymmetricAlgorithm?)Certificate.GetRSAPublicKey()
                    ?? Certificate.GetECDsaPublicKey();
            }
            if (key is null)
                return false;
            var holds = algorithm.Verify(key, hash, signature);
            _keys.Add(key);
            return holds;
        }
        catch (CryptographicException)
        {
            // A key or signature value that the platform cannot even process.
            return false;
        }
    }
}
