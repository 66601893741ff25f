using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A certificate that the registry binds to the sender. Keep and reuse the instance: what is read from the certificate is read once.</summary>
/// <param name="Certificate">The certificate; only its public part is used.</param>
/// <param name="RevokedAt">From when it is revoked; <see cref="DateTimeOffset.MaxValue"/> for never.</param>
public sealed record RegisteredCertificate(X509Certificate2 Certificate, DateTimeOffset RevokedAt)
{
    private readonly Lazy<SignerFacts> _facts = new(() => new SignerFacts(Certificate));

    public RegisteredCertificate(X509Certificate2 certificate)
        : this(certificate, DateTimeOffset.MaxValue) { }

    internal SignerFacts Facts => _facts.Value;

    public bool Equals(RegisteredCertificate? other) =>
        other is not null && RevokedAt == other.RevokedAt && Certificate.Equals(other.Certificate);

    public override int GetHashCode() => HashCode.Combine(RevokedAt, Certificate);
}
