using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Axis.Signatures;

namespace Axis.Cli.Tests;

/// <summary>Signatures and receipts verified from files alone; the exit code is the verdict.</summary>
public sealed class VerifyTests : FolderTest
{
    private static readonly DateTimeOffset s_from = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_to = new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DemoAuthority _authority = new(s_from, s_to, keySize: 2048);
    private readonly DemoAuthority _lookalike = new(s_from, s_to, keySize: 2048);
    private IssuedCertificate _signer = null!;

    [OneTimeSetUp]
    public void Issue() => _signer = _authority.Issue("H99", "Uỷ ban nhân dân tỉnh", s_from, s_to);

    [OneTimeTearDown]
    public void Forget()
    {
        _signer.Dispose();
        _authority.Dispose();
        _lookalike.Dispose();
    }

    [Test]
    public async Task A_signed_package_is_valid_by_a_trusted_authority_that_revoked_nobody()
    {
        var run = await VerifyAsync(Signed(_signer), Trust(_authority, withList: true));
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        Assert.That(Json(run).GetProperty("verdict").GetString(), Is.EqualTo("valid"));
        var parts = Json(run).GetProperty("parts");
        Assert.That(parts[0].GetProperty("name").GetString(), Is.EqualTo("envelope"));
        Assert.That(parts[0].GetProperty("signer").GetString(), Does.Contain("CN=H99"));
        Assert.That(parts[1].GetProperty("verdict").GetString(), Is.EqualTo("none"));
    }

    [Test]
    public async Task Without_a_list_nobody_can_say_whether_it_was_revoked()
    {
        var run = await VerifyAsync(Signed(_signer), Trust(_authority, withList: false));
        Assert.That(run.ExitCode, Is.EqualTo(4), run.Output);
    }

    [Test]
    public async Task A_certificate_that_is_registered_needs_no_authority()
    {
        var certificate = Write("cert.pem", Encoding.ASCII.GetBytes(_signer.CertificatePem));
        var run = await CliRun.OfAsync("verify", Signed(_signer), "--cert", certificate);
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
    }

    [Test]
    public async Task A_stranger_with_the_same_names_is_untrusted()
    {
        using var stranger = _lookalike.Issue("H99", "Uỷ ban nhân dân tỉnh", s_from, s_to);
        var run = await VerifyAsync(Signed(stranger), Trust(_authority, withList: true));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(Json(run).GetProperty("verdict").GetString(), Is.EqualTo("untrusted"));
    }

    [Test]
    public async Task A_changed_package_is_broken()
    {
        var file = Signed(_signer);
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(
            file,
            text.Replace(">15</edXML", ">16</edXML", StringComparison.Ordinal)
        );
        var run = await VerifyAsync(file, Trust(_authority, withList: true));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(Json(run).GetProperty("verdict").GetString(), Is.EqualTo("broken"));
    }

    [Test]
    public async Task A_revoked_signer_is_revoked()
    {
        var trust = Trust(_authority, withList: false);
        var list = new CertificateRevocationListBuilder();
        list.AddEntry(_signer.Certificate, s_from.AddDays(1));
        await File.WriteAllBytesAsync(
            Path.Combine(trust, "revoked.crl"),
            list.Build(
                _authority.Certificate,
                1,
                s_to,
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1,
                s_from
            )
        );
        var run = await VerifyAsync(Signed(_signer), trust);
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(Json(run).GetProperty("verdict").GetString(), Is.EqualTo("revoked"));
    }

    [Test]
    public async Task The_time_in_question_may_be_another()
    {
        var run = await VerifyAsync(
            Signed(_signer),
            Trust(_authority, withList: true),
            "--at",
            "2025-06-01T08:00:00+07:00"
        );
        Assert.That(Json(run).GetProperty("verdict").GetString(), Is.EqualTo("expired"));
        Assert.That(run.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task What_is_not_signed_has_an_exit_code_of_its_own()
    {
        var run = await VerifyAsync(Write("unsigned.edxml", Unsigned()), Trust(_authority, true));
        Assert.That(run.ExitCode, Is.EqualTo(5), run.Output);
    }

    [Test]
    public async Task A_key_in_PKCS12_signs_as_one_in_PEM_does()
    {
        var key = Write(
            "key.p12",
            _signer.Certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Default, "bí mật")
        );
        var password = Write("password", "bí mật\n"u8.ToArray());
        var signed = In("signed.edxml");
        var sign = await CliRun.OfAsync(
            "sign",
            Write("unsigned.edxml", Unsigned()),
            "--key",
            key,
            "--password-file",
            password,
            "-o",
            signed
        );
        Assert.That(sign.ExitCode, Is.Zero, sign.Error);
        var run = await VerifyAsync(signed, Trust(_authority, withList: true));
        Assert.That(run.ExitCode, Is.Zero, run.Output);
    }

    [Test]
    public async Task A_receipt_proves_its_package_and_no_other()
    {
        var package = Unsigned();
        var file = Write("package.edxml", package);
        var (receipt, keys) = Receipt(package);

        var run = await CliRun.OfAsync("verify", receipt, file, "--keys", keys, "--json");
        Assert.That(run.ExitCode, Is.Zero, run.Output + run.Error);
        Assert.That(
            Json(run).GetProperty("receipt").GetProperty("documentId").GetString(),
            Is.EqualTo("15/UBND-VP")
        );
        var other = Write("other.edxml", [.. package, (byte)'\n']);
        run = await CliRun.OfAsync("verify", receipt, other, "--keys", keys);
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Output, Does.Contain("about other bytes"));
    }

    [Test]
    public async Task A_receipt_by_another_key_proves_nothing()
    {
        var package = Unsigned();
        var file = Write("package.edxml", package);
        var (receipt, _) = Receipt(package);
        var kept = await File.ReadAllBytesAsync(receipt);
        var (_, others) = Receipt(package);
        await File.WriteAllBytesAsync(receipt, kept);

        var run = await CliRun.OfAsync("verify", receipt, file, "--keys", others);
        Assert.That(run.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task A_receipt_alone_is_wrong_usage()
    {
        var (receipt, _) = Receipt(Unsigned());
        var run = await CliRun.OfAsync("verify", receipt);
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Error, Does.Contain("--keys"));
    }

    private static Task<CliRun> VerifyAsync(string file, string trust, params string[] more) =>
        CliRun.OfAsync(["verify", file, "--trust", trust, "--json", .. more]);

    private static JsonElement Json(CliRun run) =>
        JsonSerializer.Deserialize<JsonElement>(run.Output);

    private string Signed(IssuedCertificate signer)
    {
        using var signed = new MemoryStream();
        EnvelopeSigner.Sign(new MemoryStream(Unsigned()), signer.Certificate, signed);
        return Write("signed.edxml", signed.ToArray());
    }

    private string Trust(DemoAuthority authority, bool withList)
    {
        var folder = Directory.CreateDirectory(In("trust")).FullName;
        File.WriteAllText(
            Path.Combine(folder, "authority.pem"),
            authority.Certificate.ExportCertificatePem()
        );
        if (withList)
        {
            File.WriteAllBytes(
                Path.Combine(folder, "authority.crl"),
                authority.EmptyRevocationList(s_from, s_to)
            );
        }
        return folder;
    }

    private (string Receipt, string Keys) Receipt(byte[] package)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = Write("key.pem", Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem()));
        using var key = ReceiptKey.Load(pem);
        var jws = SignedReceipt.Write(
            new ReceiptClaims
            {
                Iss = "axis",
                PackageId = Guid.CreateVersion7(),
                DocumentId = "15/UBND-VP",
                Business = "new",
                Sha256 = Convert.ToHexStringLower(SHA256.HashData(package)),
                Size = package.Length,
                Sender = "H99",
                Recipients = [],
                ReceivedAt = s_from,
                Signature = "valid",
                DocumentVerdict = "none",
            },
            key
        );
        return (
            Write(
                "receipt.json",
                JsonSerializer.SerializeToUtf8Bytes(new { kind = "document", jws })
            ),
            Write("jwks.json", SignedReceipt.WriteKeys(new JwkSet([key.Key])))
        );
    }

    private static byte[] Unsigned() => File.ReadAllBytes(Package("new.edxml"));

    private string Write(string name, byte[] bytes)
    {
        var path = In(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
