namespace Axis.Signatures;

/// <summary>Limits and exceptions of verification.</summary>
public sealed record VerificationOptions
{
    public static VerificationOptions Default { get; } = new();

    /// <summary>Until when SHA-1 is accepted, and of whom; empty for never and nobody. Such a verdict is marked.</summary>
    public IReadOnlyList<Sha1Exception> Sha1Exceptions { get; init; } = [];

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

    internal bool AllowsSha1(string thumbprint, DateTimeOffset at) =>
        Sha1Exceptions.Any(exception => exception.Covers(thumbprint, at));
}

/// <summary>Leave to use SHA-1 for a while longer. Signatures with it can be forged by who can afford it.</summary>
/// <param name="Until">It covers times before this one.</param>
/// <param name="Certificates">Of whom: SHA-256 of the signers' certificates in lower-case hex; null for everybody.</param>
public sealed record Sha1Exception(
    DateTimeOffset Until,
    IReadOnlyCollection<string>? Certificates = null
)
{
    internal bool Covers(string thumbprint, DateTimeOffset at) =>
        at < Until && (Certificates?.Contains(thumbprint, StringComparer.Ordinal) ?? true);
}
