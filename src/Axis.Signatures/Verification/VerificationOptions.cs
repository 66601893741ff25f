namespace Axis.Signatures;

/// <summary>Limits and exceptions of verification.</summary>
public sealed record VerificationOptions
{
    public static VerificationOptions Default { get; } = new();

    /// <summary>SHA-1 is accepted for times before this one; null for never. Such a verdict says so in its reason.</summary>
    public DateTimeOffset? AllowSha1Until { get; init; }

    /// <summary>Bytes of a package.</summary>
    public long MaxPackageBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Depth of element nesting.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>Bytes before the Signature element that are kept until its algorithms are known. Beyond it only inclusive canonicalisation with SHA-256 is accepted.</summary>
    public int MaxHeaderBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes of the Signature element.</summary>
    public int MaxSignatureLength { get; init; } = 64 * 1024;

    /// <summary>Bits of an RSA key.</summary>
    public int MinRsaKeySize { get; init; } = 2048;
}
