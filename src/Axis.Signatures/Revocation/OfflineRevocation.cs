namespace Axis.Signatures;

/// <summary>What revocation lists in files say, where nobody can be asked.</summary>
/// <param name="lists">The lists of a trust folder.</param>
public sealed class OfflineRevocation(FileLists lists) : IRevocationKnowledge
{
    public RevocationAnswer Ask(RevocationQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return lists.About(question.Certificate, question.Issuer) switch
        {
            null => RevocationAnswer.Unknown,
            { IsRevoked: true } revoked => RevocationAnswer.Revoked(
                revoked.RevokedAt ?? DateTimeOffset.MinValue
            ),
            { NextUpdate: { } next } when question.At <= next => RevocationAnswer.Good,
            _ => RevocationAnswer.Unknown,
        };
    }
}
