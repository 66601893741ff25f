using System.Text;

namespace Axis.Signatures.Tests;

/// <summary>What time stamps prove, on signatures and on documents.</summary>
internal sealed class PdfTimeStampTests
{
    private const string ForTimeStamps = "1.3.6.1.5.5.7.3.8";

    /// <summary>Long after the signer's certificate expired.</summary>
    private static readonly DateTimeOffset Late = Province.Now.AddYears(5);
    private static readonly DateTimeOffset Stamped = Province.Now.AddDays(-1);

    private static readonly AuthorityTree Authority = new(extendedUsage: ForTimeStamps);

    private sealed class Knowledge(Func<RevocationQuestion, RevocationAnswer> answer)
        : IRevocationKnowledge
    {
        public RevocationAnswer Ask(RevocationQuestion question) => answer(question);
    }

    private static ChainJudge Trust(Func<RevocationQuestion, RevocationAnswer>? answer = null) =>
        new(
            [Province.Authority.Certificate, Authority.Root],
            new Knowledge(answer ?? (_ => RevocationAnswer.Good)),
            [Authority.Intermediate]
        );

    private static IReadOnlyList<PdfSignature> Verify(
        byte[] pdf,
        DateTimeOffset at,
        ChainJudge? chain = null
    )
    {
        using var stream = new MemoryStream(pdf);
        return new PdfSignatureVerifier().Verify(stream, chain ?? Trust(), at);
    }

    private static Task<byte[]> SignAsync(Func<byte[], byte[]> stamp) =>
        PdfFile.SignAsync(async content =>
            TimeStamps.Stamp(await PdfFile.CmsAsync(content, Province.Agency, "-md sha256"), stamp)
        );

    private static byte[] Token(byte[] value) => TimeStamps.Token(Authority.Leaf, value, Stamped);

    private static Task<byte[]> StampDocumentAsync(byte[] pdf, Func<byte[], byte[]> stamp) =>
        PdfFile.FillInAsync(
            PdfFile.Append(pdf, PdfFile.SecondSignature("ETSI.RFC3161")),
            content => Task.FromResult(stamp(content))
        );

    [Test]
    public async Task A_stamped_signature_is_judged_at_the_time_of_the_stamp()
    {
        var signature = Verify(await SignAsync(Token), Late).Single();
        Assert.Multiple(() =>
        {
            Assert.That(
                signature.Verdict.Kind,
                Is.EqualTo(SignatureVerdictKind.Valid),
                signature.Verdict.Reason
            );
            Assert.That(signature.TimeStamp?.Kind, Is.EqualTo(SignatureVerdictKind.Valid));
            Assert.That(signature.StampedTime, Is.EqualTo(Stamped));
            Assert.That(signature.ClaimedTime, Is.Not.Null.And.Not.EqualTo(Stamped));
        });
    }

    [Test]
    public async Task Without_a_stamp_the_same_signature_is_expired()
    {
        var signature = Verify(await PdfFile.SignAsync(Province.Agency), Late).Single();
        Assert.That(signature.Verdict.Kind, Is.EqualTo(SignatureVerdictKind.Expired));
        Assert.That(signature.TimeStamp, Is.Null);
    }

    [Test]
    public async Task A_stamp_over_another_signature_proves_nothing()
    {
        var signature = Verify(await SignAsync(value => Token([.. value, 1])), Late).Single();
        Assert.That(signature.TimeStamp?.Kind, Is.EqualTo(SignatureVerdictKind.Broken));
        Assert.That(signature.StampedTime, Is.Null);
        Assert.That(signature.Verdict.Kind, Is.EqualTo(SignatureVerdictKind.Expired));
    }

    [Test]
    public async Task A_stamp_of_an_authority_that_is_not_trusted_proves_nothing()
    {
        var chain = new ChainJudge([Province.Authority.Certificate]);
        var signature = Verify(await SignAsync(Token), Late, chain).Single();
        Assert.That(signature.TimeStamp?.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
        Assert.That(signature.Verdict.Kind, Is.EqualTo(SignatureVerdictKind.Expired));
    }

    [Test]
    public async Task A_stamp_by_an_agencys_own_certificate_proves_nothing()
    {
        var pdf = await SignAsync(value =>
            TimeStamps.Token(Province.Agency.Certificate, value, Stamped)
        );
        var signature = Verify(pdf, Late).Single();
        Assert.That(signature.TimeStamp?.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
        Assert.That(signature.Verdict.Kind, Is.EqualTo(SignatureVerdictKind.Expired));
    }

    [Test]
    public async Task A_stamp_that_names_a_time_to_come_proves_nothing()
    {
        var signature = Verify(await SignAsync(Token), Stamped.AddHours(-1)).Single();
        Assert.That(signature.TimeStamp?.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
        Assert.That(signature.StampedTime, Is.Null);
    }

    [Test]
    public async Task A_stamp_that_does_not_name_its_certificate_is_malformed()
    {
        var pdf = await SignAsync(value =>
            TimeStamps.Token(Authority.Leaf, value, Stamped, namesCertificate: false)
        );
        Assert.That(
            Verify(pdf, Late).Single().TimeStamp?.Kind,
            Is.EqualTo(SignatureVerdictKind.Malformed)
        );
    }

    [TestCase(1, SignatureVerdictKind.Valid)]
    [TestCase(-1, SignatureVerdictKind.Revoked)]
    public async Task A_revocation_counts_when_it_came_before_the_stamp(
        int hours,
        SignatureVerdictKind kind
    )
    {
        var chain = Trust(question =>
            question.Certificate.Equals(Province.Agency.Certificate)
                ? RevocationAnswer.Revoked(Stamped.AddHours(hours))
                : RevocationAnswer.Good
        );
        Assert.That(
            Verify(await SignAsync(Token), Province.Now, chain).Single().Verdict.Kind,
            Is.EqualTo(kind)
        );
    }

    [Test]
    public async Task What_only_the_stamp_makes_valid_is_no_better_than_the_stamp()
    {
        var chain = Trust(question =>
            question.Certificate.Equals(Authority.Leaf)
                ? RevocationAnswer.WithinGrace
                : RevocationAnswer.Good
        );
        var pdf = await SignAsync(Token);
        var late = Verify(pdf, Late, chain).Single().Verdict;
        Assert.Multiple(() =>
        {
            Assert.That(late.Kind, Is.EqualTo(SignatureVerdictKind.NotYetChecked));
            Assert.That(late.Revocation, Is.EqualTo(RevocationState.WithinGrace));
            Assert.That(
                Verify(pdf, Province.Now, chain).Single().Verdict.Kind,
                Is.EqualTo(SignatureVerdictKind.Valid),
                "it is valid without the stamp, too"
            );
        });
    }

    [Test]
    public async Task A_stamp_on_the_document_proves_the_time_of_the_signature_before_it()
    {
        var pdf = await StampDocumentAsync(await PdfFile.SignAsync(Province.Agency), Token);
        var signatures = Verify(pdf, Late);
        Assert.Multiple(() =>
        {
            Assert.That(
                signatures.Select(one => one.Type),
                Is.EqualTo(new[] { PdfSignatureType.Signature, PdfSignatureType.DocumentTimeStamp })
            );
            Assert.That(
                signatures.Select(one => one.Verdict.Kind),
                Is.All.EqualTo(SignatureVerdictKind.Valid)
            );
            Assert.That(
                signatures.Select(one => one.Coverage),
                Is.EqualTo(new[] { PdfCoverage.LaterSignatures, PdfCoverage.WholeFile })
            );
            Assert.That(signatures.Select(one => one.StampedTime), Is.All.EqualTo(Stamped));
        });
    }

    [Test]
    public async Task A_stamp_on_the_document_alone_is_no_signature()
    {
        var objects = PdfFile.Objects("ETSI.RFC3161");
        var pdf = await PdfFile.FillInAsync(
            PdfFile.Write(objects),
            content => Task.FromResult(Token(content))
        );
        Assert.That(
            Verify(pdf, Province.Now).Single().Verdict.Kind,
            Is.EqualTo(SignatureVerdictKind.Valid)
        );
        Assert.That(
            PdfVerdict.Of(Verify(pdf, Province.Now)).Kind,
            Is.EqualTo(SignatureVerdictKind.None)
        );
    }

    [Test]
    public async Task A_changed_document_breaks_its_stamp()
    {
        var pdf = await StampDocumentAsync(await PdfFile.SignAsync(Province.Agency), Token);
        var text = Encoding.Latin1.GetString(pdf);
        var changed = Encoding.Latin1.GetBytes(
            text.Replace("so 15", "so 16", StringComparison.Ordinal)
        );
        Assert.That(
            Verify(changed, Province.Now).Select(one => one.Verdict.Kind),
            Is.All.EqualTo(SignatureVerdictKind.Broken)
        );
    }

    /// <summary>Stamps by openssl, an implementation that is not ours; it knows no other time than the real one.</summary>
    [TestCase("sha1")]
    [TestCase("sha256")]
    public async Task A_stamp_made_by_openssl_holds(string certificateIdentifier)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authority = new AuthorityTree(extendedUsage: ForTimeStamps, now: now);
        using var agency = new AuthorityTree(now: now);
        using var signer = new IssuedCertificate(agency.Leaf);
        var pdf = await PdfFile.SignAsync(async content =>
        {
            var cms = await PdfFile.CmsAsync(content, signer, "-md sha256");
            byte[] token = [];
            TimeStamps.Stamp(
                cms,
                value => token = OpenSslTokenAsync(authority, value, certificateIdentifier).Result
            );
            return TimeStamps.Stamp(cms, _ => token);
        });
        var chain = new ChainJudge(
            [authority.Root, agency.Root],
            new Knowledge(_ => RevocationAnswer.Good),
            [authority.Intermediate, agency.Intermediate]
        );
        var signature = Verify(pdf, now.AddDays(1), chain).Single();
        Assert.That(
            signature.TimeStamp?.Kind,
            Is.EqualTo(SignatureVerdictKind.Valid),
            signature.TimeStamp?.Reason
        );
        Assert.That(signature.StampedTime, Is.GreaterThan(now.AddMinutes(-5)));
    }

    private static async Task<byte[]> OpenSslTokenAsync(
        AuthorityTree authority,
        byte[] stamped,
        string certificateIdentifier
    )
    {
        using var folder = new TemporaryFolder();
        using var signer = new IssuedCertificate(authority.Leaf);
        var configuration = await folder.WriteAsync(
            "tsa.cnf",
            $"""
            [tsa]
            default_tsa = only
            [only]
            serial = {folder.PathOf("serial")}
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            digests = sha256
            ess_cert_id_alg = {certificateIdentifier}
            """
        );
        await folder.WriteAsync("serial", "01");
        var query = folder.PathOf("query");
        var data = await folder.WriteAsync("data", stamped);
        var (exitCode, _, errors) = await Tools.RunAsync(
            "openssl",
            "ts",
            "-query",
            "-sha256",
            "-cert",
            "-data",
            data,
            "-out",
            query
        );
        Assert.That(exitCode, Is.Zero, errors);
        var token = folder.PathOf("token");
        (exitCode, _, errors) = await Tools.RunAsync(
            "openssl",
            "ts",
            "-reply",
            "-config",
            configuration,
            "-queryfile",
            query,
            "-signer",
            await folder.WriteAsync("certificate.pem", signer.CertificatePem),
            "-inkey",
            await folder.WriteAsync("key.pem", signer.ExportPrivateKeyPem()),
            "-token_out",
            "-out",
            token
        );
        Assert.That(exitCode, Is.Zero, errors);
        return await File.ReadAllBytesAsync(token);
    }
}
