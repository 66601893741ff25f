using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A certificate authority made at run time, for demonstrations and tests; its key lives only in memory.</summary>
public sealed class DemoAuthority : IDisposable
{
    private readonly RSA _key;

    /// <param name="notBefore">From when the authority's certificate is valid.</param>
    /// <param name="notAfter">Until when.</param>
    /// <param name="name">Common name.</param>
    /// <param name="keySize">Bits of the authority's RSA key.</param>
    public DemoAuthority(
        DateTimeOffset notBefore,
        DateTimeOffset notAfter,
        string name = "Axis demo authority",
        int keySize = 3072
    )
    {
        _key = RSA.Create(keySize);
        var request = new CertificateRequest(
            Name(name, null),
            _key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(
                X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
                true
            )
        );
        request.CertificateExtensions.Add(
            new X509SubjectKeyIdentifierExtension(request.PublicKey, false)
        );
        Certificate = request.CreateSelfSigned(notBefore, notAfter);
    }

    /// <summary>The authority's own certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A list, DER, that says in this time that nobody was revoked.</summary>
    public byte[] EmptyRevocationList(DateTimeOffset thisUpdate, DateTimeOffset nextUpdate) =>
        new CertificateRevocationListBuilder().Build(
            Certificate,
            1,
            nextUpdate,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1,
            thisUpdate
        );

    /// <summary>Issues a signing certificate with a fresh RSA key.</summary>
    /// <param name="code">The agency's code: common name.</param>
    /// <param name="name">The agency's name: organisation.</param>
    /// <param name="notBefore">Not before the authority's own.</param>
    /// <param name="notAfter">Not after the authority's own.</param>
    /// <param name="usage">What the key may be used for.</param>
    /// <param name="keySize">Bits of the RSA key.</param>
    public IssuedCertificate Issue(
        string code,
        string name,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter,
        X509KeyUsageFlags usage =
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation,
        int keySize = 2048
    )
    {
        using var key = RSA.Create(keySize);
        var request = new CertificateRequest(
            Name(code, name),
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        return Issue(
            request,
            notBefore,
            notAfter,
            usage,
            certificate => certificate.CopyWithPrivateKey(key)
        );
    }

    /// <summary>Issues a signing certificate with a fresh elliptic-curve key.</summary>
    public IssuedCertificate IssueElliptic(
        string code,
        string name,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter,
        ECCurve curve
    )
    {
        using var key = ECDsa.Create(curve);
        var request = new CertificateRequest(Name(code, name), key, HashAlgorithmName.SHA256);
        return Issue(
            request,
            notBefore,
            notAfter,
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation,
            certificate => certificate.CopyWithPrivateKey(key)
        );
    }

    private IssuedCertificate Issue(
        CertificateRequest request,
        DateTimeOffset notBefore,
        DateTimeOffset notAfter,
        X509KeyUsageFlags usage,
        Func<X509Certificate2, X509Certificate2> withKey
    )
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        request.CertificateExtensions.Add(
            new X509SubjectKeyIdentifierExtension(request.PublicKey, false)
        );
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false)
        );
        var serial = RandomNumberGenerator.GetBytes(16);
        // RFC 5280 section 4.1.2.2: a serial number is positive.
        serial[0] = (byte)(serial[0] & 0x7F | 0x40);
        using var certificate = request.Create(
            Certificate.SubjectName,
            X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1),
            notBefore,
            notAfter,
            serial
        );
        return new IssuedCertificate(withKey(certificate));
    }

    private static X500DistinguishedName Name(string commonName, string? organization)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCountryOrRegion("VN");
        if (organization is not null)
            builder.AddOrganizationName(Shorten(organization));
        builder.AddCommonName(Shorten(commonName));
        return builder.Build();
    }

    /// <summary>RFC 5280 appendix A.1: ub-common-name and ub-organization-name are 64 characters.</summary>
    private static string Shorten(string text) =>
        text.Length <= 64 ? text : text[..(char.IsHighSurrogate(text[63]) ? 63 : 64)];

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}

/// <summary>A certificate together with its private key.</summary>
public sealed class IssuedCertificate : IDisposable
{
    internal IssuedCertificate(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>With private key.</summary>
    public X509Certificate2 Certificate { get; }

    public string CertificatePem => Certificate.ExportCertificatePem();

    /// <summary>PKCS#8, unencrypted: a secret.</summary>
    public string ExportPrivateKeyPem()
    {
        using AsymmetricAlgorithm key =
            (AsymmetricAlgorithm?)Certificate.GetRSAPrivateKey()
            ?? Certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    public void Dispose() => Certificate.Dispose();
}
