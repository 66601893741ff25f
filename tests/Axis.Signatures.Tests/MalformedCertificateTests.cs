using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Axis.Signatures.Tests;

/// <summary>Certificates that the platform loads, and whose parts it cannot read when it is asked for them.</summary>
internal sealed class MalformedCertificateTests
{
    private const string KeyUsage = "2.5.29.15";
    private const string ExtendedKeyUsage = "2.5.29.37";

    private static readonly ChainJudge s_chain = new([Province.Authority.Certificate]);

    private static X509Certificate2 With(string extension)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            "CN=H01.01",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        request.CertificateExtensions.Add(new X509Extension(extension, [0x30, 0x7F], true));
        return request.CreateSelfSigned(Province.Now.AddYears(-1), Province.Now.AddYears(1));
    }

    /// <summary>A good one whose public key is no key any more (RFC 8017 appendix A.1.1).</summary>
    private static X509Certificate2 WithoutKey()
    {
        var der = Province.Agency.Certificate.RawData;
        var key = der.AsSpan().IndexOf(Province.Agency.Certificate.GetPublicKey());
        // Where its modulus should begin.
        der[key + 4] = 0x05;
        return X509CertificateLoader.LoadCertificate(der);
    }

    private static IEnumerable<TestCaseData> Certificates()
    {
        yield return new TestCaseData(
            (Func<X509Certificate2>)(() => With(KeyUsage))
        ).SetArgDisplayNames("key usage");
        yield return new TestCaseData(
            (Func<X509Certificate2>)(() => With(ExtendedKeyUsage))
        ).SetArgDisplayNames("extended key usage");
        yield return new TestCaseData((Func<X509Certificate2>)WithoutKey).SetArgDisplayNames("key");
    }

    [TestCaseSource(nameof(Certificates))]
    public void One_that_was_registered_verifies_nothing_and_breaks_nothing(
        Func<X509Certificate2> make
    )
    {
        using var certificate = make();
        var malformed = new RegisteredCertificate(certificate);
        Assert.That(malformed.IsReadable, Is.False);
        var signed = Province.Sign(Samples.Synthetic);
        Assert.Multiple(() =>
        {
            // The signature names another: that one is judged by what it is.
            Assert.That(
                Province.Verify(signed, [malformed, .. Province.Registered]).Kind,
                Is.EqualTo(SignatureVerdictKind.Valid)
            );
            Assert.That(
                s_chain.Judge(certificate, Province.Now).Kind,
                Is.EqualTo(SignatureVerdictKind.Malformed)
            );
            Assert.That(s_chain.Questions(certificate, Province.Now), Is.Empty);
        });
    }

    [TestCase(KeyUsage)]
    [TestCase(ExtendedKeyUsage)]
    public void A_package_signed_with_one_is_malformed(string extension)
    {
        using var certificate = With(extension);
        using var input = new MemoryStream(Samples.Synthetic);
        using var output = new MemoryStream();
        EnvelopeSigner.Sign(input, certificate, output);
        Assert.That(
            Province.Verify(output.ToArray(), [new(certificate)]).Kind,
            Is.EqualTo(SignatureVerdictKind.Malformed)
        );
    }

    [TestCase(KeyUsage)]
    [TestCase(ExtendedKeyUsage)]
    public async Task A_PDF_signed_with_one_is_malformed(string extension)
    {
        using var certificate = With(extension);
        var pdf = await PdfFile.SignAsync(content => Task.FromResult(Cms(content, certificate)));
        using var stream = new MemoryStream(pdf);
        var verdict = new PdfSignatureVerifier()
            .Verify(stream, s_chain, Province.Now)
            .Single()
            .Verdict;
        Assert.That(verdict.Kind, Is.EqualTo(SignatureVerdictKind.Malformed), verdict.Reason);
        Assert.That(verdict.Reason, Does.Contain("certificate"));
    }

    private static byte[] Cms(byte[] content, X509Certificate2 certificate)
    {
        var cms = new SignedCms(new ContentInfo(content), detached: true);
        var signer = new System.Security.Cryptography.Pkcs.CmsSigner(certificate)
        {
            IncludeOption = X509IncludeOption.EndCertOnly,
            DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"),
        };
        signer.SignedAttributes.Add(new Pkcs9SigningTime(Province.Now.UtcDateTime));
        cms.ComputeSignature(signer);
        return cms.Encode();
    }
}
