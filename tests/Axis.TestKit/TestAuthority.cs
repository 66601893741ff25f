using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.TestKit;

/// <summary>
/// An authority made for one test, with an elliptic key because that is quick to make. It issues certificates that say
/// where to ask about them, and says whatever a test wants of them.
/// </summary>
public sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DateTimeOffset _from;
    private readonly DateTimeOffset _to;
    private int _serial;

    public TestAuthority(DateTimeOffset now, string name = "CN=Tổ chức chứng thực thử nghiệm")
    {
        (_from, _to) = (now.AddYears(-1), now.AddYears(9));
        var request = new CertificateRequest(name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(
                X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign,
                true
            )
        );
        request.CertificateExtensions.Add(
            new X509SubjectKeyIdentifierExtension(request.PublicKey, false)
        );
        Certificate = request.CreateSelfSigned(_from, _to);
    }

    private TestAuthority(TestAuthority above, string name)
    {
        (_from, _to) = (above._from, above._to);
        var request = new CertificateRequest(name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.Create(
            above.Certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(above._key),
            _from,
            _to,
            [2, 0, 0, 1]
        );
        Certificate = certificate.CopyWithPrivateKey(_key);
    }

    /// <summary>An authority below this one.</summary>
    public TestAuthority IssueAuthority(string name) => new(this, name);

    /// <summary>With its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>A certificate for signing, with its key.</summary>
    public X509Certificate2 Issue(string name, Uri? responder = null, Uri? list = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            "CN=" + name,
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(
                X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation,
                true
            )
        );
        if (responder is not null)
        {
            request.CertificateExtensions.Add(
                new X509AuthorityInformationAccessExtension([responder.AbsoluteUri], [])
            );
        }
        if (list is not null)
        {
            request.CertificateExtensions.Add(
                CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([
                    list.AbsoluteUri,
                ])
            );
        }
        using var certificate = Issue(request);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Who may answer for the authority, unless it lacks the usage that says so.</summary>
    public X509Certificate2 IssueResponder(bool withUsage = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=OCSP", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension(
                [new Oid(withUsage ? "1.3.6.1.5.5.7.3.9" : "1.3.6.1.5.5.7.3.4")],
                false
            )
        );
        using var certificate = Issue(request);
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>A list of revoked certificates, DER.</summary>
    public byte[] List(
        DateTimeOffset thisUpdate,
        DateTimeOffset nextUpdate,
        params X509Certificate2[] revoked
    )
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            builder.AddEntry(certificate, thisUpdate);
        }
        return builder.Build(
            Certificate,
            1,
            nextUpdate,
            HashAlgorithmName.SHA256,
            rsaSignaturePadding: null,
            thisUpdate
        );
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(CertificateRequest request)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        return request.Create(
            Certificate.SubjectName,
            X509SignatureGenerator.CreateForECDsa(_key),
            _from,
            _to.AddDays(-1),
            [0x40, .. BitConverter.GetBytes(Interlocked.Increment(ref _serial))]
        );
    }
}

/// <summary>An answer of an OCSP responder (RFC 6960), true or not.</summary>
public sealed record TestOcsp(X509Certificate2 Signer, DateTimeOffset ThisUpdate)
{
    private const string EcdsaSha256 = "1.2.840.10045.4.3.2";

    public DateTimeOffset? RevokedAt { get; init; }
    public bool Unknown { get; init; }
    public DateTimeOffset? NextUpdate { get; init; }

    /// <summary>Null: as in the question. Empty: none.</summary>
    public byte[]? Nonce { get; init; }

    /// <summary>About another certificate than the one in question.</summary>
    public bool OfAnother { get; init; }

    /// <summary>Sent along, as a responder's certificate is that is not the authority's own.</summary>
    public bool WithCertificate { get; init; }

    public string Algorithm { get; init; } = EcdsaSha256;

    public byte[] To(byte[] question)
    {
        var (certId, nonce) = Read(question);
        var data = Data(certId, Nonce ?? nonce);
        using var key = Signer.GetECDsaPrivateKey()!;
        var signature = key.SignData(
            data,
            HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence
        );
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(data);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Algorithm);
            }
            writer.WriteBitString(signature);
            if (WithCertificate)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                using (writer.PushSequence())
                {
                    writer.WriteEncodedValue(Signer.RawData);
                }
            }
        }
        return Wrap(writer.Encode());
    }

    /// <summary>A responder that says nothing but "later" (status 3).</summary>
    public static byte[] TryLater { get; } = [0x30, 0x03, 0x0A, 0x01, 0x03];

    private static (byte[] CertId, byte[] Nonce) Read(byte[] question)
    {
        var request = new AsnReader(question, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        var certId = request.ReadSequence().ReadSequence().ReadEncodedValue().ToArray();
        var extension = request
            .ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 2))
            .ReadSequence()
            .ReadSequence();
        extension.ReadObjectIdentifier();
        var nonce = new AsnReader(
            extension.ReadOctetString(),
            AsnEncodingRules.DER
        ).ReadOctetString();
        return (certId, nonce);
    }

    private byte[] Data(byte[] certId, byte[] nonce)
    {
        if (OfAnother)
        {
            // The last byte is that of the serial number.
            certId[^1] ^= 1;
        }
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                writer.WriteEncodedValue(Signer.SubjectName.RawData);
            }
            writer.WriteGeneralizedTime(ThisUpdate, omitFractionalSeconds: true);
            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(certId);
                WriteStatus(writer);
                writer.WriteGeneralizedTime(ThisUpdate, omitFractionalSeconds: true);
                if (NextUpdate is { } next)
                {
                    using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                    {
                        writer.WriteGeneralizedTime(next, omitFractionalSeconds: true);
                    }
                }
            }
            if (nonce.Length > 0)
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
                using (writer.PushSequence())
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.2");
                    using (writer.PushOctetString())
                    {
                        writer.WriteOctetString(nonce);
                    }
                }
            }
        }
        return writer.Encode();
    }

    private void WriteStatus(AsnWriter writer)
    {
        if (RevokedAt is { } since)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
            {
                writer.WriteGeneralizedTime(since, omitFractionalSeconds: true);
            }
        }
        else
        {
            writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, Unknown ? 2 : 0));
        }
    }

    private static byte[] Wrap(byte[] basic)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue([0x0A, 0x01, 0x00]);
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.6.1.5.5.7.48.1.1");
                writer.WriteOctetString(basic);
            }
        }
        return writer.Encode();
    }
}
