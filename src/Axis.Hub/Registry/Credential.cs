namespace Axis.Hub.Registry;

/// <summary>The SHA-256 of a secret and how long it serves. Secrets themselves are never kept.</summary>
public sealed record Credential(ReadOnlyMemory<byte> SecretSha256, DateTimeOffset NotAfter);
