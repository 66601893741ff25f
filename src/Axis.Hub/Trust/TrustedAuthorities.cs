using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Axis.Signatures;

namespace Axis.Hub.Trust;

/// <summary>The authorities that are trusted, as the folder had them at one moment. Immutable.</summary>
public sealed class TrustedAuthorities
{
    private readonly ConditionalWeakTable<X509Certificate2, StrongBox<bool>> _leads = [];

    public TrustedAuthorities(TrustFiles files, IRevocationKnowledge revocation)
    {
        Files = files;
        Judge = new ChainJudge(files.Anchors, revocation, files.Intermediates);
    }

    public static TrustedAuthorities None(IRevocationKnowledge revocation) =>
        new(TrustFiles.Empty, revocation);

    public TrustFiles Files { get; }

    public ChainJudge Judge { get; }

    /// <summary>Whether a registered certificate leads to an authority. Found out once.</summary>
    public bool Lead(RegisteredCertificate registered, DateTimeOffset at)
    {
        if (Files.Anchors.Count == 0)
        {
            return false;
        }
        // Validity is judged by whoever verifies; here a chain counts that ever held.
        return _leads
            .GetValue(
                registered.Certificate,
                certificate =>
                    new(
                        Judge.Questions(certificate, at).Count > 0
                            || Judge.Questions(certificate, LastDayOf(certificate)).Count > 0
                    )
            )
            .Value;
    }

    private static DateTimeOffset LastDayOf(X509Certificate2 certificate) =>
        new DateTimeOffset(certificate.NotAfter.ToUniversalTime()).AddSeconds(-1);
}
