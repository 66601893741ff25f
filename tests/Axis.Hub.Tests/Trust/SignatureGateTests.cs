using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Trust;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;

namespace Axis.Hub.Tests.Trust;

/// <summary>Every policy against every verdict: what passes, and with which numbers the rest is refused.</summary>
public sealed class SignatureGateTests
{
    private static readonly SignatureVerdictKind[] s_bad =
    [
        SignatureVerdictKind.None,
        SignatureVerdictKind.Malformed,
        SignatureVerdictKind.Placeholder,
        SignatureVerdictKind.Unsupported,
        SignatureVerdictKind.Broken,
        SignatureVerdictKind.Untrusted,
        SignatureVerdictKind.Expired,
        SignatureVerdictKind.Revoked,
    ];

    [Test]
    public void Record_refuses_nothing([ValueSource(nameof(s_bad))] SignatureVerdictKind kind) =>
        Assert.That(CodesOf(SignaturePolicy.Record, kind, kind), Is.Empty);

    [Test]
    public void Envelope_looks_at_the_envelope_alone(
        [ValueSource(nameof(s_bad))] SignatureVerdictKind kind
    )
    {
        const SignatureVerdictKind valid = SignatureVerdictKind.Valid;
        Assert.That(CodesOf(SignaturePolicy.Envelope, kind, valid), Has.Length.EqualTo(1));
        Assert.That(CodesOf(SignaturePolicy.Envelope, valid, kind), Is.Empty);
    }

    [Test]
    public void Document_looks_at_the_documents_alone(
        [ValueSource(nameof(s_bad))] SignatureVerdictKind kind
    )
    {
        const SignatureVerdictKind valid = SignatureVerdictKind.Valid;
        var code = kind == SignatureVerdictKind.None ? "AXIS-4011" : "AXIS-4012";
        Assert.That(CodesOf(SignaturePolicy.Document, valid, kind), Is.EqualTo(new[] { code }));
        Assert.That(CodesOf(SignaturePolicy.Document, kind, valid), Is.Empty);
    }

    [Test]
    public void Either_is_content_with_one_and_names_both_when_it_has_none(
        [ValueSource(nameof(s_bad))] SignatureVerdictKind kind
    )
    {
        const SignatureVerdictKind valid = SignatureVerdictKind.Valid;
        Assert.That(CodesOf(SignaturePolicy.Either, kind, valid), Is.Empty);
        Assert.That(CodesOf(SignaturePolicy.Either, valid, kind), Is.Empty);
        Assert.That(CodesOf(SignaturePolicy.Either, kind, kind), Has.Length.EqualTo(2));
    }

    [TestCase(RevocationState.WithinGrace, AfterGrace.Record, true)]
    [TestCase(RevocationState.WithinGrace, AfterGrace.Refuse, true)]
    [TestCase(RevocationState.Unknown, AfterGrace.Record, true)]
    [TestCase(RevocationState.Unknown, AfterGrace.Refuse, false)]
    public void Not_yet_checked_counts_within_the_grace_and_then_as_the_settings_say(
        RevocationState state,
        AfterGrace afterGrace,
        bool passes
    )
    {
        foreach (
            var policy in (SignaturePolicy[])
                [SignaturePolicy.Envelope, SignaturePolicy.Document, SignaturePolicy.Either]
        )
        {
            var codes = CodesOf(
                policy,
                SignatureVerdictKind.NotYetChecked,
                SignatureVerdictKind.NotYetChecked,
                state,
                afterGrace
            );
            Assert.That(codes.Length == 0, Is.EqualTo(passes), policy.ToString());
        }
    }

    [Test]
    public void Documents_are_judged_before_the_answer_only_where_they_decide()
    {
        Assert.That(Needs(SignaturePolicy.Document, SignatureVerdictKind.Valid), Is.True);
        Assert.That(Needs(SignaturePolicy.Either, SignatureVerdictKind.None), Is.True);
        Assert.That(Needs(SignaturePolicy.Either, SignatureVerdictKind.Valid), Is.False);
        Assert.That(Needs(SignaturePolicy.Envelope, SignatureVerdictKind.None), Is.False);
        Assert.That(Needs(SignaturePolicy.Record, SignatureVerdictKind.None), Is.False);
    }

    [Test]
    public void Of_several_attachments_the_best_counts()
    {
        var verdicts = Verdicts(
            SignaturePolicy.Document,
            SignatureVerdictKind.None,
            [SignatureVerdictKind.None, SignatureVerdictKind.Broken, SignatureVerdictKind.Valid],
            null
        );
        Assert.That(verdicts.Document!.Kind, Is.EqualTo(SignatureVerdictKind.Valid));
    }

    private static bool Needs(SignaturePolicy policy, SignatureVerdictKind envelope) =>
        new SignatureGate(policy, AfterGrace.Record).NeedsDocument(new(envelope, "", ""));

    private static string[] CodesOf(
        SignaturePolicy policy,
        SignatureVerdictKind envelope,
        SignatureVerdictKind document,
        RevocationState? state = null,
        AfterGrace afterGrace = AfterGrace.Record
    ) =>
        [
            .. new SignatureGate(policy, afterGrace)
                .Check(Verdicts(policy, envelope, [document], state))
                .Select(error => error.Code),
        ];

    private static PackageVerdicts Verdicts(
        SignaturePolicy policy,
        SignatureVerdictKind envelope,
        SignatureVerdictKind[] documents,
        RevocationState? state
    ) =>
        new(
            policy,
            new SignatureVerdict(envelope, "why", "vì sao") { Revocation = state },
            [
                .. documents.Select(kind => new AttachmentVerdict(
                    "a.pdf",
                    kind,
                    "why",
                    "vì sao",
                    state,
                    []
                )),
            ]
        );
}
