using Axis.Hub.Registry;
using Axis.Signatures;

namespace Axis.Hub.Trust;

/// <summary>What the signatures of one package are worth, and what was asked of them.</summary>
/// <param name="Policy">What the sender is held to.</param>
/// <param name="Envelope">The verdict on the signature over the package.</param>
/// <param name="Attachments">The verdict on each attachment, in the order of the package.</param>
public sealed record PackageVerdicts(
    SignaturePolicy Policy,
    SignatureVerdict Envelope,
    IReadOnlyList<AttachmentVerdict> Attachments
)
{
    /// <summary>The best of the attachments: the first one with it; none when there are no attachments.</summary>
    public AttachmentVerdict? Document =>
        Attachments.MinBy(attachment => VerdictOrder.RankOf(attachment.Kind));
}

public static class VerdictNames
{
    public static string Of(SignatureVerdictKind kind) => RegistryNames.Of(kind);
}
