using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Access.Keys;

/// <summary>Reads what an office system hands in: one certificate or one public key in PEM.</summary>
public static class ClientKeyFile
{
    public const int MaxLength = 16 * 1024;

    private const int LeastRsaBits = 2048;

    /// <summary>The key; null when it is none that is taken. <paramref name="problem"/> says why.</summary>
    public static ClientKey? Read(string officeSystemId, string pem, out Words problem)
    {
        problem = new Words(
            "one CERTIFICATE or PUBLIC KEY in PEM, P-256 or RSA of at least 2048 bits",
            "một CERTIFICATE hoặc PUBLIC KEY dạng PEM, P-256 hoặc RSA từ 2048 bit"
        );
        if (pem.Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            problem = new Words(
                "a public key or certificate; a private key must never leave its owner",
                "khóa công khai hoặc chứng thư; khóa riêng không bao giờ được rời chủ sở hữu"
            );
            return null;
        }
        if (
            pem.Length > MaxLength
            || !PemEncoding.TryFind(pem, out var found)
            || PemEncoding.TryFind(pem.AsSpan(found.Location.End.Value), out _)
        )
        {
            return null;
        }
        var der = Convert.FromBase64String(pem[found.Base64Data]);
        try
        {
            return pem[found.Label] switch
            {
                "CERTIFICATE" => OfCertificate(officeSystemId, der, ref problem),
                "PUBLIC KEY" => OfPublicKey(officeSystemId, der),
                _ => null,
            };
        }
        catch (Exception unreadable)
            when (unreadable is CryptographicException or AsnContentException)
        {
            return null;
        }
    }

    /// <exception cref="CryptographicException">Neither P-256 nor RSA of at least 2048 bits.</exception>
    public static AsymmetricAlgorithm PublicKeyOf(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        var key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
        AsymmetricAlgorithm? algorithm = key.GetECDsaPublicKey();
        algorithm ??= key.GetRSAPublicKey();
        if (algorithm is ECDsa { KeySize: 256 } or RSA { KeySize: >= LeastRsaBits })
        {
            return algorithm;
        }
        algorithm?.Dispose();
        throw new CryptographicException("another kind of key");
    }

    private static ClientKey? OfCertificate(string officeSystemId, byte[] der, ref Words problem)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(der);
        using var key = PublicKeyOf(certificate.PublicKey.ExportSubjectPublicKeyInfo());
        var name = BrokerName.Of(certificate.SubjectName);
        if (name.Length is 0 or > 255)
        {
            problem = new Words(
                "a certificate with a subject of 1 to 255 characters",
                "chứng thư có chủ thể từ 1 đến 255 ký tự"
            );
            return null;
        }
        return new ClientKey(
            officeSystemId,
            SHA256.HashData(certificate.RawData),
            IsCertificate: true,
            certificate.RawData,
            name,
            new DateTimeOffset(certificate.NotBefore).ToUniversalTime(),
            new DateTimeOffset(certificate.NotAfter).ToUniversalTime(),
            DateTimeOffset.MaxValue
        );
    }

    private static ClientKey OfPublicKey(string officeSystemId, byte[] der)
    {
        using var key = PublicKeyOf(der);
        return new ClientKey(
            officeSystemId,
            SHA256.HashData(der),
            IsCertificate: false,
            der,
            "",
            DateTimeOffset.MinValue,
            DateTimeOffset.MaxValue,
            DateTimeOffset.MaxValue
        );
    }
}
