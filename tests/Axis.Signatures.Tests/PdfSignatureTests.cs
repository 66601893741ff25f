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
