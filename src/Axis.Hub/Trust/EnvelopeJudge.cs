using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust;

/// <summary>
/// Judges the signature over a package. Only certificates that the registry binds to the sender count. One that leads
/// to a trusted authority must also be good by that authority's word; one that does not is trusted by its registration
/// alone, unless the settings ask for more.
/// </summary>
public sealed class EnvelopeJudge(TrustFolder trust, IOptions<TrustOptions> options)
{
    public SignatureVerdict Judge(
        EnvelopeSignatureSink signature,
        IReadOnlyList<RegisteredCertificate> registered,
        DateTimeOffset at
    )
    {
        var authorities = trust.Current;
        if (options.Value.RegisteredMustChain)
        {
            return signature.Verdict(registered, at, authorities.Judge);
        }
        var leading = registered.Where(one => authorities.Lead(one, at)).ToArray();
        if (leading.Length == registered.Count)
        {
            return signature.Verdict(registered, at, leading.Length > 0 ? authorities.Judge : null);
        }
        var alone = registered.Where(one => !leading.Contains(one)).ToArray();
        var verdict = signature.Verdict(alone, at);
        if (
            leading.Length == 0
            || verdict.Kind is not (SignatureVerdictKind.Untrusted or SignatureVerdictKind.Broken)
        )
        {
            return verdict;
        }
        // None of these; perhaps one of the others. What is said of a certificate that is registered says more.
        var other = signature.Verdict(leading, at, authorities.Judge);
        return other.Kind == SignatureVerdictKind.Untrusted ? verdict : other;
    }
}
