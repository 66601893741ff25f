using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>
/// Reads what an OCSP responder answered (RFC 6960 section 4.2) and believes it only if it is signed by the issuer or
/// by whom the issuer made its responder, is about the certificate that was asked for, is not another question's
/// answer, and is of now.
/// </summary>
public sealed class OcspAnswer
{
    private const string BasicResponse = "1.3.6.1.5.5.7.48.1.1";
    private const string ResponderUsage = "1.3.6.1.5.5.7.3.9";
    private const int MaxCertificates = 8;

    /// <summary>How old an answer may be that does not say until when it holds.</summary>
    private static readonly TimeSpan OldestOpenAnswer = TimeSpan.FromHours(1);

    private static readonly Asn1Tag Tag0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag Tag1 = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag Tag2 = new(TagClass.ContextSpecific, 2);

    private readonly OcspQuestion _question;
    private readonly DateTimeOffset _now;
    private readonly TimeSpan _skew;

    private ReadOnlyMemory<byte> _signed;
    private ReadOnlyMemory<byte> _responderName;
    private byte[]? _responderKeyHash;
    private byte[]? _nonce;
    private RevocationFinding? _finding;

    private OcspAnswer(OcspQuestion question, DateTimeOffset now, TimeSpan skew) =>
        (_question, _now, _skew) = (question, now, skew);

    /// <exception cref="RevocationException">It is no answer, or none that can be believed.</exception>
    public static RevocationFinding Read(
        ReadOnlyMemory<byte> encoded,
        OcspQuestion question,
        DateTimeOffset now,
        TimeSpan skew,
        string source
    )
    {
        try
        {
            return new OcspAnswer(question, now, skew).Read(encoded, source);
        }
        catch (Exception failure) when (failure is AsnContentException or CryptographicException)
        {
            throw new RevocationException("the answer is no OCSP response", failure);
        }
    }

    private RevocationFinding Read(ReadOnlyMemory<byte> encoded, string source)
    {
        var response = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence();
        var status = response.ReadEnumeratedBytes().Span;
        if (status is not [0])
        {
            throw new RevocationException($"the responder answered with status {status[0]}");
        }
        var bytes = response.ReadSequence(Tag0).ReadSequence();
        if (bytes.ReadObjectIdentifier() != BasicResponse)
        {
            throw new RevocationException("the answer is of a type that is not known");
        }
        var basic = new AsnReader(bytes.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
        _signed = basic.PeekEncodedValue();
        ReadData(basic.ReadSequence(), source);
        var signature = AuthoritySignature.Read(basic);
        var certificates = ReadCertificates(basic);
        try
        {
            CheckSigner(signature, certificates);
        }
        finally
        {
            foreach (var certificate in certificates)
            {
                certificate.Dispose();
            }
        }
        // Not every responder sends it back; one that does must send back this one (RFC 6960 section 4.4.1).
        if (_nonce is not null && !_nonce.AsSpan().SequenceEqual(_question.Nonce))
        {
            throw new RevocationException("the answer carries the nonce of another question");
        }
        var finding =
            _finding ?? throw new RevocationException("the answer is about another certificate");
        CheckTime(finding);
        return finding;
    }

    private void ReadData(AsnReader data, string source)
    {
        if (data.PeekTag().HasSameClassAndValue(Tag0))
        {
            data.ReadEncodedValue();
        }
        if (data.PeekTag().HasSameClassAndValue(Tag1))
        {
            _responderName = data.ReadSequence(Tag1).ReadEncodedValue();
        }
        else
        {
            _responderKeyHash = data.ReadSequence(Tag2).ReadOctetString();
        }
        data.ReadGeneralizedTime();
        var responses = data.ReadSequence();
        while (responses.HasData)
        {
            var single = responses.ReadSequence();
            if (_question.IsAbout(single.ReadSequence()))
            {
                _finding = ReadSingle(single, source);
            }
        }
        if (data.HasData && data.PeekTag().HasSameClassAndValue(Tag1))
        {
            ReadNonce(data.ReadSequence(Tag1).ReadSequence());
        }
    }

    private static RevocationFinding ReadSingle(AsnReader single, string source)
    {
        var status = single.PeekTag();
        DateTimeOffset? revokedAt = null;
        if (status.HasSameClassAndValue(Tag1))
        {
            revokedAt = single.ReadSequence(Tag1).ReadGeneralizedTime();
        }
        else if (status.HasSameClassAndValue(Tag0))
        {
            single.ReadEncodedValue();
        }
        else
        {
            throw new RevocationException("the responder does not know the certificate");
        }
        var thisUpdate = single.ReadGeneralizedTime();
        DateTimeOffset? nextUpdate = null;
        if (single.HasData && single.PeekTag().HasSameClassAndValue(Tag0))
        {
            nextUpdate = single.ReadSequence(Tag0).ReadGeneralizedTime();
        }
        return new(revokedAt is not null, revokedAt, thisUpdate, nextUpdate, source);
    }

    private void ReadNonce(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            {
                extension.ReadBoolean();
            }
            var value = extension.ReadOctetString();
            if (oid == OcspQuestion.NonceOid)
            {
                _nonce = new AsnReader(value, AsnEncodingRules.BER).ReadOctetString();
            }
        }
    }

    private static List<X509Certificate2> ReadCertificates(AsnReader basic)
    {
        var certificates = new List<X509Certificate2>();
        if (basic.HasData && basic.PeekTag().HasSameClassAndValue(Tag0))
        {
            var list = basic.ReadSequence(Tag0).ReadSequence();
            while (list.HasData && certificates.Count < MaxCertificates)
            {
                certificates.Add(
                    X509CertificateLoader.LoadCertificate(list.ReadEncodedValue().Span)
                );
            }
        }
        return certificates;
    }

    /// <summary>RFC 6960 section 4.2.2.2: the issuer itself, or whom it issued a certificate for exactly this.</summary>
    private void CheckSigner(AuthoritySignature signature, List<X509Certificate2> certificates)
    {
        var signer = IsResponder(_question.Issuer)
            ? _question.Issuer
            : certificates.FirstOrDefault(one => IsResponder(one) && IsDelegated(one));
        if (signer is null)
        {
            throw new RevocationException("the answer is not by the issuer nor its responder");
        }
        if (!signature.Holds(signer, _signed.Span))
        {
            throw new RevocationException("the signature of the answer is broken");
        }
    }

    private bool IsResponder(X509Certificate2 certificate)
    {
        if (_responderKeyHash is null)
        {
            return certificate.SubjectName.RawData.AsSpan().SequenceEqual(_responderName.Span);
        }
#pragma warning disable CA5350 // A name, as in the question (RFC 6960 section 4.2.1).
        var hash = SHA1.HashData(certificate.PublicKey.EncodedKeyValue.RawData);
#pragma warning restore CA5350
        return hash.AsSpan().SequenceEqual(_responderKeyHash);
    }

    private bool IsDelegated(X509Certificate2 certificate) =>
        certificate
            .Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .Any(extension => extension.EnhancedKeyUsages[ResponderUsage] is not null)
        && certificate.NotBefore.ToUniversalTime() <= _now.UtcDateTime + _skew
        && certificate.NotAfter.ToUniversalTime() >= _now.UtcDateTime - _skew
        && IssuedCertificates.IsIssuedBy(certificate, _question.Issuer);

    private void CheckTime(RevocationFinding finding)
    {
        if (finding.ThisUpdate > _now + _skew)
        {
            throw new RevocationException("the answer is of a time to come");
        }
        if (finding.NextUpdate < _now - _skew)
        {
            throw new RevocationException("the answer has run out");
        }
        if (finding.NextUpdate is null && finding.ThisUpdate < _now - OldestOpenAnswer - _skew)
        {
            throw new RevocationException("the answer is old and names no end");
        }
    }
}
