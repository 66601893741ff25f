using Axis.Signatures;

namespace Axis.Hub.Trust.Revocation;

/// <summary>What this node remembers of a certificate.</summary>
/// <param name="IsRevoked">By the last word of its authority.</param>
/// <param name="RevokedAt">Since when.</param>
/// <param name="FreshUntil">Until when that word is believed; null when there was none yet.</param>
/// <param name="FirstSeen">When the certificate was met first.</param>
/// <param name="IsAudited">It is on record that signatures of it are taken unchecked.</param>
public sealed record KnownCertificate(
    bool IsRevoked,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? FreshUntil,
    DateTimeOffset FirstSeen,
    bool IsAudited
)
{
    /// <summary>
    /// A revocation is believed for ever. "Good" is believed until its time is over; from then on, or from the first
    /// meeting where there was no word at all, the grace runs.
    /// </summary>
    public RevocationAnswer Answer(DateTimeOffset now, TimeSpan grace) =>
        IsRevoked ? RevocationAnswer.Revoked(RevokedAt ?? DateTimeOffset.MinValue)
        : now <= FreshUntil ? RevocationAnswer.Good
        : now <= (FreshUntil ?? FirstSeen) + grace ? RevocationAnswer.WithinGrace
        : RevocationAnswer.Unknown;
}

/// <summary>A certificate that was met in a verification, or that the registry holds.</summary>
/// <param name="Thumbprint">SHA-256 of the DER bytes, in lower-case hex.</param>
/// <param name="IsUsed">A signature of it was judged without fresh word from its authority.</param>
public sealed record Sighting(
    string Thumbprint,
    byte[] Certificate,
    byte[] Issuer,
    string Subject,
    DateTimeOffset NotAfter,
    bool IsUsed
)
{
    public static Sighting Of(RevocationQuestion question, bool isUsed) =>
        new(
            CertificateNames.ThumbprintOf(question.Certificate),
            question.Certificate.RawData,
            question.Issuer.RawData,
            question.Certificate.Subject,
            new DateTimeOffset(question.Certificate.NotAfter.ToUniversalTime()),
            isUsed
        );
}
