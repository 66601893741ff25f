namespace Axis.Signatures;

/// <summary>
/// From the signatures of a PDF file to one verdict on it. A signature that was broken or forged anywhere spoils the
/// file. Otherwise the best of those decides that speak for the file as it is: a person signs, then the agency, and
/// what the last one covers includes the first.
/// </summary>
public static class DocumentVerdict
{
    public static AttachmentVerdict Of(string? name, IReadOnlyList<PdfSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        // A time stamp says when, not who.
        var signed = signatures.Where(one => one.Type == PdfSignatureType.Signature).ToArray();
        if (signed.Length == 0)
        {
            return Unsigned(name, "The PDF carries no signature.", "Tệp PDF không có chữ ký số.");
        }
        var spoilt = signed.FirstOrDefault(one =>
            one.Verdict.Kind is SignatureVerdictKind.Broken or SignatureVerdictKind.Malformed
        );
        if (spoilt is not null)
        {
            return Of(name, spoilt.Verdict, signatures);
        }
        var deciding = signed
            .Where(one => one.Coverage is PdfCoverage.WholeFile or PdfCoverage.LaterSignatures)
            .MinBy(one => VerdictOrder.RankOf(one.Verdict.Kind));
        if (deciding is not null)
        {
            return Of(name, deciding.Verdict, signatures);
        }
        var last = signed[^1];
        return new AttachmentVerdict(
            name,
            last.Coverage == PdfCoverage.None ? last.Verdict.Kind : SignatureVerdictKind.Broken,
            last.Changes ?? last.Verdict.Reason,
            last.ChangesVi ?? last.Verdict.ReasonVi,
            last.Verdict.Revocation,
            signatures
        );
    }

    internal static AttachmentVerdict Unsigned(string? name, string reason, string reasonVi) =>
        new(name, SignatureVerdictKind.None, reason, reasonVi, null, []);

    internal static AttachmentVerdict NotJudged(
        string? name,
        SignatureVerdictKind kind,
        string reason,
        string reasonVi
    ) => new(name, kind, reason, reasonVi, null, []);

    private static AttachmentVerdict Of(
        string? name,
        SignatureVerdict verdict,
        IReadOnlyList<PdfSignature> signatures
    ) => new(name, verdict.Kind, verdict.Reason, verdict.ReasonVi, verdict.Revocation, signatures);
}
