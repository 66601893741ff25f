using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>Decides whose key may verify a signature, and what the result is worth at a given time.</summary>
internal static class CertificateJudge
{
    /// <summary>Applies the policy in the order: algorithms, registration, mathematics, usage, validity, revocation.</summary>
    /// <param name="claims">What the signature says of itself.</param>
    /// <param name="registered">The sender's certificates.</param>
    /// <param name="at">The time in question.</param>
    /// <param name="options">Limits and exceptions.</param>
    /// <param name="chain">Judges the registered certificate's chain and revocation; null when the registry alone decides.</param>
    /// <param name="signedInfoHash">The hash of the canonical SignedInfo, by the signature algorithm.</param>
    /// <param name="documentDigest">The digest of the canonical document without its Signature.</param>
    /// <param name="attachments">What is wrong with the attachments that the signature names; null for nothing.</param>
    public static SignatureVerdict Judge(
        SignatureClaims claims,
        IReadOnlyList<RegisteredCertificate> registered,
        DateTimeOffset at,
        VerificationOptions options,
        ChainJudge? chain,
        ReadOnlySpan<byte> signedInfoHash,
        ReadOnlySpan<byte> documentDigest,
        (SignatureVerdictKind Kind, string Reason, string ReasonVi)? attachments
    )
    {
        if (claims.UsesSha1 && !options.Sha1Exceptions.Any(exception => at < exception.Until))
            return Sha1().Verdict;
        var candidates = Candidates(claims, registered);
        if (candidates.Count == 0)
            return Unregistered(claims);
        candidates.RemoveAll(one => !one.IsReadable);
        if (candidates.Count == 0)
            return SignerFacts.Unreadable().Verdict;
        if (claims.UsesSha1)
        {
            candidates.RemoveAll(one => !options.AllowsSha1(one.Facts.Thumbprint, at));
            if (candidates.Count == 0)
                return Sha1().Verdict;
        }
        var only = candidates.Count == 1 ? candidates[0].Facts : null;
        if (!CryptographicOperations.FixedTimeEquals(documentDigest, claims.DigestValue))
        {
            return Verdict(
                SignatureVerdictKind.Broken,
                "The package is not as it was signed: its digest differs from the signed one.",
                "Gói tin không còn nguyên như khi ký: giá trị băm không khớp.",
                only
            );
        }
        if (attachments is var (kind, en, vi))
            return Verdict(kind, en, vi, only);
        // A key may have several certificates, because authorities renew them over it: one that passes is enough.
        SignatureVerdict? best = null;
        foreach (var candidate in candidates)
        {
            if (!candidate.Facts.Holds(claims.Algorithm, signedInfoHash, claims.SignatureValue))
                continue;
            var verdict = JudgeSigner(candidate, at, options, chain, claims);
            if (verdict.IsValid)
                return verdict;
            if (best is null || verdict.Kind == SignatureVerdictKind.NotYetChecked)
                best = verdict;
        }
        if (best is not null)
            return best;
        return Verdict(
            SignatureVerdictKind.Broken,
            "The signature value does not fit the certificate's key: SignedInfo was changed, or another key signed it.",
            "Giá trị chữ ký không khớp với khóa của chứng thư số: SignedInfo đã bị thay đổi hoặc được ký bằng khóa khác.",
            only
        );
    }

    public static ProfileException Sha1() =>
        ProfileException.Unsupported(
            "The signature uses SHA-1, which can be forged; use SHA-256 or stronger.",
            "Chữ ký dùng SHA-1, có thể bị làm giả; hãy dùng SHA-256 trở lên."
        );

    private static List<RegisteredCertificate> Candidates(
        SignatureClaims claims,
        IReadOnlyList<RegisteredCertificate> registered
    ) =>
        claims.Certificates.Count == 0
            ? [.. registered]
            :
            [
                .. registered.Where(r =>
                    claims.Certificates.Any(der =>
                        r.Certificate.RawDataMemory.Span.SequenceEqual(der)
                    )
                ),
            ];

    private static SignatureVerdict Unregistered(SignatureClaims claims)
    {
        if (claims.Certificates.Count == 0)
        {
            return new SignatureVerdict(
                SignatureVerdictKind.Untrusted,
                "No certificate is registered for the sender.",
                "Bên gửi chưa đăng ký chứng thư số nào."
            );
        }
        var der = claims.Certificates[0];
        string? subject = null;
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(der);
            subject = certificate.Subject;
        }
        catch (CryptographicException)
        {
            return NoCertificate();
        }
        return new SignatureVerdict(
            SignatureVerdictKind.Untrusted,
            $"The certificate in the signature ({subject}) is not registered for the sender.",
            $"Chứng thư số trong chữ ký ({subject}) chưa được đăng ký cho bên gửi.",
            Convert.ToHexStringLower(SHA256.HashData(der)),
            subject
        );
    }

    private static SignatureVerdict JudgeSigner(
        RegisteredCertificate signer,
        DateTimeOffset at,
        VerificationOptions options,
        ChainJudge? chain,
        SignatureClaims claims
    )
    {
        var certificate = signer.Facts;
        if (MayNotSign(certificate, options) is var (en, vi))
            return Verdict(SignatureVerdictKind.Untrusted, en, vi, certificate);
        if (OutsideValidity(certificate, at) is { } expired)
            return expired;
        if (signer.RevokedAt <= at)
        {
            return Verdict(
                SignatureVerdictKind.Revoked,
                $"The certificate was revoked on {Show(signer.RevokedAt)}.",
                $"Chứng thư số đã bị thu hồi ngày {Show(signer.RevokedAt)}.",
                certificate
            );
        }
        var verdict = chain is null
            ? Verdict(
                SignatureVerdictKind.Valid,
                "The signature holds.",
                "Chữ ký hợp lệ.",
                certificate
            )
            : JudgeChain(chain, certificate, at, claims);
        return claims.UsesSha1 ? MarkSha1(verdict) : verdict;
    }

    private static SignatureVerdict JudgeChain(
        ChainJudge chain,
        SignerFacts certificate,
        DateTimeOffset at,
        SignatureClaims claims
    )
    {
        var others = new List<X509Certificate2>();
        try
        {
            // One is the signer's own; reading others costs time.
            if (claims.Certificates.Count > 1)
                others.AddRange(
                    claims.Certificates.Select(der => X509CertificateLoader.LoadCertificate(der))
                );
            return chain.Judge(certificate, at, others, forTimeStamps: false);
        }
        catch (CryptographicException)
        {
            return NoCertificate();
        }
        finally
        {
            foreach (var other in others)
                other.Dispose();
        }
    }

    /// <summary>Says in a verdict that the signature uses SHA-1 and stands by an exception only.</summary>
    internal static SignatureVerdict MarkSha1(SignatureVerdict verdict) =>
        verdict with
        {
            Reason = verdict.Reason + " It uses SHA-1, accepted by a dated exception only.",
            ReasonVi =
                verdict.ReasonVi
                + " Chữ ký dùng SHA-1, chỉ được chấp nhận theo ngoại lệ có thời hạn.",
            Sha1Excepted = true,
        };

    private static SignatureVerdict NoCertificate() =>
        new(
            SignatureVerdictKind.Malformed,
            "The X509Certificate in KeyInfo is no certificate.",
            "X509Certificate trong KeyInfo không phải là chứng thư số."
        );

    internal static SignatureVerdict? OutsideValidity(SignerFacts certificate, DateTimeOffset at)
    {
        var (from, until) = (certificate.NotBefore, certificate.NotAfter);
        if (at < from)
        {
            return Verdict(
                SignatureVerdictKind.Expired,
                $"The certificate is not valid before {Show(from)}.",
                $"Chứng thư số chỉ có hiệu lực từ {Show(from)}.",
                certificate
            );
        }
        if (at > until)
        {
            return Verdict(
                SignatureVerdictKind.Expired,
                $"The certificate expired on {Show(until)}.",
                $"Chứng thư số đã hết hạn ngày {Show(until)}.",
                certificate
            );
        }
        return null;
    }

    internal static (string En, string Vi)? MayNotSign(
        SignerFacts certificate,
        VerificationOptions options
    )
    {
        const X509KeyUsageFlags signing =
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;
        if (certificate.Usage is { } usage && (usage & signing) == X509KeyUsageFlags.None)
        {
            return (
                $"The certificate's key usage ({usage}) does not allow signatures.",
                $"Mục đích sử dụng khóa của chứng thư số ({usage}) không cho phép ký số."
            );
        }
        // A certificate for web servers, programs, time stamps or OCSP answers alone signs no documents.
        if (certificate.ExtendedUsage.Count > 0 && certificate.ExtendedUsage.All(IsForOthers))
        {
            var purposes = string.Join(", ", certificate.ExtendedUsage);
            return (
                $"The certificate's extended key usage ({purposes}) does not allow to sign documents.",
                $"Mục đích sử dụng mở rộng của chứng thư số ({purposes}) không cho phép ký văn bản."
            );
        }
        return TooShort(certificate, options);
    }

    /// <summary>RFC 3161 section 2.3: the certificate of a time-stamping authority is for that alone.</summary>
    internal static (string En, string Vi)? MayNotStamp(
        SignerFacts certificate,
        VerificationOptions options
    ) =>
        certificate.ExtendedUsage is ["1.3.6.1.5.5.7.3.8"]
            ? TooShort(certificate, options)
            : (
                $"The certificate ({certificate.Subject}) is not one of a time-stamping authority.",
                $"Chứng thư số ({certificate.Subject}) không phải của tổ chức cấp dấu thời gian."
            );

    private static bool IsForOthers(string extendedUsage) =>
        extendedUsage
            is "1.3.6.1.5.5.7.3.1" // serverAuth
                or "1.3.6.1.5.5.7.3.3" // codeSigning
                or "1.3.6.1.5.5.7.3.8" // timeStamping
                or "1.3.6.1.5.5.7.3.9"; // OCSPSigning

    private static (string En, string Vi)? TooShort(
        SignerFacts certificate,
        VerificationOptions options
    )
    {
        if (certificate.RsaKeySize < options.MinRsaKeySize)
        {
            return (
                $"The certificate's RSA key has {certificate.RsaKeySize} bits; at least {options.MinRsaKeySize} are required.",
                $"Khóa RSA của chứng thư số dài {certificate.RsaKeySize} bit; yêu cầu tối thiểu {options.MinRsaKeySize} bit."
            );
        }
        return null;
    }

    private static SignatureVerdict Verdict(
        SignatureVerdictKind kind,
        string reason,
        string reasonVi,
        SignerFacts? certificate
    ) => new(kind, reason, reasonVi, certificate?.Thumbprint, certificate?.Subject);

    internal static string Show(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'");
}
