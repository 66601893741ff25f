namespace Axis.Signatures;

/// <summary>
/// Verifies the signatures of a PDF file (CMS, detached) and the time stamps on it over a seekable stream, in bounded
/// memory. A signature whose range is the whole file proves all its bytes, whatever they mean; only where something
/// follows it, the structure of the file is read.
/// </summary>
/// <param name="options">Limits and exceptions; null for the defaults.</param>
public sealed class PdfSignatureVerifier(VerificationOptions? options = null)
{
    private readonly VerificationOptions _options = options ?? VerificationOptions.Default;

    /// <summary>Judges every signature, in the order of the file. Bad files give verdicts, never exceptions.</summary>
    /// <param name="pdf">Seekable; read as a whole from its beginning.</param>
    /// <param name="chain">Judges the signers by the authorities that are trusted.</param>
    /// <param name="at">The time at which the certificates must have been valid, where no time stamp proves an earlier one.</param>
    /// <returns>Empty for a file without signatures. A good signature is <see cref="SignatureVerdictKind.NotYetChecked"/> where revocation is not known.</returns>
    public IReadOnlyList<PdfSignature> Verify(Stream pdf, ChainJudge chain, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(pdf);
        ArgumentNullException.ThrowIfNull(chain);
        var found = PdfSignatureSearch.Find(pdf);
        try
        {
            var stamps = found
                .Where(one => one.Signed?.TimeStamp is not null)
                .Select(one =>
                    (one.Signed!, Judge(one.Signed!.TimeStamp!, one.Signed.Hash, chain, at))
                )
                .ToList();
            var results = found.ConvertAll(one => Judge(one, stamps, chain, at));
            Cover(pdf, found, results);
            return results;
        }
        finally
        {
            foreach (var one in found)
                one.Signed?.Dispose();
        }
    }

    private SignatureVerdict Judge(
        TimeStampToken stamp,
        byte[] hash,
        ChainJudge chain,
        DateTimeOffset at
    ) => stamp.Judge(hash, chain, at, _options);

    private PdfSignature Judge(
        PdfFound found,
        List<(PdfSigned Signed, SignatureVerdict Verdict)> stamps,
        ChainJudge chain,
        DateTimeOffset at
    )
    {
        if (found.Signed is not { } signed)
            return new PdfSignature(found.Problem!, PdfCoverage.None, null, found.Offset);
        if (signed.TimeStamp is not null)
        {
            var own = stamps.Find(one => one.Signed == signed).Verdict;
            return new PdfSignature(own, PdfCoverage.LaterChanges, null, found.Offset)
            {
                Type = PdfSignatureType.DocumentTimeStamp,
                StampedTime = Proves(own) ? signed.TimeStamp.Time : null,
            };
        }
        var (ownStamp, ownTime) = JudgeOwnStamp(signed.Signature!, chain, at);
        var proofs = stamps
            // A time stamp on the document proves the time of every signature that it covers.
            .Where(one => one.Signed.Range.GapStart >= signed.Range.End && Proves(one.Verdict))
            .Select(one => (one.Signed.TimeStamp!.Time, one.Verdict))
            .ToList();
        if (ownStamp is not null && Proves(ownStamp))
            proofs.Add((ownTime, ownStamp));
        var (earliest, proof) = proofs.OrderBy(one => one.Time).FirstOrDefault();
        return new PdfSignature(
            JudgeSigner(signed, chain, at, proof is null ? null : (earliest, proof)),
            PdfCoverage.LaterChanges,
            signed.Signature!.ClaimedTime,
            found.Offset
        )
        {
            TimeStamp = ownStamp,
            StampedTime = proof is null ? null : earliest,
        };
    }

    private SignatureVerdict JudgeSigner(
        PdfSigned signed,
        ChainJudge chain,
        DateTimeOffset at,
        (DateTimeOffset Time, SignatureVerdict Verdict)? proof
    )
    {
        var signature = signed.Signature!;
        var signer = signature.Signer;
        if (signature.UsesSha1 && !_options.AllowsSha1(signer.Thumbprint, at))
            return CertificateJudge.Sha1().Verdict;
        if (!signature.Holds(signed.Hash))
        {
            return signer.Verdict(
                SignatureVerdictKind.Broken,
                "The PDF is not as it was signed, or another key signed it.",
                "Tệp PDF không còn nguyên như khi ký, hoặc được ký bằng khóa khác."
            );
        }
        var verdict = chain.Judge(
            signer,
            proof?.Time ?? at,
            signature.Certificates,
            forTimeStamps: false
        );
        // What only the time stamp makes valid is no better than the time stamp.
        if (
            verdict.IsValid
            && proof?.Verdict.IsValid == false
            && !chain.Judge(signer, at, signature.Certificates, forTimeStamps: false).IsValid
        )
        {
            verdict = verdict with
            {
                Kind = SignatureVerdictKind.NotYetChecked,
                Reason =
                    "The signature holds by its time stamp; whether the authority of that was revoked is not known yet.",
                ReasonVi =
                    "Chữ ký đúng theo dấu thời gian; chưa kiểm tra được việc thu hồi của tổ chức cấp dấu thời gian.",
                Revocation = proof.Value.Verdict.Revocation,
            };
        }
        return signature.UsesSha1 ? CertificateJudge.MarkSha1(verdict) : verdict;
    }

    private (SignatureVerdict? Verdict, DateTimeOffset Time) JudgeOwnStamp(
        CmsSignature signature,
        ChainJudge chain,
        DateTimeOffset at
    )
    {
        if (signature.TimeStamp.IsEmpty)
            return (null, default);
        try
        {
            using var stamp = TimeStampToken.Read(signature.TimeStamp);
            var hash = Digests.Hash(stamp.ImprintHash, signature.Value);
            return (Judge(stamp, hash, chain, at), stamp.Time);
        }
        catch (ProfileException e)
        {
            return (e.Verdict, default);
        }
    }

    private static bool Proves(SignatureVerdict verdict) =>
        verdict.Kind is SignatureVerdictKind.Valid or SignatureVerdictKind.NotYetChecked;

    /// <summary>From the last signature back: an earlier one may be followed by those that hold and are not followed by changes themselves.</summary>
    private static void Cover(Stream pdf, List<PdfFound> found, List<PdfSignature> results)
    {
        var trusted = new HashSet<long>();
        var holding = new HashSet<long>();
        var budget = new PdfBudget();
        var order = Enumerable
            .Range(0, found.Count)
            .Where(i => found[i].Signed is not null)
            .OrderByDescending(i => found[i].Signed!.Range.End);
        foreach (var i in order)
        {
            var range = found[i].Signed!.Range;
            results[i] = Cover(pdf, results[i], range, trusted, holding, budget);
            if (results[i].Coverage == PdfCoverage.LaterChanges && !results[i].FollowedByStrangers)
                continue;
            if (Holds(results[i].Verdict))
                holding.Add(range.GapStart);
            if (Proves(results[i].Verdict) && !results[i].FollowedByStrangers)
                trusted.Add(range.GapStart);
        }
    }

    private static PdfSignature Cover(
        Stream pdf,
        PdfSignature signature,
        PdfByteRange range,
        HashSet<long> trusted,
        HashSet<long> holding,
        PdfBudget budget
    )
    {
        if (range.End == pdf.Length)
            return signature with { Coverage = PdfCoverage.WholeFile };
        if (PdfLaterChanges.Find(pdf, range.End, trusted, budget) is not { } change)
            return signature with { Coverage = PdfCoverage.LaterSignatures };
        if (
            holding.Count > trusted.Count
            && PdfLaterChanges.Find(pdf, range.End, holding, budget) is null
        )
        {
            return signature with
            {
                Changes = "It was signed again with a certificate that does not pass.",
                ChangesVi = "Tệp được ký thêm bằng chứng thư số không đạt yêu cầu.",
                FollowedByStrangers = true,
            };
        }
        return signature with { Changes = change.Reason, ChangesVi = change.ReasonVi };
    }

    /// <summary>The mathematics is right, whatever the certificate is worth.</summary>
    private static bool Holds(SignatureVerdict verdict) =>
        verdict.Kind
            is SignatureVerdictKind.Valid
                or SignatureVerdictKind.NotYetChecked
                or SignatureVerdictKind.Untrusted
                or SignatureVerdictKind.Expired
                or SignatureVerdictKind.Revoked;
}
