using System.Security.Cryptography;

namespace Axis.Signatures;

/// <summary>How canonical bytes are made.</summary>
/// <param name="Exclusive">Exclusive instead of inclusive canonicalisation 1.0.</param>
/// <param name="WithComments">Comments are part of the canonical form.</param>
/// <param name="InclusivePrefixes">Prefixes treated as by inclusive canonicalisation; "" for the default namespace.</param>
internal sealed record CanonicalForm(
    bool Exclusive,
    bool WithComments,
    IReadOnlyList<string> InclusivePrefixes
)
{
    public static CanonicalForm Inclusive { get; } = new(false, false, []);
    public static CanonicalForm ExclusivePlain { get; } = new(true, false, []);

    public bool SameAs(CanonicalForm other) =>
        Exclusive == other.Exclusive
        && WithComments == other.WithComments
        && InclusivePrefixes.SequenceEqual(other.InclusivePrefixes, StringComparer.Ordinal);
}

/// <summary>A reference to an attachment.</summary>
/// <param name="ContentId">The attachment's id, without cid:.</param>
/// <param name="DigestAlgorithm">How its content is hashed.</param>
/// <param name="DigestValue">The hash of its content.</param>
internal sealed record AttachmentReference(
    string ContentId,
    HashAlgorithmName DigestAlgorithm,
    byte[] DigestValue
);

/// <summary>What a signature that fits the profile says of itself; nothing of it is proven yet.</summary>
internal sealed record SignatureClaims
{
    public required CanonicalForm SignedInfoForm { get; init; }
    public required SignatureAlgorithm Algorithm { get; init; }
    public required CanonicalForm DocumentForm { get; init; }
    public required HashAlgorithmName DigestAlgorithm { get; init; }
    public required byte[] DigestValue { get; init; }

    /// <summary>The attachments that are named beside the whole document.</summary>
    public required IReadOnlyList<AttachmentReference> Attachments { get; init; }
    public required byte[] SignatureValue { get; init; }

    /// <summary>The certificates in KeyInfo, as DER; compared with registered ones, never used as keys.</summary>
    public required IReadOnlyList<byte[]> Certificates { get; init; }

    public bool UsesSha1 =>
        Algorithm.Hash == HashAlgorithmName.SHA1
        || DigestAlgorithm == HashAlgorithmName.SHA1
        || Attachments.Any(one => one.DigestAlgorithm == HashAlgorithmName.SHA1);
}
