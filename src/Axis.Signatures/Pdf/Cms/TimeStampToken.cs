using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Axis.Signatures;

/// <summary>A time stamp (RFC 3161): an authority's word that a digest existed at a time.</summary>
internal sealed class TimeStampToken : IDisposable
{
    private readonly CmsSignature _signature;
    private readonly HashAlgorithmName _imprintHash;
    private readonly byte[] _imprint;

    private TimeStampToken(CmsSignature signature, AsnReader info)
    {
        _signature = signature;
        info.ReadInteger();
        info.ReadObjectIdentifier();
        var imprint = info.ReadSequence();
        _imprintHash = CmsSigner.ReadDigest(imprint.ReadSequence());
        _imprint = imprint.ReadOctetString();
        info.ReadInteger();
        Time = info.ReadGeneralizedTime();
    }

    public DateTimeOffset Time { get; }

    /// <summary>How the stamped bytes are hashed.</summary>
    public HashAlgorithmName ImprintHash => _imprintHash;

    /// <exception cref="ProfileException">It is malformed or not supported.</exception>
    public static TimeStampToken Read(ReadOnlyMemory<byte> padded)
    {
        var signature = CmsSignature.Read(padded, CmsAttributes.TimeStampInfo);
        try
        {
            // RFC 3161 section 2.4.2: the token names the authority's certificate, so that none can be put in its place.
            if (!signature.NamesCertificate)
                throw new AsnContentException();
            var info = new AsnReader(signature.Content, AsnEncodingRules.BER).ReadSequence();
            return new TimeStampToken(signature, info);
        }
        catch (AsnContentException)
        {
            signature.Dispose();
            throw ProfileException.Malformed(
                "The time stamp holds no time-stamp information.",
                "Dấu thời gian không chứa thông tin thời gian."
            );
        }
        catch
        {
            signature.Dispose();
            throw;
        }
    }

    /// <summary>What the stamp is worth for bytes with that hash.</summary>
    public SignatureVerdict Judge(
        ReadOnlySpan<byte> hash,
        ChainJudge chain,
        DateTimeOffset at,
        VerificationOptions options
    )
    {
        var authority = _signature.Signer;
        if (
            !CryptographicOperations.FixedTimeEquals(hash, _imprint)
            || !_signature.Holds(Digests.Hash(_signature.Digest, _signature.Content))
        )
        {
            return authority.Verdict(
                SignatureVerdictKind.Broken,
                "The time stamp is over something else, or another key signed it.",
                "Dấu thời gian không thuộc về nội dung này, hoặc được ký bằng khóa khác."
            );
        }
        var sha1 = _signature.UsesSha1 || _imprintHash == HashAlgorithmName.SHA1;
        if (sha1 && !options.AllowsSha1(authority.Thumbprint, at))
            return CertificateJudge.Sha1().Verdict;
        if (Time > at)
        {
            return authority.Verdict(
                SignatureVerdictKind.Untrusted,
                $"The time stamp names a time to come, {CertificateJudge.Show(Time)}.",
                $"Dấu thời gian ghi thời điểm trong tương lai, {CertificateJudge.Show(Time)}."
            );
        }
        var verdict = chain.Judge(authority, Time, _signature.Certificates, forTimeStamps: true);
        return sha1 ? CertificateJudge.MarkSha1(verdict) : verdict;
    }

    public void Dispose() => _signature.Dispose();
}
