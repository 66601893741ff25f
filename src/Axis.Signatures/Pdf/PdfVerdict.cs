namespace Axis.Signatures;

/// <summary>What the signatures of a PDF file are worth together.</summary>
public static class PdfVerdict
{
    /// <summary>How much a verdict helps when a file has several signatures and none of them settles the matter; the first found is told.</summary>
    private static readonly SignatureVerdictKind[] Order =
    [
        SignatureVerdictKind.Valid,
        SignatureVerdictKind.NotYetChecked,
        SignatureVerdictKind.Broken,
        SignatureVerdictKind.Revoked,
        SignatureVerdictKind.Untrusted,
        SignatureVerdictKind.Expired,
        SignatureVerdictKind.Unsupported,
        SignatureVerdictKind.Placeholder,
        SignatureVerdictKind.Malformed,
    ];

    /// <summary>
    /// One verdict for the file. A signature speaks for the file when it covers the whole of it, or all but later
    /// signatures; a good one of a former revision whose content was changed since counts as broken, and as untrusted when only
    /// somebody signed it again whose certificate does not pass. The best of
    /// those that speak for it decides. Time stamps on the document are no signatures.
    /// </summary>
    public static SignatureVerdict Of(IReadOnlyList<PdfSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        return signatures
                .Where(one => one.Type == PdfSignatureType.Signature)
                .Select(ForTheFile)
                .MinBy(verdict => Array.IndexOf(Order, verdict.Kind))
            ?? new SignatureVerdict(
                SignatureVerdictKind.None,
                "The PDF carries no signature.",
                "Tệp PDF không có chữ ký số."
            );
    }

    private static SignatureVerdict ForTheFile(PdfSignature signature)
    {
        var verdict = signature.Verdict;
        if (
            signature.Coverage != PdfCoverage.LaterChanges
            || verdict.Kind
                is not (SignatureVerdictKind.Valid or SignatureVerdictKind.NotYetChecked)
        )
            return verdict;
        return verdict with
        {
            // A signature of somebody who does not pass is no proof that the content was touched.
            Kind = signature.FollowedByStrangers
                ? SignatureVerdictKind.Untrusted
                : SignatureVerdictKind.Broken,
            Reason = $"The file was changed after it was signed. {signature.Changes}".TrimEnd(),
            ReasonVi = $"Tệp đã bị thay đổi sau khi ký. {signature.ChangesVi}".TrimEnd(),
        };
    }
}
