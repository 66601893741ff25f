namespace Axis.Hub.Registry;

/// <summary>The SHA-256 of a secret and how long it serves. Secrets themselves are never kept.</summary>
/// <param name="Id">Of its row; says nothing about the secret.</param>
public sealed record Credential(
    Guid Id,
    ReadOnlyMemory<byte> SecretSha256,
    DateTimeOffset NotAfter
);
