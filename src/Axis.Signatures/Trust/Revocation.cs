using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>Asks whether a certificate was revoked at a time.</summary>
/// <param name="Certificate">The one in question.</param>
/// <param name="Issuer">The certificate whose key signed it, and signs or delegates what is said of its revocation.</param>
/// <param name="At">The time in question.</param>
public sealed record RevocationQuestion(
    X509Certificate2 Certificate,
    X509Certificate2 Issuer,
    DateTimeOffset At
);

/// <summary>What is known about the revocation of a certificate.</summary>
public enum RevocationState
{
    /// <summary>Not revoked at the time in question, by information that is fresh enough.</summary>
    Good,

    /// <summary>Revoked; since when stands beside it.</summary>
    Revoked,

    /// <summary>Nobody could be asked lately, and the grace for that has not run out. Not checked, but no reason to stop anything.</summary>
    WithinGrace,

    /// <summary>Nothing is known, or nothing new since the grace ran out.</summary>
    Unknown,
}

/// <summary>An answer to a <see cref="RevocationQuestion"/>.</summary>
/// <param name="State">What is known.</param>
/// <param name="RevokedAt">Since when, for <see cref="RevocationState.Revoked"/>.</param>
public sealed record RevocationAnswer(RevocationState State, DateTimeOffset? RevokedAt = null)
{
    public static RevocationAnswer Good { get; } = new(RevocationState.Good);
    public static RevocationAnswer WithinGrace { get; } = new(RevocationState.WithinGrace);
    public static RevocationAnswer Unknown { get; } = new(RevocationState.Unknown);

    public static RevocationAnswer Revoked(DateTimeOffset since) =>
        new(RevocationState.Revoked, since);
}

/// <summary>
/// What is known about revocations, from a cache that others keep fresh. Is asked in the middle of a verification,
/// perhaps from several threads, for every certificate of a chain below the anchor: it must answer from memory and
/// never wait for the network. A question that it cannot answer is the sign to go and find out.
/// </summary>
public interface IRevocationKnowledge
{
    RevocationAnswer Ask(RevocationQuestion question);
}
