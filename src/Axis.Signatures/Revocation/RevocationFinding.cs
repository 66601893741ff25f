namespace Axis.Signatures;

/// <summary>What an authority said of one certificate, after its word was verified.</summary>
/// <param name="IsRevoked">Revoked, or held.</param>
/// <param name="RevokedAt">Since when, if it is.</param>
/// <param name="ThisUpdate">As of when the authority says so.</param>
/// <param name="NextUpdate">When it will have newer word; null when it does not say.</param>
/// <param name="Source">The address or file it came from.</param>
public sealed record RevocationFinding(
    bool IsRevoked,
    DateTimeOffset? RevokedAt,
    DateTimeOffset ThisUpdate,
    DateTimeOffset? NextUpdate,
    string Source
);

/// <summary>Why nothing is known: nobody answered, or the answer is none that can be believed.</summary>
public sealed class RevocationException : Exception
{
    public RevocationException(string message)
        : base(message) { }

    public RevocationException(string message, Exception cause)
        : base(message, cause) { }
}
