using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A certificate that the registry binds to the sender. Keep and reuse the instance: what is read from the certificate is read once.</summary>
/// <param name="Certificate">The certificate; only its public part is used.</param>
/// <param name="RevokedAt">From when it is revoked; <see cref="DateTimeOffset.MaxValue"/> for never.</param>
public sealed record RegisteredCertificate(X509Certificate2 Certificate, DateTimeOffset RevokedAt)
{
    private readonly Lazy<SignerFacts?> _facts = new(() => SignerFacts.TryRead(Certificate));

    public RegisteredCertificate(X509Certificate2 certificate)
        : this(certificate, DateTimeOffset.MaxValue) { }

    /// <summary>
    /// Whether its extensions and its key can be read. With one that cannot nothing is ever verified; it must not be
    /// registered.
    /// </summary>
    public bool IsReadable => _facts.Value is not null;

    /// <summary>Only of a readable one.</summary>
    internal SignerFacts Facts => _facts.Value ?? throw SignerFacts.Unreadable();

    public bool Equals(RegisteredCertificate? other) =>
        other is not null && RevokedAt == other.RevokedAt && Certificate.Equals(other.Certificate);

    public override int GetHashCode() => HashCode.Combine(RevokedAt, Certificate);
}
