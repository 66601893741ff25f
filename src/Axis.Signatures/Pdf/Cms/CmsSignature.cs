using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A CMS signature (RFC 5652) of one signer with signed attributes, as PAdES requires: detached, or a time stamp with its content.</summary>
internal sealed class CmsSignature : IDisposable
{
    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Tag1 = new(TagClass.ContextSpecific, 1);

    private readonly List<X509Certificate2> _certificates = [];
    private CmsSigner _signer = null!;

    public SignerFacts Signer { get; private set; } = null!;

    /// <summary>All certificates that came along, the signer's included.</summary>
    public IReadOnlyList<X509Certificate2> Certificates => _certificates;
    public bool UsesSha1 => _signer.Digest == HashAlgorithmName.SHA1;
    public HashAlgorithmName Digest => _signer.Digest;
    public DateTimeOffset? ClaimedTime => _signer.Attributes.SigningTime;

    /// <summary>What a time stamp carries; null for a detached signature.</summary>
    public byte[]? Content { get; private set; }

    /// <summary>The value that the signer's key gave; a time stamp on the signature is over it.</summary>
    public byte[] Value => _signer.Value;

    /// <summary>The time stamp on the signature; empty for none.</summary>
    public ReadOnlyMemory<byte> TimeStamp => _signer.TimeStamp;

    /// <summary>Do the signed attributes name the signer's certificate?</summary>
    public bool NamesCertificate => _signer.Attributes.NamesCertificate;

    /// <param name="padded">The value, perhaps with zeros behind it.</param>
    /// <param name="contentType">Which kind of content it must be over: <see cref="CmsAttributes.Data"/>, detached, or <see cref="CmsAttributes.TimeStampInfo"/>.</param>
    /// <exception cref="ProfileException">The signature is malformed or not supported.</exception>
    public static CmsSignature Read(ReadOnlyMemory<byte> padded, string contentType)
    {
        var signature = new CmsSignature();
        try
        {
            signature.Parse(padded, contentType);
            return signature;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            signature.Dispose();
            throw ProfileException.Malformed(
                "The signature value in the PDF is no CMS signature.",
                "Giá trị chữ ký trong PDF không phải là chữ ký CMS."
            );
        }
        catch
        {
            signature.Dispose();
            throw;
        }
    }

    /// <summary>Do the attributes name this digest of the content, and did the signer's key sign them?</summary>
    public bool Holds(ReadOnlySpan<byte> contentDigest) =>
        CryptographicOperations.FixedTimeEquals(contentDigest, _signer.Attributes.MessageDigest)
        && _signer.Attributes.Names(Signer.Certificate)
        && _signer.Verify(Signer.Certificate);

    public void Dispose()
    {
        foreach (var certificate in _certificates)
            certificate.Dispose();
    }

    private void Parse(ReadOnlyMemory<byte> padded, string contentType)
    {
        // The space reserved for the value is larger than the value; the rest is zeros.
        AsnDecoder.ReadEncodedValue(
            padded.Span,
            AsnEncodingRules.BER,
            out _,
            out _,
            out var length
        );
        if (padded.Span[length..].IndexOfAnyExcept((byte)0) >= 0)
            throw new AsnContentException();
        var content = new AsnReader(padded[..length], AsnEncodingRules.BER).ReadSequence();
        if (content.ReadObjectIdentifier() != "1.2.840.113549.1.7.2")
            throw new AsnContentException();
        var signedData = content.ReadSequence(Tag0).ReadSequence();
        signedData.ReadInteger();
        signedData.ReadSetOf(skipSortOrderValidation: true);
        ReadContent(signedData.ReadSequence(), contentType);
        if (signedData.PeekTag().HasSameClassAndValue(Tag0))
            ReadCertificates(signedData.ReadSetOf(skipSortOrderValidation: true, Tag0));
        if (signedData.PeekTag().HasSameClassAndValue(Tag1))
            signedData.ReadEncodedValue();
        var signers = signedData.ReadSetOf(skipSortOrderValidation: true);
        _signer = CmsSigner.Read(signers.ReadSequence(), contentType);
        if (signers.HasData)
        {
            throw ProfileException.Unsupported(
                "The PDF signature has more than one signer.",
                "Chữ ký PDF có nhiều hơn một người ký."
            );
        }
        Signer = SignerFacts.Of(
            _certificates.Find(_signer.IsOf) ?? throw new AsnContentException()
        );
    }

    private void ReadContent(AsnReader encapsulated, string contentType)
    {
        var detached = contentType == CmsAttributes.Data;
        if (encapsulated.ReadObjectIdentifier() != contentType || detached == encapsulated.HasData)
        {
            throw ProfileException.Unsupported(
                "The PDF signature is over another kind of content than its SubFilter says (an outdated form).",
                "Nội dung mà chữ ký PDF bảo vệ không đúng loại như SubFilter đã ghi (dạng chữ ký cũ)."
            );
        }
        if (!detached)
            Content = encapsulated.ReadSequence(Tag0).ReadOctetString();
    }

    private void ReadCertificates(AsnReader certificates)
    {
        while (certificates.HasData)
        {
            if (_certificates.Count == 16)
                throw new AsnContentException();
            var isCertificate = certificates.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence);
            var encoded = certificates.ReadEncodedValue();
            if (isCertificate)
                _certificates.Add(X509CertificateLoader.LoadCertificate(encoded.Span));
        }
    }
}
