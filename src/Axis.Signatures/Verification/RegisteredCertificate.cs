using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>A certificate that the registry binds to the sender.</summary>
/// <param name="Certificate">The certificate; only its public part is used.</param>
/// <param name="RevokedAt">From when it is revoked; <see cref="DateTimeOffset.MaxValue"/> for never.</param>
public sealed record RegisteredCertificate(X509Certificate2 Certificate, DateTimeOffset RevokedAt)
{
    public RegisteredCertificate(X509Certificate2 certificate)
        : this(certificate, DateTimeOffset.MaxValue) { }
}
