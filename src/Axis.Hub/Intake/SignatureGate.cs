using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Trust;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;

namespace Axis.Hub.Intake;

/// <summary>From verdicts to "accepted" or "refused", by the policy that holds for the sender.</summary>
public sealed class SignatureGate(SignaturePolicy policy, AfterGrace afterGrace)
{
    /// <summary>Whether the verdict on the attachments can decide.</summary>
    public bool NeedsDocument(SignatureVerdict envelope) =>
        policy == SignaturePolicy.Document
        || (policy == SignaturePolicy.Either && !Counts(envelope.Kind, envelope.Revocation));

    /// <summary>What keeps the package out; empty when nothing does.</summary>
    public IReadOnlyList<ErrorItem> Check(PackageVerdicts verdicts)
    {
        var envelope = Counts(verdicts.Envelope.Kind, verdicts.Envelope.Revocation);
        var document = verdicts.Document is { } best && Counts(best.Kind, best.Revocation);
        return policy switch
        {
            SignaturePolicy.Envelope when !envelope => [EnvelopeError(verdicts.Envelope)],
            SignaturePolicy.Document when !document => [DocumentError(verdicts.Document)],
            SignaturePolicy.Either when !envelope && !document =>
            [
                EnvelopeError(verdicts.Envelope),
                DocumentError(verdicts.Document),
            ],
            _ => [],
        };
    }

    /// <summary>
    /// "Not yet checked" counts: no responder that is down may stop a letter. When the grace has run out, the settings
    /// decide.
    /// </summary>
    private bool Counts(SignatureVerdictKind kind, RevocationState? revocation) =>
        kind == SignatureVerdictKind.Valid
        || (
            kind == SignatureVerdictKind.NotYetChecked
            && (revocation == RevocationState.WithinGrace || afterGrace == AfterGrace.Record)
        );

    private static ErrorItem EnvelopeError(SignatureVerdict verdict)
    {
        var error = ErrorOf(verdict.Kind);
        return error.At("edXMLHeader/Signature", null, verdict.Reason) with
        {
            MessageVi = error.At(null, null, verdict.ReasonVi).MessageVi,
        };
    }

    private static ErrorItem DocumentError(AttachmentVerdict? best)
    {
        const string Path = "AttachmentEncoded";
        if (best is null or { Kind: SignatureVerdictKind.None })
        {
            return SubmissionErrors.DocumentUnsigned.At(Path);
        }
        var name = VerdictNames.Of(best.Kind);
        var error = SubmissionErrors.DocumentSignatureRefused;
        return error.At(Path, best.Name, name, best.Reason) with
        {
            MessageVi = error.At(null, null, name, best.ReasonVi).MessageVi,
        };
    }

    private static HubError ErrorOf(SignatureVerdictKind kind) =>
        kind switch
        {
            SignatureVerdictKind.None => SubmissionErrors.SignatureMissing,
            SignatureVerdictKind.Broken => SubmissionErrors.SignatureBroken,
            SignatureVerdictKind.Untrusted => SubmissionErrors.SignatureUntrusted,
            SignatureVerdictKind.Expired => SubmissionErrors.SignatureExpired,
            SignatureVerdictKind.Revoked => SubmissionErrors.SignatureRevoked,
            SignatureVerdictKind.NotYetChecked => SubmissionErrors.SignatureUnchecked,
            SignatureVerdictKind.Placeholder => SubmissionErrors.SignaturePlaceholder,
            SignatureVerdictKind.Malformed => SubmissionErrors.SignatureMalformed,
            _ => SubmissionErrors.SignatureUnsupported,
        };
}
