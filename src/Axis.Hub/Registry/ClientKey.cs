namespace Axis.Hub.Registry;

/// <summary>
/// A public key or certificate by which an office system proves who it is. In force in [NotBefore, NotAfter) unless
/// revoked before.
/// </summary>
/// <param name="OfficeSystemId">Whose it is.</param>
/// <param name="Thumbprint">SHA-256 of <paramref name="Der"/>.</param>
/// <param name="IsCertificate">Otherwise a bare public key.</param>
/// <param name="Der">The certificate, or SubjectPublicKeyInfo.</param>
/// <param name="Name">Of a certificate: its subject as the broker writes it. Empty for a public key.</param>
public sealed record ClientKey(
    string OfficeSystemId,
    ReadOnlyMemory<byte> Thumbprint,
    bool IsCertificate,
    ReadOnlyMemory<byte> Der,
    string Name,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter,
    DateTimeOffset RevokedAt
)
{
    public bool IsInForceAt(DateTimeOffset at) =>
        NotBefore <= at && at < NotAfter && at < RevokedAt;
}

/// <summary>The client keys of all office systems, immutable.</summary>
public sealed class ClientKeys
{
    private readonly ILookup<string, ClientKey> _byOfficeSystem;
    private readonly Dictionary<string, ClientKey> _certificates;
    private readonly ILookup<string, ClientKey> _byName;

    public ClientKeys(IReadOnlyList<ClientKey> keys)
    {
        All = keys;
        _byOfficeSystem = keys.ToLookup(key => key.OfficeSystemId, StringComparer.Ordinal);
        _certificates = keys.Where(key => key.IsCertificate)
            .ToDictionary(key => Convert.ToHexString(key.Thumbprint.Span), StringComparer.Ordinal);
        _byName = keys.Where(key => key.IsCertificate)
            .ToLookup(key => key.Name, StringComparer.Ordinal);
    }

    public IReadOnlyList<ClientKey> All { get; }

    public IEnumerable<ClientKey> Of(string officeSystemId) => _byOfficeSystem[officeSystemId];

    /// <summary>The registration of exactly this certificate; null when there is none in force.</summary>
    public ClientKey? Certificate(ReadOnlySpan<byte> sha256, DateTimeOffset at) =>
        _certificates.GetValueOrDefault(Convert.ToHexString(sha256)) is { } key
        && key.IsInForceAt(at)
            ? key
            : null;

    /// <summary>
    /// The office system that a certificate's name stands for; null when no certificate of that name is in force, or
    /// when those that are belong to several.
    /// </summary>
    public string? OfficeSystemNamed(string name, DateTimeOffset at)
    {
        string? found = null;
        foreach (var key in _byName[name])
        {
            if (!key.IsInForceAt(at))
            {
                continue;
            }
            if (found is not null && found != key.OfficeSystemId)
            {
                return null;
            }
            found = key.OfficeSystemId;
        }
        return found;
    }
}
