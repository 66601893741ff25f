using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures;

/// <summary>Judges a signer by the chain to a trusted authority, without asking the network.</summary>
internal static class ChainJudge
{
    public static SignatureVerdict Judge(
        CmsSignature signature,
        IReadOnlyList<X509Certificate2> anchors,
        DateTimeOffset at,
        VerificationOptions options
    )
    {
        var facts = new SignerFacts(signature.Signer);
        if (CertificateJudge.MayNotSign(facts, options) is var (en, vi))
            return Verdict(SignatureVerdictKind.Untrusted, en, vi, facts);
        if (CertificateJudge.OutsideValidity(facts, at) is { } expired)
            return expired;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(anchors.ToArray());
        chain.ChainPolicy.ExtraStore.AddRange(signature.Certificates);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        var trusted = anchors.Count > 0 && chain.Build(signature.Signer);
        foreach (var element in chain.ChainElements)
            element.Certificate.Dispose();
        return trusted
            ? Verdict(
                SignatureVerdictKind.NotYetChecked,
                "The signature holds and its certificate leads to a trusted authority; revocation was not checked.",
                "Chữ ký đúng và chứng thư số dẫn tới tổ chức chứng thực được tin cậy; chưa kiểm tra thu hồi.",
                facts
            )
            : Verdict(
                SignatureVerdictKind.Untrusted,
                $"The signature holds, but its certificate ({facts.Subject}) does not lead to a trusted authority.",
                $"Chữ ký đúng nhưng chứng thư số ({facts.Subject}) không dẫn tới tổ chức chứng thực được tin cậy.",
                facts
            );
    }

    private static SignatureVerdict Verdict(
        SignatureVerdictKind kind,
        string reason,
        string reasonVi,
        SignerFacts facts
    ) => new(kind, reason, reasonVi, facts.Thumbprint, facts.Subject);
}
