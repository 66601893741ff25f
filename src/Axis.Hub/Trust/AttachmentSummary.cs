using Axis.Hub.Registry;
using Axis.Signatures;

namespace Axis.Hub.Trust;

/// <summary>The verdict on one attachment, as receipts and tracking show it.</summary>
public sealed record AttachmentSummary(
    string? Name,
    string Verdict,
    string Reason,
    string ReasonVi,
    IReadOnlyList<DocumentSignatureSummary> Signatures
)
{
    /// <summary>Signatures shown of one attachment; a letter has a handful.</summary>
    private const int MaxShown = 8;

    public static AttachmentSummary Of(AttachmentVerdict attachment) =>
        new(
            attachment.Name,
            VerdictNames.Of(attachment.Kind),
            attachment.Reason,
            attachment.ReasonVi,
            [.. attachment.Signatures.Take(MaxShown).Select(DocumentSignatureSummary.Of)]
        );
}

/// <summary>One signature inside a PDF attachment.</summary>
public sealed record DocumentSignatureSummary(
    string Type,
    string Verdict,
    string Reason,
    string ReasonVi,
    string? Signer,
    string? Thumbprint,
    string Coverage,
    DateTimeOffset? ClaimedTime,
    DateTimeOffset? StampedTime,
    string? Changes,
    string? ChangesVi
)
{
    private const int MaxSigner = 300;

    public static DocumentSignatureSummary Of(PdfSignature signature) =>
        new(
            RegistryNames.Of(signature.Type),
            VerdictNames.Of(signature.Verdict.Kind),
            signature.Verdict.Reason,
            signature.Verdict.ReasonVi,
            signature.Verdict.Subject is { Length: > MaxSigner } subject
                ? subject[..MaxSigner]
                : signature.Verdict.Subject,
            signature.Verdict.Thumbprint,
            RegistryNames.Of(signature.Coverage),
            signature.ClaimedTime,
            signature.StampedTime,
            signature.Changes,
            signature.ChangesVi
        );
}
