namespace Axis.Signatures;

/// <summary>What the signatures inside one attachment are worth together.</summary>
/// <param name="Name">The attachment's own name.</param>
/// <param name="Kind">The verdict on the attachment.</param>
/// <param name="Revocation">What was known of the revocation of the signer that decides.</param>
/// <param name="Signatures">Each signature, in the order of the file; empty for what is no PDF.</param>
public sealed record AttachmentVerdict(
    string? Name,
    SignatureVerdictKind Kind,
    string Reason,
    string ReasonVi,
    RevocationState? Revocation,
    IReadOnlyList<PdfSignature> Signatures
);

/// <summary>Verdicts from the best to the worst.</summary>
public static class VerdictOrder
{
    private static readonly SignatureVerdictKind[] BestFirst =
    [
        SignatureVerdictKind.Valid,
        SignatureVerdictKind.NotYetChecked,
        SignatureVerdictKind.Revoked,
        SignatureVerdictKind.Expired,
        SignatureVerdictKind.Untrusted,
        SignatureVerdictKind.Broken,
        SignatureVerdictKind.Unsupported,
        SignatureVerdictKind.Malformed,
        SignatureVerdictKind.Placeholder,
        SignatureVerdictKind.None,
    ];

    public static int RankOf(SignatureVerdictKind kind) => Array.IndexOf(BestFirst, kind);
}
