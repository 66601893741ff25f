using System.Net;
using System.Security.Cryptography;
using Axis.Signatures;
using Axis.TestKit;

namespace Axis.Hub.Tests.Trust;

/// <summary>A signed receipt proves offline which bytes the hub accepted, from whom, for whom and when.</summary>
public sealed class ReceiptTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private JwkSet _keys = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        _office = await _hub.ClientAsync("office");
        using var anyone = _hub.AnonymousClient();
        _keys = SignedReceipt.ReadKeys(
            await anyone.GetByteArrayAsync(new Uri(".well-known/jwks.json", UriKind.Relative))
        );
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _office.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task The_signature_covers_what_the_receipt_says_and_a_repeat_gets_the_same()
    {
        var package = new Letter(TestProvince.Office, TestProvince.Department).Signed();
        var receipt = await _office.SubmitAsync(package);
        var claims = SignedReceipt.Read(JwsOf(receipt), _keys);

        Assert.That(claims.PackageId, Is.EqualTo(receipt.PackageId));
        Assert.That(claims.Sha256, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(package))));
        Assert.That(claims.Size, Is.EqualTo(package.Length));
        Assert.That(claims.Sender, Is.EqualTo(TestProvince.Office));
        Assert.That(claims.Recipients.Single().Code, Is.EqualTo(TestProvince.Department));
        Assert.That(claims.Signature, Is.EqualTo("valid"));
        Assert.That(
            claims.ReceivedAt,
            Is.EqualTo(receipt.Json.GetProperty("receivedAt").GetDateTimeOffset())
        );

        var repeat = await _office.SubmitAsync(package);
        Assert.That(repeat.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(JwsOf(repeat), Is.EqualTo(JwsOf(receipt)));
    }

    [Test]
    public async Task A_changed_claim_another_key_and_another_algorithm_are_refused()
    {
        var jws = JwsOf(
            await _office.SubmitAsync(
                new Letter(TestProvince.Office, TestProvince.Department).Signed()
            )
        );
        var parts = jws.Split('.');
        var changed = (char)(parts[1][40] == 'A' ? 'B' : 'A');
        Refused($"{parts[0]}.{parts[1][..40]}{changed}{parts[1][41..]}.{parts[2]}");
        Refused($"{parts[0]}.{parts[1]}.{parts[2][..^4]}AAAA");
        Refused($"{parts[0]}.{parts[1]}.");
        Refused($"{parts[0]}.{parts[1]}");
        // RFC 8725 section 2.1: "none", and a public key taken for a secret.
        foreach (var algorithm in (string[])["none", "HS256", "ES384"])
        {
            var header = System.Buffers.Text.Base64Url.EncodeToString(
                System.Text.Encoding.UTF8.GetBytes(
                    $$"""{"alg":"{{algorithm}}","kid":"{{_keys.Keys[0].Kid}}","typ":"axis-receipt+json"}"""
                )
            );
            Refused($"{header}.{parts[1]}.{parts[2]}");
        }
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.That(
            () => SignedReceipt.Read(jws, new JwkSet([PublicJwk.Of(other)])),
            Throws.TypeOf<ReceiptException>()
        );

        void Refused(string forged) =>
            Assert.That(
                () => SignedReceipt.Read(forged, _keys),
                Throws.TypeOf<ReceiptException>(),
                forged
            );
    }

    [Test]
    public void An_access_token_is_no_receipt()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = PublicJwk.Of(key);
        var signed =
            System.Buffers.Text.Base64Url.EncodeToString(
                System.Text.Encoding.UTF8.GetBytes(
                    $$"""{"alg":"ES256","kid":"{{jwk.Kid}}","typ":"JWT"}"""
                )
            ) + ".e30";
        var signature = System.Buffers.Text.Base64Url.EncodeToString(
            key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256)
        );
        Assert.That(
            () => SignedReceipt.Read($"{signed}.{signature}", new JwkSet([jwk])),
            Throws.TypeOf<ReceiptException>().With.Message.Contains("no receipt")
        );
    }

    [TestCase("key.pem", false)]
    [TestCase("rsa.pem", true)]
    [TestCase("key.p12", true)]
    public void A_key_comes_from_PEM_or_from_PKCS12(string name, bool rsa)
    {
        var folder = Directory.CreateTempSubdirectory("axis-keys-").FullName;
        try
        {
            var file = Path.Combine(folder, name);
            if (name.EndsWith(".p12", StringComparison.Ordinal))
            {
                File.WriteAllBytes(
                    file,
                    TestKeys
                        .Of("H99")
                        .ExportPkcs12(
                            System
                                .Security
                                .Cryptography
                                .X509Certificates
                                .Pkcs12ExportPbeParameters
                                .Default,
                            "mật khẩu"
                        )
                );
            }
            else
            {
                using AsymmetricAlgorithm made = rsa
                    ? RSA.Create(2048)
                    : ECDsa.Create(ECCurve.NamedCurves.nistP256);
                File.WriteAllText(file, made.ExportPkcs8PrivateKeyPem());
            }
            using var key = ReceiptKey.Load(
                file,
                name.EndsWith(".p12", StringComparison.Ordinal) ? "mật khẩu" : null
            );
            Assert.That(key.Key.Alg, Is.EqualTo(rsa ? "PS256" : "ES256"));
            var keys = SignedReceipt.ReadKeys(SignedReceipt.WriteKeys(new JwkSet([key.Key])));
            Assert.That(
                SignedReceipt.Read(SignedReceipt.Write(Claims(), key), keys).DocumentId,
                Is.EqualTo("15/UBND-VP")
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static ReceiptClaims Claims() =>
        new()
        {
            Iss = "axis",
            PackageId = Guid.CreateVersion7(),
            DocumentId = "15/UBND-VP",
            Business = "new",
            Sha256 = new string('0', 64),
            Size = 1,
            Sender = "H99",
            Recipients = [],
            ReceivedAt = new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero),
            Signature = "valid",
            DocumentVerdict = "none",
        };

    private static string JwsOf(Answer receipt) => receipt.Json.GetProperty("jws").GetString()!;
}
