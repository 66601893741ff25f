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

    /// <summary>Characters of text, attributes and names in the Signature element.</summary>
    public int MaxSignatureLength { get; init; } = 64 * 1024;

    /// <summary>Bits of an RSA key.</summary>
    public int MinRsaKeySize { get; init; } = 2048;
}
