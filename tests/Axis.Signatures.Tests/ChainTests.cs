using System.Security.Cryptography;

namespace Axis.Signatures.Tests;

/// <summary>What a certificate is worth by its chain and by what is known of revocations.</summary>
internal sealed class ChainTests
{
    private static readonly byte[] Signed = Province.Sign(Samples.Synthetic);

    /// <summary>Knows what it is told, and remembers what it was asked.</summary>
    private sealed class Knowledge(Func<RevocationQuestion, RevocationAnswer> answer)
        : IRevocationKnowledge
    {
        public List<RevocationQuestion> Asked { get; } = [];

        public RevocationAnswer Ask(RevocationQuestion question)
        {
            Asked.Add(question);
            return answer(question);
        }
    }

    private static ChainJudge Judge(RevocationAnswer? answer) =>
        new([Province.Authority.Certificate], answer is null ? null : new Knowledge(_ => answer));

    private static SignatureVerdict OfPackage(ChainJudge chain, DateTimeOffset? at = null)
    {
        using var stream = new MemoryStream(Signed);
        return new EnvelopeVerifier().Verify(
            stream,
            Province.Registered,
            at ?? Province.Now,
            chain
        );
    }

    private static IEnumerable<TestCaseData> Answers()
    {
        yield return Row(null, SignatureVerdictKind.NotYetChecked, RevocationState.Unknown);
        yield return Row(
            RevocationAnswer.Unknown,
            SignatureVerdictKind.NotYetChecked,
            RevocationState.Unknown
        );
        yield return Row(
            RevocationAnswer.WithinGrace,
            SignatureVerdictKind.NotYetChecked,
            RevocationState.WithinGrace
        );
        yield return Row(RevocationAnswer.Good, SignatureVerdictKind.Valid, RevocationState.Good);
        yield return Row(
            RevocationAnswer.Revoked(Province.Now),
            SignatureVerdictKind.Revoked,
            RevocationState.Revoked
        );
        yield return Row(
            new RevocationAnswer(RevocationState.Revoked),
            SignatureVerdictKind.Revoked,
            RevocationState.Revoked
        );
        yield return Row(
            RevocationAnswer.Revoked(Province.Now.AddSeconds(1)),
            SignatureVerdictKind.Valid,
            RevocationState.Good
        );

        static TestCaseData Row(
            RevocationAnswer? answer,
            SignatureVerdictKind kind,
            RevocationState state
        ) => new TestCaseData(answer, kind, state).SetArgDisplayNames($"{answer}", $"{kind}");
    }

    [TestCaseSource(nameof(Answers))]
    public async Task What_is_known_of_revocation_decides_alike_for_packages_and_for_PDFs(
        RevocationAnswer? answer,
        SignatureVerdictKind kind,
        RevocationState state
    )
    {
        using var pdf = new MemoryStream(await PdfFile.SignAsync(Province.Agency));
        var chain = Judge(answer);
        SignatureVerdict[] verdicts =
        [
            OfPackage(chain),
            new PdfSignatureVerifier().Verify(pdf, chain, Province.Now).Single().Verdict,
        ];
        Assert.That(verdicts.Select(one => one.Kind), Is.All.EqualTo(kind));
        Assert.That(verdicts.Select(one => one.Revocation), Is.All.EqualTo(state));
    }

    [Test]
    public void A_registered_certificate_of_an_authority_that_is_not_trusted_is_untrusted()
    {
        using var stranger = new DemoAuthority(
            Province.Now.AddYears(-1),
            Province.Now.AddYears(1),
            keySize: 2048
        );
        var verdict = OfPackage(new ChainJudge([stranger.Certificate]));
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
    }

    [Test]
    public void The_registrys_own_revocation_comes_first()
    {
        using var stream = new MemoryStream(Signed);
        var verdict = new EnvelopeVerifier().Verify(
            stream,
            [new(Province.Agency.Certificate, Province.Now)],
            Province.Now,
            Judge(RevocationAnswer.Good)
        );
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Revoked));
    }

    [Test]
    public void Every_certificate_below_the_anchor_is_asked_about_with_its_issuer()
    {
        using var tree = new AuthorityTree();
        var knowledge = new Knowledge(_ => RevocationAnswer.Good);
        var chain = new ChainJudge([tree.Root], knowledge, [tree.Intermediate]);
        Assert.That(
            chain.Judge(tree.Leaf, Province.Now).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
        (string, string)[] expected =
        [
            (tree.Leaf.Subject, tree.Intermediate.Subject),
            (tree.Intermediate.Subject, tree.Root.Subject),
        ];
        Assert.That(
            knowledge.Asked.Select(one => (one.Certificate.Subject, one.Issuer.Subject)),
            Is.EqualTo(expected)
        );
        Assert.That(
            chain
                .Questions(tree.Leaf, Province.Now)
                .Select(one => (one.Certificate.Subject, one.Issuer.Subject)),
            Is.EqualTo(expected)
        );
    }

    [Test]
    public void A_revoked_intermediate_revokes_what_it_issued()
    {
        using var tree = new AuthorityTree();
        var knowledge = new Knowledge(question =>
            question.Certificate.Equals(tree.Intermediate)
                ? RevocationAnswer.Revoked(Province.Now.AddDays(-1))
                : RevocationAnswer.Good
        );
        var verdict = new ChainJudge([tree.Root], knowledge, [tree.Intermediate]).Judge(
            tree.Leaf,
            Province.Now
        );
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Revoked));
        Assert.That(verdict.Reason, Does.Contain("CN=Intermediate"));
    }

    [Test]
    public void The_intermediate_may_come_along_and_is_not_trusted_for_that()
    {
        using var tree = new AuthorityTree();
        var good = new Knowledge(_ => RevocationAnswer.Good);
        Assert.Multiple(() =>
        {
            Assert.That(
                new ChainJudge([tree.Root], good)
                    .Judge(tree.Leaf, Province.Now, [tree.Intermediate])
                    .Kind,
                Is.EqualTo(SignatureVerdictKind.Valid)
            );
            Assert.That(
                new ChainJudge([tree.Root], good).Judge(tree.Leaf, Province.Now).Kind,
                Is.EqualTo(SignatureVerdictKind.Untrusted)
            );
            Assert.That(
                new ChainJudge([Province.Authority.Certificate], good)
                    .Judge(tree.Leaf, Province.Now, [tree.Intermediate, tree.Root])
                    .Kind,
                Is.EqualTo(SignatureVerdictKind.Untrusted)
            );
        });
    }

    [Test]
    public void An_agencys_certificate_is_no_authority()
    {
        using var tree = new AuthorityTree(intermediateIsAuthority: false);
        var verdict = new ChainJudge([tree.Root], null, [tree.Intermediate]).Judge(
            tree.Leaf,
            Province.Now
        );
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
    }

    [Test]
    public void An_intermediate_that_expired_before_the_signer_is_expired()
    {
        using var tree = new AuthorityTree(intermediateEnd: Province.Now.AddDays(-1));
        var chain = new ChainJudge(
            [tree.Root],
            new Knowledge(_ => RevocationAnswer.Good),
            [tree.Intermediate]
        );
        Assert.That(
            chain.Judge(tree.Leaf, Province.Now.AddDays(-2)).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
        Assert.That(
            chain.Judge(tree.Leaf, Province.Now).Kind,
            Is.EqualTo(SignatureVerdictKind.Expired),
            "the chain remembered from before must not count"
        );
    }

    [Test]
    public void A_chain_signed_with_SHA1_is_untrusted_but_by_exception()
    {
        using var tree = new AuthorityTree(hash: HashAlgorithmName.SHA1);
        var exception = new VerificationOptions
        {
            Sha1Exceptions = [new Sha1Exception(Province.Now.AddDays(1))],
        };
        var good = new Knowledge(_ => RevocationAnswer.Good);
        var strict = new ChainJudge([tree.Root], good, [tree.Intermediate]);
        var lenient = new ChainJudge([tree.Root], good, [tree.Intermediate], exception);
        Assert.That(
            strict.Judge(tree.Leaf, Province.Now).Kind,
            Is.EqualTo(SignatureVerdictKind.Untrusted)
        );
        Assert.That(
            lenient.Judge(tree.Leaf, Province.Now).Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
    }

    [TestCase("1.3.6.1.5.5.7.3.1")]
    [TestCase("1.3.6.1.5.5.7.3.3")]
    [TestCase("1.3.6.1.5.5.7.3.8")]
    [TestCase("1.3.6.1.5.5.7.3.9")]
    public void A_certificate_for_something_else_alone_signs_no_documents(string usage)
    {
        using var tree = new AuthorityTree(extendedUsage: usage);
        var verdict = new ChainJudge([tree.Root], null, [tree.Intermediate]).Judge(
            tree.Leaf,
            Province.Now
        );
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
        Assert.That(verdict.Reason, Does.Contain("extended key usage"));
    }

    [TestCase("1.3.6.1.5.5.7.3.4")]
    [TestCase("1.3.6.1.5.5.7.3.36")]
    public void A_certificate_for_mail_or_documents_signs_documents(string usage)
    {
        using var tree = new AuthorityTree(extendedUsage: usage);
        var verdict = new ChainJudge(
            [tree.Root],
            new Knowledge(_ => RevocationAnswer.Good),
            [tree.Intermediate]
        ).Judge(tree.Leaf, Province.Now);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Valid));
    }
}
