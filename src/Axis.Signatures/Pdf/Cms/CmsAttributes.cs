using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>The signed attributes of a CMS signature: what the signer's key really signed.</summary>
internal sealed class CmsAttributes
{
    /// <summary>RFC 5652 section 4: content without a type of its own.</summary>
    public const string Data = "1.2.840.113549.1.7.1";

    /// <summary>RFC 3161 section 2.4.2: what a time-stamping authority signs.</summary>
    public const string TimeStampInfo = "1.2.840.113549.1.9.16.1.4";

    private HashAlgorithmName _certificateHash;
    private byte[]? _certificateDigest;

    /// <summary>The attributes as they are hashed: a SET OF instead of the context tag (RFC 5652 section 5.4).</summary>
    public byte[] Encoded { get; private init; } = [];
    public byte[] MessageDigest { get; private set; } = [];
    public DateTimeOffset? SigningTime { get; private set; }
    public bool NamesCertificate => _certificateDigest is not null;

    public static CmsAttributes Read(ReadOnlyMemory<byte> tagged, string contentType)
    {
        var encoded = tagged.ToArray();
        encoded[0] = 0x31;
        var attributes = new CmsAttributes { Encoded = encoded };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var list = new AsnReader(encoded, AsnEncodingRules.DER).ReadSetOf(
            skipSortOrderValidation: true
        );
        while (list.HasData)
        {
            var attribute = list.ReadSequence();
            var oid = attribute.ReadObjectIdentifier();
            if (!seen.Add(oid))
                throw new AsnContentException();
            attributes.ReadValue(
                oid,
                attribute.ReadSetOf(skipSortOrderValidation: true),
                contentType
            );
        }
        // RFC 5652 section 11: both are required where attributes are signed.
        return seen.Contains("1.2.840.113549.1.9.3") && attributes.MessageDigest.Length > 0
            ? attributes
            : throw new AsnContentException();
    }

    /// <summary>False when the attributes name another certificate than this one (ESS, RFC 5035).</summary>
    public bool Names(X509Certificate2 certificate) =>
        _certificateDigest is null
        || Digests
            .Hash(_certificateHash, certificate.RawDataMemory.Span)
            .AsSpan()
            .SequenceEqual(_certificateDigest);

    private void ReadValue(string oid, AsnReader values, string contentType)
    {
        switch (oid)
        {
            case "1.2.840.113549.1.9.3" when values.ReadObjectIdentifier() != contentType:
                throw new AsnContentException();
            case "1.2.840.113549.1.9.4":
                MessageDigest = values.ReadOctetString();
                break;
            case "1.2.840.113549.1.9.5":
                SigningTime = values.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime)
                    ? values.ReadUtcTime()
                    : values.ReadGeneralizedTime();
                break;
            case "1.2.840.113549.1.9.16.2.47":
                ReadSigningCertificate(values.ReadSequence().ReadSequence().ReadSequence());
                break;
            // The older form, by SHA-1, which older time stamps have; the newer one counts where both are.
            case "1.2.840.113549.1.9.16.2.12" when _certificateDigest is null:
                _certificateHash = HashAlgorithmName.SHA1;
                _certificateDigest = values
                    .ReadSequence()
                    .ReadSequence()
                    .ReadSequence()
                    .ReadOctetString();
                break;
        }
    }

    private void ReadSigningCertificate(AsnReader identifier)
    {
        _certificateHash = identifier.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)
            ? CmsSigner.ReadDigest(identifier.ReadSequence())
            : HashAlgorithmName.SHA256;
        _certificateDigest = identifier.ReadOctetString();
    }
}
