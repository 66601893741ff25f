using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Axis.Signatures.Tests;

internal sealed class PdfSignatureTests
{
    private static readonly X509Certificate2[] Anchors = [Province.Authority.Certificate];

    private static IReadOnlyList<PdfSignature> Verify(
        byte[] pdf,
        IReadOnlyList<X509Certificate2>? anchors = null,
        DateTimeOffset? at = null
    )
    {
        using var stream = new MemoryStream(pdf);
        return new PdfSignatureVerifier().Verify(
            stream,
            new ChainJudge(anchors ?? Anchors),
            at ?? Province.Now
        );
    }

    private static void Expect(byte[] pdf, SignatureVerdictKind kind)
    {
        var signatures = Verify(pdf);
        Assert.That(signatures, Has.Count.EqualTo(1));
        Assert.That(signatures[0].Verdict.Kind, Is.EqualTo(kind), signatures[0].Verdict.Reason);
    }

    private static byte[] Replace(byte[] pdf, string from, string to)
    {
        var text = Encoding.Latin1.GetString(pdf);
        Assert.That(text, Does.Contain(from));
        return Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }

    [Test]
    public async Task A_signed_PDF_holds_and_covers_the_whole_file()
    {
        var signature = Verify(await PdfFile.SignAsync(Province.Agency)).Single();
        Assert.Multiple(() =>
        {
            Assert.That(signature.Verdict.Kind, Is.EqualTo(SignatureVerdictKind.NotYetChecked));
            Assert.That(signature.Verdict.Subject, Does.Contain("CN=H01.01"));
            Assert.That(signature.Coverage, Is.EqualTo(PdfCoverage.WholeFile));
            Assert.That(signature.ClaimedTime, Is.Not.Null);
        });
    }

    [TestCase("-md sha384")]
    [TestCase("-md sha512")]
    [TestCase("-md sha256 -cades")]
    [TestCase("-md sha256 -keyid")]
    [TestCase("-md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest")]
    public async Task Other_listed_forms_hold_until_something_changes(string options)
    {
        var pdf = await PdfFile.SignAsync(Province.Agency, options);
        Expect(pdf, SignatureVerdictKind.NotYetChecked);
        Expect(Replace(pdf, "so 15", "so 16"), SignatureVerdictKind.Broken);
    }

    [Test]
    public async Task An_elliptic_key_holds() =>
        Expect(await PdfFile.SignAsync(Province.Elliptic), SignatureVerdictKind.NotYetChecked);

    [Test]
    public async Task The_signed_PDF_also_verifies_in_pdfsig()
    {
        using var folder = new TemporaryFolder();
        var file = await folder.WriteAsync("signed.pdf", await PdfFile.SignAsync(Province.Agency));
        var (_, output, errors) = await Tools.RunAsync("pdfsig", "-nocert", file);
        Assert.That(output, Does.Contain("Signature is Valid"), errors);
        Assert.That(output, Does.Contain("Total document signed"));
    }

    /// <summary>Decree 30/2020: the competent person signs, then the agency.</summary>
    [Test]
    public async Task A_person_and_then_the_agency_sign()
    {
        var pdf = await PdfFile.SignAgainAsync(
            await PdfFile.SignAsync(Province.OtherAgency),
            Province.Agency
        );
        var signatures = Verify(pdf);
        Assert.Multiple(() =>
        {
            Assert.That(
                signatures.Select(s => s.Verdict.Kind),
                Is.All.EqualTo(SignatureVerdictKind.NotYetChecked)
            );
            Assert.That(
                signatures.Select(s => s.Coverage),
                Is.EqualTo(new[] { PdfCoverage.LaterSignatures, PdfCoverage.WholeFile })
            );
            Assert.That(
                Verify(Replace(pdf, "so 15", "so 16")).Select(s => s.Verdict.Kind),
                Is.All.EqualTo(SignatureVerdictKind.Broken)
            );
        });
        using var folder = new TemporaryFolder();
        var file = await folder.WriteAsync("signed.pdf", pdf);
        var (_, output, errors) = await Tools.RunAsync("pdfsig", "-nocert", file);
        Assert.That(output.Split("Signature is Valid"), Has.Length.EqualTo(3), output + errors);
    }

    [Test]
    public void More_signatures_than_the_limit_are_named_not_dropped()
    {
        var pdf = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat("/ByteRange [0 1 2 3] ", 40))
        );
        var signatures = Verify(pdf);
        Assert.That(signatures, Has.Count.EqualTo(33));
        Assert.That(signatures[^1].Verdict.Kind, Is.EqualTo(SignatureVerdictKind.Unsupported));
    }

    [Test]
    public async Task Every_sampled_changed_byte_outside_the_value_is_noticed()
    {
        var pdf = await PdfFile.SignAsync(Province.Agency);
        var gap =
            Encoding.Latin1.GetString(pdf).IndexOf("/Contents <", StringComparison.Ordinal) + 10;
        for (var i = 0; i < pdf.Length; i += i > gap && i < gap + 8000 ? 997 : 3)
        {
            var changed = pdf.ToArray();
            changed[i] ^= 0x04;
            var good = Verify(changed)
                .Any(s => s.Verdict.Kind == SignatureVerdictKind.NotYetChecked);
            Assert.That(good, Is.False, $"byte {i}");
        }
    }

    [Test]
    public void A_PDF_without_signature_has_none() =>
        Assert.That(Verify("%PDF-1.7\n1 0 obj\n<< >>\nendobj\n%%EOF\n"u8.ToArray()), Is.Empty);

    [Test]
    public async Task Content_added_after_signing_is_told_apart()
    {
        var pdf = await PdfFile.SignAsync(Province.Agency);
        var signature = Verify([.. pdf, .. "7 0 obj\n(shadow)\nendobj\n%%EOF\n"u8]).Single();
        Assert.That(signature.Verdict.Kind, Is.EqualTo(SignatureVerdictKind.NotYetChecked));
        Assert.That(signature.Coverage, Is.EqualTo(PdfCoverage.LaterChanges));
    }

    [Test]
    public async Task Content_hidden_between_the_two_runs_is_refused()
    {
        var pdf = await PdfFile.SignAsync(Province.Agency);
        // The reserved space after the value would hold anything, were it not required to be digits.
        Expect(Replace(pdf, "00000000> >>", "00> /X (a)> >>"), SignatureVerdictKind.Malformed);
    }

    [Test]
    public async Task Digits_hidden_behind_the_value_are_refused()
    {
        var pdf = await PdfFile.SignAsync(Province.Agency);
        Expect(Replace(pdf, "00000000> >>", "000000FF> >>"), SignatureVerdictKind.Malformed);
    }

    [TestCase("[0 ", "[1 ", TestName = "A range that leaves out the start of the file is refused")]
    [TestCase("[0 ", "[0 -", TestName = "A range with a negative number is refused")]
    [TestCase("[0 0", "[0 9", TestName = "A range beyond the end of the file is refused")]
    [TestCase("/ByteRange [0 ", "/ByteRange [0 0 ", TestName = "Overlapping runs are refused")]
    public async Task A_false_range_is_refused(string from, string to) =>
        Expect(
            Replace(await PdfFile.SignAsync(Province.Agency), from, to),
            SignatureVerdictKind.Malformed
        );

    /// <summary>Universal forgery: what is missing must not pass as checked.</summary>
    [TestCase("/ByteRange [0 ", "/ByteRange null %", TestName = "A range of null is refused")]
    [TestCase("/ByteRange [0 ", "/ByteRange [] %", TestName = "An empty range is refused")]
    [TestCase(
        "/ByteRange [0 ",
        "/ByteRange [0 0 0 0] %",
        TestName = "A range of nothing is refused"
    )]
    [TestCase(
        "/Contents <",
        "/Contentz <",
        TestName = "A value under another name than Contents is refused"
    )]
    [TestCase(
        "/Type /Sig",
        "/Contents <00> /Type /Sig",
        TestName = "A second value in the dictionary is refused"
    )]
    [TestCase(
        "/Type /Sig",
        "/SubFilter /none /Type /Sig",
        TestName = "A second SubFilter in the dictionary is refused"
    )]
    public async Task A_forged_dictionary_is_refused(string from, string to)
    {
        // What keeps its length is changed after signing; what is added, before, so that the range still fits.
        var after = from.Length == to.Length || from.EndsWith("[0 ", StringComparison.Ordinal);
        var objects = PdfFile.Objects();
        if (!after)
            objects[5] = objects[5].Replace(from, to, StringComparison.Ordinal);
        var pdf = await PdfFile.FillInAsync(
            PdfFile.Write(objects),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        Expect(after ? Replace(pdf, from, to) : pdf, SignatureVerdictKind.Malformed);
    }

    [TestCase("adbe.pkcs7.sha1")]
    [TestCase("adbe.x509.rsa_sha1")]
    [TestCase("none")]
    public async Task Another_form_of_signature_is_refused_by_name(string subFilter)
    {
        var pdf = await PdfFile.FillInAsync(
            PdfFile.Write(PdfFile.Objects(subFilter)),
            content => PdfFile.CmsAsync(content, Province.Agency, "-md sha256")
        );
        var verdict = Verify(pdf).Single().Verdict;
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Unsupported));
        Assert.That(verdict.Reason, Does.Contain(subFilter));
    }

    [TestCase("-md sha256", SignatureVerdictKind.Malformed)]
    [TestCase("-md sha256 -cades", SignatureVerdictKind.NotYetChecked)]
    public async Task The_CAdES_form_must_name_its_certificate(
        string options,
        SignatureVerdictKind kind
    ) =>
        Expect(
            await PdfFile.FillInAsync(
                PdfFile.Write(PdfFile.Objects("ETSI.CAdES.detached")),
                content => PdfFile.CmsAsync(content, Province.Agency, options)
            ),
            kind
        );

    [Test]
    public async Task A_self_signed_look_alike_is_untrusted()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            Province.Agency.Certificate.SubjectName,
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        using var look = new IssuedCertificate(
            request.CreateSelfSigned(Province.Now.AddYears(-1), Province.Now.AddYears(1))
        );
        Expect(await PdfFile.SignAsync(look), SignatureVerdictKind.Untrusted);
    }

    [Test]
    public async Task SHA1_is_accepted_only_by_a_dated_exception_and_marked()
    {
        var pdf = await PdfFile.SignAsync(Province.Agency, "-md sha1");
        using var stream = new MemoryStream(pdf);
        var options = new VerificationOptions
        {
            Sha1Exceptions = [new Sha1Exception(Province.Now.AddDays(1))],
        };
        var chain = new ChainJudge(Anchors, options: options);
        var verifier = new PdfSignatureVerifier(options);
        var excepted = verifier.Verify(stream, chain, Province.Now).Single().Verdict;
        var late = verifier.Verify(stream, chain, Province.Now.AddDays(1)).Single().Verdict;
        Assert.Multiple(() =>
        {
            Assert.That(excepted.Kind, Is.EqualTo(SignatureVerdictKind.NotYetChecked));
            Assert.That(excepted.Sha1Excepted, Is.True);
            Assert.That(late.Kind, Is.EqualTo(SignatureVerdictKind.Unsupported));
        });
    }

    [Test]
    public async Task A_value_that_carries_its_own_content_is_refused() =>
        Expect(
            await PdfFile.SignAsync(content =>
                PdfFile.CmsAsync(SHA256.HashData(content), Province.Agency, "-md sha256 -nodetach")
            ),
            SignatureVerdictKind.Unsupported
        );

    [Test]
    public async Task Two_signers_in_one_value_are_refused()
    {
        using var folder = new TemporaryFolder();
        var other = await folder.WriteAsync("other.pem", Province.OtherAgency.CertificatePem);
        var key = await folder.WriteAsync("other.key", Province.OtherAgency.ExportPrivateKeyPem());
        Expect(
            await PdfFile.SignAsync(Province.Agency, $"-md sha256 -signer {other} -inkey {key}"),
            SignatureVerdictKind.Unsupported
        );
    }

    [Test]
    public async Task A_value_without_signed_attributes_is_refused() =>
        Expect(
            await PdfFile.SignAsync(Province.Agency, "-md sha256 -noattr"),
            SignatureVerdictKind.Malformed
        );

    [Test]
    public async Task A_value_without_the_signers_certificate_is_refused() =>
        Expect(
            await PdfFile.SignAsync(Province.Agency, "-md sha256 -nocerts"),
            SignatureVerdictKind.Malformed
        );

    [Test]
    public async Task SHA1_is_refused() =>
        Expect(
            await PdfFile.SignAsync(Province.Agency, "-md sha1"),
            SignatureVerdictKind.Unsupported
        );

    [Test]
    public async Task A_value_that_is_no_CMS_is_refused() =>
        Expect(
            await PdfFile.SignAsync(_ => Task.FromResult("hello"u8.ToArray())),
            SignatureVerdictKind.Malformed
        );

    [Test]
    public async Task An_authority_that_is_not_trusted_makes_the_signature_untrusted()
    {
        using var stranger = new DemoAuthority(
            Province.Now.AddYears(-1),
            Province.Now.AddYears(1),
            keySize: 2048
        );
        var pdf = await PdfFile.SignAsync(Province.Agency);
        Assert.Multiple(() =>
        {
            Assert.That(
                Verify(pdf, [stranger.Certificate]).Single().Verdict.Kind,
                Is.EqualTo(SignatureVerdictKind.Untrusted),
                "same name, another key"
            );
            Assert.That(
                Verify(pdf, []).Single().Verdict.Kind,
                Is.EqualTo(SignatureVerdictKind.Untrusted)
            );
        });
    }

    [TestCase(-3)]
    [TestCase(3)]
    public async Task A_certificate_outside_its_validity_is_expired(int years) =>
        Assert.That(
            Verify(await PdfFile.SignAsync(Province.Agency), at: Province.Now.AddYears(years))
                .Single()
                .Verdict.Kind,
            Is.EqualTo(SignatureVerdictKind.Expired)
        );

    [Test]
    public async Task A_certificate_for_another_usage_is_untrusted()
    {
        using var sealing = Province.Authority.Issue(
            "H01.01",
            "Sở Nội vụ",
            Province.Now.AddDays(-1),
            Province.Now.AddDays(1),
            X509KeyUsageFlags.KeyEncipherment
        );
        Expect(await PdfFile.SignAsync(sealing), SignatureVerdictKind.Untrusted);
    }

    [Test]
    public async Task Random_damage_gives_verdicts_and_never_throws()
    {
        var pdf = await PdfFile.SignAsync(Province.Agency);
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var damaged = pdf[..random.Next(pdf.Length + 1)];
            for (var n = random.Next(4); n > 0 && damaged.Length > 0; n--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Assert.That(() => Verify(damaged), Throws.Nothing);
        }
    }
}
