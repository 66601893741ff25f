using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>SignerInfo of a CMS signature (RFC 5652 section 5.3).</summary>
internal sealed record CmsSigner(
    ReadOnlyMemory<byte> Issuer,
    BigInteger Serial,
    ReadOnlyMemory<byte> KeyIdentifier,
    HashAlgorithmName Digest,
    CmsAttributes Attributes,
    KeyScheme Scheme,
    byte[] Value,
    ReadOnlyMemory<byte> TimeStamp
)
{
    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Tag1 = new(TagClass.ContextSpecific, 1);

    public static CmsSigner Read(AsnReader signer, string contentType)
    {
        signer.ReadInteger();
        ReadOnlyMemory<byte> issuer = default;
        ReadOnlyMemory<byte> keyIdentifier = default;
        var serial = BigInteger.Zero;
        if (signer.PeekTag().HasSameClassAndValue(Tag0))
        {
            keyIdentifier = signer.ReadOctetString(Tag0);
        }
        else
        {
            var name = signer.ReadSequence();
            issuer = name.ReadEncodedValue();
            serial = name.ReadInteger();
        }
        var digest = ReadDigest(signer.ReadSequence());
        if (!signer.PeekTag().HasSameClassAndValue(Tag0))
            throw new AsnContentException();
        var attributes = CmsAttributes.Read(signer.ReadEncodedValue(), contentType);
        var scheme = ReadScheme(signer.ReadSequence(), digest);
        return new CmsSigner(
            issuer,
            serial,
            keyIdentifier,
            digest,
            attributes,
            scheme,
            signer.ReadOctetString(),
            ReadTimeStamp(signer)
        );
    }

    /// <summary>RFC 3161 appendix A: the time stamp on the signature is an attribute that is not signed.</summary>
    private static ReadOnlyMemory<byte> ReadTimeStamp(AsnReader signer)
    {
        if (!signer.HasData)
            return default;
        var attributes = signer.ReadSetOf(skipSortOrderValidation: true, Tag1);
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            if (attribute.ReadObjectIdentifier() == "1.2.840.113549.1.9.16.2.14")
                return attribute.ReadSetOf(skipSortOrderValidation: true).ReadEncodedValue();
        }
        return default;
    }

    public bool IsOf(X509Certificate2 certificate)
    {
        if (KeyIdentifier.IsEmpty)
        {
            return new BigInteger(
                    certificate.SerialNumberBytes.Span,
                    isUnsigned: false,
                    isBigEndian: true
                ) == Serial
                && certificate.IssuerName.RawData.AsSpan().SequenceEqual(Issuer.Span);
        }
        var extension = certificate
            .Extensions.OfType<X509SubjectKeyIdentifierExtension>()
            .FirstOrDefault();
        return extension is not null
            && extension.SubjectKeyIdentifierBytes.Span.SequenceEqual(KeyIdentifier.Span);
    }

    public bool Verify(X509Certificate2 certificate)
    {
        var hash = Digests.Hash(Digest, Attributes.Encoded);
        try
        {
            if (Scheme == KeyScheme.Ecdsa)
            {
                using var ecdsa = certificate.GetECDsaPublicKey();
                return ecdsa is not null
                    && ecdsa.VerifyHash(hash, Value, DSASignatureFormat.Rfc3279DerSequence);
            }
            using var rsa = certificate.GetRSAPublicKey();
            var padding =
                Scheme == KeyScheme.RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
            return rsa is not null && rsa.VerifyHash(hash, Value, Digest, padding);
        }
        catch (CryptographicException)
        {
            // A key or signature value that the platform cannot even process.
            return false;
        }
    }

    internal static HashAlgorithmName ReadDigest(AsnReader algorithm)
    {
        var oid = algorithm.ReadObjectIdentifier();
        return oid switch
        {
            "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
            "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
            "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
            "1.3.14.3.2.26" => HashAlgorithmName.SHA1,
            _ => throw NotListed(oid),
        };
    }

    private static KeyScheme ReadScheme(AsnReader algorithm, HashAlgorithmName digest)
    {
        var oid = algorithm.ReadObjectIdentifier();
        var (scheme, hash) = oid switch
        {
            "1.2.840.113549.1.1.1" => (KeyScheme.RsaPkcs1, digest),
            "1.2.840.113549.1.1.5" => (KeyScheme.RsaPkcs1, HashAlgorithmName.SHA1),
            "1.2.840.113549.1.1.11" => (KeyScheme.RsaPkcs1, HashAlgorithmName.SHA256),
            "1.2.840.113549.1.1.12" => (KeyScheme.RsaPkcs1, HashAlgorithmName.SHA384),
            "1.2.840.113549.1.1.13" => (KeyScheme.RsaPkcs1, HashAlgorithmName.SHA512),
            // RFC 4055 section 3.1: the hash is the first parameter, SHA-1 when absent.
            "1.2.840.113549.1.1.10" => (
                KeyScheme.RsaPss,
                ReadDigest(algorithm.ReadSequence().ReadSequence(Tag0).ReadSequence())
            ),
            "1.2.840.10045.4.3.2" => (KeyScheme.Ecdsa, HashAlgorithmName.SHA256),
            "1.2.840.10045.4.3.3" => (KeyScheme.Ecdsa, HashAlgorithmName.SHA384),
            "1.2.840.10045.4.3.4" => (KeyScheme.Ecdsa, HashAlgorithmName.SHA512),
            _ => throw NotListed(oid),
        };
        return hash == digest ? scheme : throw NotListed(oid);
    }

    private static ProfileException NotListed(string oid) =>
        ProfileException.Unsupported(
            $"The algorithm {oid} of the PDF signature is not accepted here.",
            $"Thuật toán {oid} của chữ ký PDF không được chấp nhận."
        );
}
