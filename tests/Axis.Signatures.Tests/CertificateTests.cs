using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures.Tests;

/// <summary>Whose key counts, and when.</summary>
internal sealed class CertificateTests
{
    private static readonly byte[] Signed = Province.Sign(Samples.Synthetic);

    [Test]
    public void The_verdict_names_the_signer()
    {
        var verdict = Province.Verify(Signed);
        Assert.Multiple(() =>
        {
            Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Valid));
            Assert.That(verdict.Subject, Does.Contain("CN=H01.01").And.Contain("O=Sở Nội vụ"));
            Assert.That(
                verdict.Thumbprint,
                Is.EqualTo(
                    Convert.ToHexStringLower(
                        Province.Agency.Certificate.GetCertHash(HashAlgorithmName.SHA256)
                    )
                )
            );
        });
    }

    [Test]
    public void A_package_without_signature_gives_none() =>
        Assert.That(Province.Verify(Samples.Synthetic).Kind, Is.EqualTo(SignatureVerdictKind.None));

    [Test]
    public void A_good_signature_with_a_certificate_that_is_not_registered_is_untrusted()
    {
        var verdict = Province.Verify(Signed, [new(Province.OtherAgency.Certificate)]);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
        Assert.That(verdict.Subject, Does.Contain("CN=H01.01"));
    }

    [Test]
    public void A_self_signed_look_alike_is_untrusted()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            Province.Agency.Certificate.SubjectName,
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        using var certificate = request.CreateSelfSigned(
            Province.Now.AddYears(-1),
            Province.Now.AddYears(1)
        );
        using var input = new MemoryStream(Samples.Synthetic);
        using var output = new MemoryStream();
        EnvelopeSigner.Sign(input, certificate, output);
        Assert.That(
            Province.Verify(output.ToArray()).Kind,
            Is.EqualTo(SignatureVerdictKind.Untrusted)
        );
    }

    [Test]
    public void Anothers_key_under_a_registered_certificate_is_broken()
    {
        var text = Province.Text(Province.Sign(Samples.Synthetic, signer: Province.OtherAgency));
        var swapped = text.Replace(
            Convert.ToBase64String(Province.OtherAgency.Certificate.RawData),
            Convert.ToBase64String(Province.Agency.Certificate.RawData),
            StringComparison.Ordinal
        );
        Assert.That(Province.Verify(swapped).Kind, Is.EqualTo(SignatureVerdictKind.Broken));
    }

    [Test]
    public void Without_KeyInfo_any_registered_certificate_may_fit()
    {
        var bare = WithoutKeyInfo();
        Assert.Multiple(() =>
        {
            Assert.That(Province.Verify(bare).Subject, Does.Contain("H01.01"));
            Assert.That(Province.Verify(bare, []).Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
            Assert.That(
                Province.Verify(bare, [new(Province.OtherAgency.Certificate)]).Kind,
                Is.EqualTo(SignatureVerdictKind.Broken)
            );
        });
    }

    /// <summary>An authority may renew a certificate over the key that it was for.</summary>
    [Test]
    public void Without_KeyInfo_the_certificate_of_a_key_that_is_valid_counts(
        [Values] bool oldFirst
    )
    {
        using var key = Province.Agency.Certificate.GetRSAPrivateKey()!;
        var request = new CertificateRequest(
            Province.Agency.Certificate.SubjectName,
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        using var old = request.CreateSelfSigned(
            Province.Now.AddYears(-2),
            Province.Now.AddDays(-1)
        );
        RegisteredCertificate[] both = oldFirst
            ? [new(old), new(Province.Agency.Certificate)]
            : [new(Province.Agency.Certificate), new(old)];
        var verdict = Province.Verify(WithoutKeyInfo(), both);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Valid), verdict.Reason);
    }

    private static byte[] WithoutKeyInfo()
    {
        var text = Province.Text(Signed);
        var start = text.IndexOf("<KeyInfo>", StringComparison.Ordinal);
        var end = text.IndexOf("</KeyInfo>", StringComparison.Ordinal) + "</KeyInfo>".Length;
        return System.Text.Encoding.UTF8.GetBytes(text.Remove(start, end - start));
    }

    [TestCase(-3, SignatureVerdictKind.Expired)]
    [TestCase(0, SignatureVerdictKind.Valid)]
    [TestCase(3, SignatureVerdictKind.Expired)]
    public void The_certificate_must_be_valid_at_the_time_in_question(
        int years,
        SignatureVerdictKind kind
    ) =>
        Assert.That(
            Province.Verify(Signed, at: Province.Now.AddYears(years)).Kind,
            Is.EqualTo(kind)
        );

    [TestCase(-1, SignatureVerdictKind.Revoked)]
    [TestCase(0, SignatureVerdictKind.Revoked)]
    [TestCase(1, SignatureVerdictKind.Valid)]
    public void A_revocation_counts_from_its_time_on(int minutes, SignatureVerdictKind kind) =>
        Assert.That(
            Province
                .Verify(
                    Signed,
                    [new(Province.Agency.Certificate, Province.Now.AddMinutes(minutes))]
                )
                .Kind,
            Is.EqualTo(kind)
        );

    [Test]
    public void A_broken_signature_under_an_expired_certificate_is_broken()
    {
        var changed = Province.Text(Signed).Replace("H01.02", "H01.03", StringComparison.Ordinal);
        var bytes = System.Text.Encoding.UTF8.GetBytes(changed);
        Assert.That(
            Province.Verify(bytes, at: Province.Now.AddYears(9)).Kind,
            Is.EqualTo(SignatureVerdictKind.Broken)
        );
    }

    [Test]
    public void A_certificate_for_another_usage_is_untrusted()
    {
        using var sealing = Province.Authority.Issue(
            "H01.01",
            "Sở Nội vụ",
            Province.Now.AddDays(-1),
            Province.Now.AddDays(1),
            X509KeyUsageFlags.KeyEncipherment
        );
        var signed = Province.Sign(Samples.Synthetic, signer: sealing);
        var verdict = Province.Verify(signed, [new(sealing.Certificate)]);
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Untrusted));
        Assert.That(verdict.Reason, Does.Contain("key usage"));
    }

    [Test]
    public void A_short_RSA_key_is_untrusted()
    {
        using var weak = Province.Authority.Issue(
            "H01.01",
            "Sở Nội vụ",
            Province.Now.AddDays(-1),
            Province.Now.AddDays(1),
            keySize: 1024
        );
        var signed = Province.Sign(Samples.Synthetic, signer: weak);
        Assert.That(
            Province.Verify(signed, [new(weak.Certificate)]).Kind,
            Is.EqualTo(SignatureVerdictKind.Untrusted)
        );
    }

    [TestCase("documents/vnpt-new.edxml")]
    [TestCase("documents/vnpt-new-small.edxml")]
    [TestCase("documents/vnpt-recall.edxml")]
    [TestCase("documents/vnpt-update.edxml")]
    public void The_sample_signature_of_the_field_is_a_placeholder(string name)
    {
        var verdict = Province.Verify(Samples.Read(name));
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Placeholder));
        Assert.That(
            verdict.Reason,
            Does.Contain("MIIFqTCCBJG").And.Contain("QCVN_102_2016").And.Contain("xml-exc-c14n")
        );
    }

    [Test]
    public void PEM_export_gives_back_certificate_and_key()
    {
        using var again = X509Certificate2.CreateFromPem(
            Province.Agency.CertificatePem,
            Province.Agency.ExportPrivateKeyPem()
        );
        Assert.That(again.Thumbprint, Is.EqualTo(Province.Agency.Certificate.Thumbprint));
        Assert.That(again.HasPrivateKey, Is.True);
    }
}
