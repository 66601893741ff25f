using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>
/// Judges certificates by the chain to a trusted authority, without asking the network. Keep the instance: chains that
/// were found once are remembered. May be used by several threads.
/// </summary>
/// <param name="anchors">Self-signed certificates of the authorities that are trusted; nobody else is.</param>
/// <param name="revocation">What is known about revocations; null when nobody can be asked.</param>
/// <param name="intermediates">Certificates that may stand between a signer and an anchor, for signatures that bring none along. Not trusted.</param>
/// <param name="options">Limits and exceptions; null for the defaults.</param>
public sealed class ChainJudge(
    IReadOnlyList<X509Certificate2> anchors,
    IRevocationKnowledge? revocation = null,
    IReadOnlyList<X509Certificate2>? intermediates = null,
    VerificationOptions? options = null
)
{
    /// <summary>Chains remembered; then all are forgotten.</summary>
    private const int MaxRemembered = 1024;

    private readonly VerificationOptions _options = options ?? VerificationOptions.Default;
    private readonly ConcurrentDictionary<string, CertificateChain> _remembered = new(
        StringComparer.Ordinal
    );

    /// <summary>What a certificate with which something was signed is worth. The signature itself is not looked at.</summary>
    /// <param name="signer">The certificate of the signer.</param>
    /// <param name="at">The time at which all must have been valid.</param>
    /// <param name="others">Certificates that came along with the signature. Not trusted.</param>
    public SignatureVerdict Judge(
        X509Certificate2 signer,
        DateTimeOffset at,
        IReadOnlyCollection<X509Certificate2>? others = null
    )
    {
        ArgumentNullException.ThrowIfNull(signer);
        return SignerFacts.TryRead(signer) is { } facts
            ? Judge(facts, at, others ?? [], forTimeStamps: false)
            : SignerFacts.Unreadable().Verdict;
    }

    /// <summary>The questions that <see cref="Judge(X509Certificate2, DateTimeOffset, IReadOnlyCollection{X509Certificate2}?)"/> asks about a certificate: one for each certificate below the anchor, the signer's first. Empty when it does not lead to one, or cannot be read.</summary>
    public IReadOnlyList<RevocationQuestion> Questions(
        X509Certificate2 signer,
        DateTimeOffset at,
        IReadOnlyCollection<X509Certificate2>? others = null
    )
    {
        ArgumentNullException.ThrowIfNull(signer);
        return SignerFacts.TryRead(signer) is { } facts
            ? Find(facts, at, others ?? [], out _)?.Questions(at) ?? []
            : [];
    }

    internal SignatureVerdict Judge(
        SignerFacts signer,
        DateTimeOffset at,
        IReadOnlyCollection<X509Certificate2> others,
        bool forTimeStamps
    )
    {
        var unfit = forTimeStamps
            ? CertificateJudge.MayNotStamp(signer, _options)
            : CertificateJudge.MayNotSign(signer, _options);
        if (unfit is var (en, vi))
            return signer.Verdict(SignatureVerdictKind.Untrusted, en, vi);
        if (CertificateJudge.OutsideValidity(signer, at) is { } expired)
            return expired;
        if (Find(signer, at, others, out var problem) is not { } chain)
        {
            return problem == X509ChainStatusFlags.NotTimeValid
                ? signer.Verdict(
                    SignatureVerdictKind.Expired,
                    "The signature holds, but the certificate of an authority above it was not valid at that time.",
                    "Chữ ký đúng nhưng chứng thư số của tổ chức chứng thực cấp trên không còn (hoặc chưa có) hiệu lực tại thời điểm đó."
                )
                : signer.Verdict(
                    SignatureVerdictKind.Untrusted,
                    $"The signature holds, but its certificate ({signer.Subject}) does not lead to a trusted authority.",
                    $"Chữ ký đúng nhưng chứng thư số ({signer.Subject}) không dẫn tới tổ chức chứng thực được tin cậy."
                );
        }
        if (chain.WeakLink is { } weak && !_options.AllowsSha1(signer.Thumbprint, at))
        {
            return signer.Verdict(
                SignatureVerdictKind.Untrusted,
                $"The certificate of {weak} is signed with SHA-1 or MD5, which can be forged.",
                $"Chứng thư số của {weak} được ký bằng SHA-1 hoặc MD5, có thể bị làm giả."
            );
        }
        return JudgeRevocation(signer, chain.Questions(at));
    }

    private SignatureVerdict JudgeRevocation(
        SignerFacts signer,
        IReadOnlyList<RevocationQuestion> questions
    )
    {
        // All are asked, so that whoever answers learns of all certificates at once.
        var answers = questions
            .Select(question =>
                (
                    question.Certificate.Subject,
                    question.At,
                    Answer: revocation?.Ask(question) ?? RevocationAnswer.Unknown
                )
            )
            .ToList();
        foreach (var (subject, at, answer) in answers)
        {
            if (answer.State == RevocationState.Revoked && !(answer.RevokedAt > at))
            {
                var since = answer.RevokedAt is { } time ? CertificateJudge.Show(time) : "?";
                return signer.Verdict(
                    SignatureVerdictKind.Revoked,
                    $"The certificate of {subject} was revoked on {since}.",
                    $"Chứng thư số của {subject} đã bị thu hồi ngày {since}."
                ) with
                {
                    Revocation = RevocationState.Revoked,
                };
            }
        }
        if (answers.Exists(one => one.Answer.State == RevocationState.Unknown))
        {
            return signer.Verdict(
                SignatureVerdictKind.NotYetChecked,
                "The signature holds and its certificate leads to a trusted authority; whether it was revoked is not known yet.",
                "Chữ ký đúng và chứng thư số dẫn tới tổ chức chứng thực được tin cậy; chưa kiểm tra được việc thu hồi."
            ) with
            {
                Revocation = RevocationState.Unknown,
            };
        }
        if (answers.Exists(one => one.Answer.State == RevocationState.WithinGrace))
        {
            return signer.Verdict(
                SignatureVerdictKind.NotYetChecked,
                "The signature holds and its certificate leads to a trusted authority; revocation could not be checked lately, within the grace for that.",
                "Chữ ký đúng và chứng thư số dẫn tới tổ chức chứng thực được tin cậy; gần đây không kiểm tra được việc thu hồi, còn trong thời gian gia hạn."
            ) with
            {
                Revocation = RevocationState.WithinGrace,
            };
        }
        return signer.Verdict(
            SignatureVerdictKind.Valid,
            "The signature holds, and its certificate leads to a trusted authority and is not revoked.",
            "Chữ ký hợp lệ; chứng thư số dẫn tới tổ chức chứng thực được tin cậy và không bị thu hồi."
        ) with
        {
            Revocation = RevocationState.Good,
        };
    }

    private CertificateChain? Find(
        SignerFacts signer,
        DateTimeOffset at,
        IReadOnlyCollection<X509Certificate2> others,
        out X509ChainStatusFlags problem
    )
    {
        problem = X509ChainStatusFlags.NoError;
        if (_remembered.TryGetValue(signer.Thumbprint, out var chain) && chain.IsValid(at))
            return chain;
        problem = X509ChainStatusFlags.PartialChain;
        if (anchors.Count == 0)
            return null;
        using var builder = new X509Chain();
        builder.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        builder.ChainPolicy.CustomTrustStore.AddRange(anchors.ToArray());
        builder.ChainPolicy.ExtraStore.AddRange(others.ToArray());
        builder.ChainPolicy.ExtraStore.AddRange((intermediates ?? []).ToArray());
        builder.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        builder.ChainPolicy.DisableCertificateDownloads = true;
        builder.ChainPolicy.VerificationTime = at.UtcDateTime;
        if (!builder.Build(signer.Certificate))
        {
            foreach (var status in builder.ChainStatus)
                problem |= status.Status;
            problem &= ~X509ChainStatusFlags.PartialChain;
            foreach (var element in builder.ChainElements)
                element.Certificate.Dispose();
            return null;
        }
        chain = new CertificateChain([.. builder.ChainElements.Select(one => one.Certificate)]);
        if (_remembered.Count >= MaxRemembered)
            _remembered.Clear();
        return _remembered[signer.Thumbprint] = chain;
    }
}
