using System.Runtime.Versioning;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Axis.Hub.Access;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Tests.Access;

/// <summary>Tokens as attackers make them.</summary>
public sealed class AccessTokenTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);
    private static readonly Holder s_holder = new(HolderKind.OfficeSystem, "qlvb-so");
    private static readonly Proved s_proved = new(s_holder, "secret:1");
    private static readonly TokenProof s_proof = new(s_holder, "secret:1");

    private string _folder = "";
    private SetClock _clock = null!;
    private TokenKeys _key = null!;
    private AccessTokens _tokens = null!;

    private string KeyFile => Path.Combine(_folder, "keys", "token.pem");

    [SetUp]
    public void Make_a_key()
    {
        _folder = Directory.CreateTempSubdirectory("axis-tokens-").FullName;
        _clock = new SetClock(s_now);
        _key = NewKeys();
        _tokens = new AccessTokens(_key, Settings(), _clock);
    }

    private TokenKeys NewKeys() => new(Settings(), _clock, NullLogger<TokenKeys>.Instance);

    [TearDown]
    public void Remove_the_key()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task An_issued_token_proves_its_holder([Values] HolderKind kind)
    {
        var holder = new Holder(kind, "qlvb-so");
        Assert.That(
            await _tokens.ValidateAsync(_tokens.Issue(new Proved(holder, "key:1"))),
            Is.EqualTo(new TokenProof(holder, "key:1"))
        );
    }

    [Test]
    public async Task Another_node_with_the_same_key_file_accepts_it()
    {
        using var sameKey = NewKeys();
        var otherNode = new AccessTokens(sameKey, Settings(), _clock);
        Assert.That(await otherNode.ValidateAsync(_tokens.Issue(s_proved)), Is.EqualTo(s_proof));
    }

    [Test]
    public async Task It_ends_with_its_lifetime()
    {
        var token = _tokens.Issue(s_proved);
        _clock.Now = s_now.AddMinutes(14);
        Assert.That(await _tokens.ValidateAsync(token), Is.EqualTo(s_proof));
        _clock.Now = s_now.AddMinutes(16);
        Assert.That(await _tokens.ValidateAsync(token), Is.Null);
    }

    [Test]
    public async Task Keys_rotate_with_overlap_and_a_token_of_a_retired_key_proves_nothing()
    {
        var old = _tokens.Issue(s_proved);
        Rotate("next");
        Assert.That(await _tokens.ValidateAsync(old), Is.EqualTo(s_proof));
        Rotate("use");
        var fresh = _tokens.Issue(s_proved);
        Assert.That(await _tokens.ValidateAsync(old), Is.EqualTo(s_proof));
        Assert.That(await _tokens.ValidateAsync(fresh), Is.EqualTo(s_proof));
        Rotate("retire");
        Assert.That(await _tokens.ValidateAsync(old), Is.Null, "replayed after the rotation");
        Assert.That(await _tokens.ValidateAsync(fresh), Is.EqualTo(s_proof));
    }

    [TestCase("use")]
    [TestCase("nothing")]
    public void A_step_that_cannot_be_taken_changes_no_key(string step)
    {
        var before = File.ReadAllText(KeyFile);
        Assert.That(
            TokenKeyVerb.Run([step], KeyFile, TextWriter.Null, TextWriter.Null),
            Is.Not.Zero
        );
        Assert.That(File.ReadAllText(KeyFile), Is.EqualTo(before));
    }

    [Test]
    public async Task A_key_file_that_breaks_while_the_hub_runs_changes_nothing()
    {
        var token = _tokens.Issue(s_proved);
        File.WriteAllText(KeyFile, "half a f");
        File.SetLastWriteTimeUtc(KeyFile, new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        _key.LookAgain();
        Assert.That(await _tokens.ValidateAsync(token), Is.EqualTo(s_proof));
    }

    [Test]
    public async Task A_key_file_that_is_gone_for_a_moment_makes_no_other_key()
    {
        var token = _tokens.Issue(s_proved);
        var key = _key.Current.Signing.KeyId;
        File.Move(KeyFile, KeyFile + ".aside");
        _key.LookAgain();
        Assert.That(File.Exists(KeyFile), Is.False, "no other node would know it");
        Assert.That(_key.Current.Signing.KeyId, Is.EqualTo(key));
        Assert.That(await _tokens.ValidateAsync(token), Is.EqualTo(s_proof));

        // As when it is copied back: another time of writing.
        File.Copy(KeyFile + ".aside", KeyFile);
        File.SetLastWriteTimeUtc(KeyFile, File.GetLastWriteTimeUtc(KeyFile).AddSeconds(7));
        _key.LookAgain();
        Assert.That(_key.Current.Signing.KeyId, Is.EqualTo(key));
        Assert.That(await _tokens.ValidateAsync(token), Is.EqualTo(s_proof));
    }

    [Test]
    public async Task A_key_file_that_may_not_be_read_costs_no_request()
    {
        var token = _tokens.Issue(s_proved);
        File.Delete(KeyFile);
        // For whoever may read everything, a folder is what he is refused all the same.
        Directory.CreateDirectory(KeyFile);
        Assert.That(() => _key.LookAgain(), Throws.Nothing);
        Assert.That(await _tokens.ValidateAsync(token), Is.EqualTo(s_proof));
    }

    private void Rotate(string step)
    {
        Assert.That(TokenKeyVerb.Run([step], KeyFile, TextWriter.Null, TextWriter.Null), Is.Zero);
        // Two steps may fall into one tick of the file system's clock.
        File.SetLastWriteTimeUtc(
            KeyFile,
            File.GetLastWriteTimeUtc(KeyFile).AddSeconds(step.Length)
        );
        _key.LookAgain();
    }

    [Test]
    public async Task One_from_the_future_proves_nothing()
    {
        _clock.Now = s_now.AddMinutes(5);
        var token = _tokens.Issue(s_proved);
        _clock.Now = s_now;
        Assert.That(await _tokens.ValidateAsync(token), Is.Null);
    }

    [Test]
    public async Task The_way_the_attacks_are_built_makes_a_good_token_when_nothing_is_changed() =>
        Assert.That(await _tokens.ValidateAsync(Forge()), Is.EqualTo(s_proof));

    [Test]
    public async Task Algorithm_none_proves_nothing([Values("none", "None", "NONE")] string none)
    {
        var parts = _tokens.Issue(s_proved).Split('.');
        var header = Base64UrlEncoder.Encode($$"""{"alg":"{{none}}","typ":"at+jwt"}""");
        Assert.That(await _tokens.ValidateAsync($"{header}.{parts[1]}."), Is.Null);
        Assert.That(await _tokens.ValidateAsync($"{header}.{parts[1]}.{parts[2]}"), Is.Null);
    }

    [Test]
    public async Task A_key_of_the_attacker_proves_nothing()
    {
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = new ECDsaSecurityKey(mine) { KeyId = _key.Current.Signing.KeyId };
        Assert.That(
            await _tokens.ValidateAsync(
                Forge(credentials: new(key, SecurityAlgorithms.EcdsaSha256))
            ),
            Is.Null
        );
    }

    [Test]
    public async Task A_key_inside_the_token_is_not_looked_at()
    {
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var jwk = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(mine));
        var token = Forge(
            credentials: new(new ECDsaSecurityKey(mine), SecurityAlgorithms.EcdsaSha256),
            header: new()
            {
                ["jwk"] = new Dictionary<string, string>
                {
                    ["kty"] = jwk.Kty,
                    ["crv"] = jwk.Crv,
                    ["x"] = jwk.X,
                    ["y"] = jwk.Y,
                },
            }
        );
        Assert.That(await _tokens.ValidateAsync(token), Is.Null);
    }

    [Test]
    public async Task The_public_key_as_an_hmac_secret_proves_nothing()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(KeyFile));
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()),
            key.ExportSubjectPublicKeyInfo(),
        ];
        foreach (var secret in secrets)
        {
            var hmac = new SymmetricSecurityKey(secret) { KeyId = _key.Current.Signing.KeyId };
            Assert.That(
                await _tokens.ValidateAsync(
                    Forge(credentials: new(hmac, SecurityAlgorithms.HmacSha256))
                ),
                Is.Null
            );
        }
    }

    [Test]
    public async Task A_token_for_another_audience_proves_nothing() =>
        Assert.That(await _tokens.ValidateAsync(Forge(audience: "another-hub")), Is.Null);

    [Test]
    public async Task A_token_of_another_issuer_proves_nothing() =>
        Assert.That(await _tokens.ValidateAsync(Forge(issuer: "another-axis")), Is.Null);

    [Test]
    public async Task A_token_without_an_end_proves_nothing() =>
        Assert.That(await _tokens.ValidateAsync(Forge(lifetime: null)), Is.Null);

    [Test]
    public async Task A_token_of_another_type_proves_nothing() =>
        Assert.That(await _tokens.ValidateAsync(Forge(type: "JWT")), Is.Null);

    [Test]
    public async Task A_token_that_does_not_say_what_it_was_given_for_proves_nothing() =>
        Assert.That(await _tokens.ValidateAsync(Forge(proof: null)), Is.Null);

    [TestCase(null)]
    [TestCase("admin")]
    [TestCase("OfficeSystem")]
    public async Task A_token_of_an_unknown_kind_proves_nothing(string? kind) =>
        Assert.That(await _tokens.ValidateAsync(Forge(kind: kind)), Is.Null);

    [Test]
    public async Task Any_changed_bit_breaks_it()
    {
        var token = _tokens.Issue(s_proved);
        var parts = token.Split('.');
        var payload = Base64UrlEncoder.Decode(parts[1]).Replace("qlvb-so", "qlvb-xa");
        var changed = $"{parts[0]}.{Base64UrlEncoder.Encode(payload)}.{parts[2]}";
        Assert.That(await _tokens.ValidateAsync(changed), Is.Null);
    }

    [TestCase("")]
    [TestCase("..")]
    [TestCase("a.b.c")]
    [TestCase("not a token")]
    public async Task Rubbish_proves_nothing(string token) =>
        Assert.That(await _tokens.ValidateAsync(token), Is.Null);

    [Test]
    public async Task Megabytes_of_rubbish_prove_nothing() =>
        Assert.That(await _tokens.ValidateAsync(new string('a', 5_000_000)), Is.Null);

    [Test]
    [SupportedOSPlatform("linux")]
    public void The_key_file_is_its_owners_alone()
    {
        Assert.That(
            File.GetUnixFileMode(KeyFile),
            Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite)
        );
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.That(
            () => NewKeys(),
            Throws.InstanceOf<UnusableSettingException>().With.Message.Contains("chmod 600")
        );
    }

    [Test]
    public void A_key_file_of_something_else_is_refused_in_words()
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] contents =
        [
            "",
            "no key",
            rsa.ExportPkcs8PrivateKeyPem(),
            p384.ExportPkcs8PrivateKeyPem(),
            mine.ExportSubjectPublicKeyInfoPem(),
        ];
        foreach (var content in contents)
        {
            File.WriteAllText(KeyFile, content);
            Assert.That(
                () => NewKeys(),
                Throws
                    .InstanceOf<UnusableSettingException>()
                    .With.Message.Contains("no P-256 private key"),
                content
            );
        }
    }

    private string Forge(
        SigningCredentials? credentials = null,
        string issuer = "axis",
        string audience = "axis-hub",
        string type = "at+jwt",
        string? kind = "office_system",
        string? proof = "secret:1",
        int? lifetime = 10,
        Dictionary<string, object>? header = null
    ) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                TokenType = type,
                Issuer = issuer,
                Audience = audience,
                NotBefore = s_now.UtcDateTime,
                Expires = lifetime is { } minutes ? s_now.AddMinutes(minutes).UtcDateTime : null,
                Subject = new ClaimsIdentity([
                    new Claim("sub", s_holder.Id),
                    .. kind is null ? (Claim[])[] : [new Claim("kind", kind)],
                    .. proof is null ? (Claim[])[] : [new Claim("prf", proof)],
                ]),
                AdditionalHeaderClaims = header,
                SigningCredentials =
                    credentials ?? new(_key.Current.Signing, SecurityAlgorithms.EcdsaSha256),
            }
        );

    private IOptions<AccessOptions> Settings() =>
        Options.Create(new AccessOptions { SigningKeyFile = KeyFile });
}
