using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Axis.TestKit;

namespace Axis.Cli.Tests.OnHub;

/// <summary><c>axis certs …</c>, <c>axis policies …</c></summary>
public sealed class CertificatesTests : HubTest
{
    [Test]
    public async Task A_certificate_is_added_and_listed_with_its_subject()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=qlvb-chung-thu", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(
            TimeProvider.System.GetUtcNow().AddDays(-1),
            TimeProvider.System.GetUtcNow().AddYears(1)
        );
        var pem = Write("ung-dung.pem", certificate.ExportCertificatePem());
        var added = await SaidAsync(Registrar, "certs", "add", "office", pem);
        Assert.That(added, Does.Match(@"office\s+certificate\s+CN=qlvb-chung-thu"));
        Assert.That(
            await SaidAsync(Registrar, "certs", "list", "--office-system", "office"),
            Does.Contain("CN=qlvb-chung-thu")
        );
        Assert.That(
            await SaidAsync(Registrar, "certs", "list", "--office-system", "commune"),
            Does.Contain("No key is registered.")
        );

        string[] revoke =
        [
            "certs",
            "revoke",
            Convert.ToHexStringLower(SHA256.HashData(certificate.RawData)),
        ];
        Assert.That(
            (await AsAsync(Registrar, revoke)).Error,
            Does.Contain("AXIS-6004"),
            "no agency's"
        );
        Assert.That(
            await SaidAsync(Registrar, [.. revoke, "--office-system", "office"]),
            Does.Contain("Revoked.")
        );
    }

    [Test]
    public async Task A_private_key_is_not_even_sent()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = Write("khoa.pem", key.ExportPkcs8PrivateKeyPem());
        var refused = await AsAsync(Registrar, "certs", "add", "office", pem);
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Error, Does.Contain("was not sent"));
    }

    [Test]
    public async Task Certificates_of_agencies_that_end_are_listed()
    {
        var all = await SaidAsync(Viewer, "certs", "expiring", "--within", "36500");
        Assert.That(all, Does.Contain(TestProvince.Office).And.Contain("missing"));
        var none = await AsAsync(Viewer, "certs", "expiring", "--within", "-1");
        Assert.That(none.ExitCode, Is.EqualTo(1));
        Assert.That(none.Error, Does.Contain("AXIS-6005"));
    }

    [Test]
    public async Task A_signature_policy_is_set_for_a_time_and_listed()
    {
        string[] words =
        [
            "policies",
            "set",
            "document",
            "--agency",
            TestProvince.Commune,
            "--from",
            "2099-01-01",
            "--to",
            "2099-02-01",
        ];
        Assert.That(
            await SaidAsync(Registrar, words),
            Does.Match($@"agency {TestProvince.Commune}\s+document\s+01/01/2099")
        );
        Assert.That(
            await SaidAsync(Viewer, "policies", "list"),
            Does.Match($@"agency {TestProvince.Commune}\s+document")
        );
        Assert.That((await AsAsync(Viewer, words)).ExitCode, Is.EqualTo(1), "a viewer sets none");
    }
}
