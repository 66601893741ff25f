using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Axis.TestKit;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Tests.Access;

/// <summary><c>private_key_jwt</c> (RFC 7523) on a running hub, and what attackers make of it.</summary>
public sealed class ClientAssertionTests
{
    private static readonly ECDsa s_key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly RSA s_rsa = RSA.Create(2048);
    private static readonly ECDsa s_anothers = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private TestHub _hub = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task A_hub_with_registered_keys()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: ("Access:TokenAddress", "https://truc.example/oauth2/token")
        );
        await _hub.AddOperatorAsync("dang-ky", "registrar");
        _http = _hub.AnonymousClient();
        using var registrar = await _hub.ClientAsync("dang-ky", ops: true);
        foreach (
            var (system, pem) in ((string, string)[])
                [
                    ("office", s_key.ExportSubjectPublicKeyInfoPem()),
                    ("office", s_rsa.ExportSubjectPublicKeyInfoPem()),
                    ("commune", s_anothers.ExportSubjectPublicKeyInfoPem()),
                ]
        )
        {
            Assert.That(
                await RegisterAsync(registrar, system, pem),
                Is.EqualTo(HttpStatusCode.Created)
            );
        }
    }

    [OneTimeTearDown]
    public async Task Stop_the_hub()
    {
        _http.Dispose();
        s_key.Dispose();
        s_rsa.Dispose();
        s_anothers.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_signed_assertion_gets_a_token_that_works()
    {
        foreach (
            var assertion in (string[])
                [
                    Sign(),
                    Sign(credentials: Rsa(SecurityAlgorithms.RsaSha256)),
                    Sign(credentials: Rsa(SecurityAlgorithms.RsaSsaPssSha256)),
                    Sign(audience: "https://truc.example/oauth2/token"),
                ]
        )
        {
            var answer = await AskAsync(assertion);
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), assertion);
            using var client = _hub.AnonymousClient();
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                answer.Json.GetProperty("access_token").GetString()
            );
            Assert.That(
                (await client.GetAnswerAsync("v1/inbox")).Status,
                Is.EqualTo(HttpStatusCode.OK)
            );
        }
    }

    [Test]
    public async Task An_assertion_serves_once()
    {
        var assertion = Sign();
        Assert.That((await AskAsync(assertion)).Status, Is.EqualTo(HttpStatusCode.OK));
        await IsRefusedAsync(assertion, "the same again");
    }

    [Test]
    public async Task What_is_no_proof_is_refused()
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        await IsRefusedAsync(Sign(credentials: Ec(s_anothers)), "another's key");
        await IsRefusedAsync(
            Sign(issuer: "commune", subject: "office"),
            "issuer and subject differ"
        );
        await IsRefusedAsync(Sign(issuer: "nobody", subject: "nobody"), "no such office system");
        await IsRefusedAsync(Sign(issuer: "dang-ky", subject: "dang-ky"), "an operator");
        await IsRefusedAsync(Sign(audience: "axis-hub"), "the audience of access tokens");
        await IsRefusedAsync(Sign(audience: _hub.Http + "oauth2/token"), "the Host of the request");
        await IsRefusedAsync(Sign(audience: null), "no audience");
        await IsRefusedAsync(Sign(jti: null), "no jti");
        await IsRefusedAsync(Sign(expires: now.AddMinutes(-1)), "expired");
        await IsRefusedAsync(Sign(expires: now.AddDays(1)), "lives for a day");
        await IsRefusedAsync(Sign(expires: null), "lives for ever");
        await IsRefusedAsync("not.a.jwt", "rubbish");
    }

    [Test]
    public async Task A_public_key_is_no_shared_secret_and_none_no_algorithm()
    {
        var shared = new SymmetricSecurityKey(s_key.ExportSubjectPublicKeyInfo());
        await IsRefusedAsync(
            Sign(credentials: new SigningCredentials(shared, SecurityAlgorithms.HmacSha256)),
            "key confusion"
        );
        var signed = Sign().Split('.');
        var none = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        await IsRefusedAsync($"{none}.{signed[1]}.", "alg none");
        await IsRefusedAsync($"{signed[0]}.{signed[1]}.", "no signature");
    }

    [Test]
    public async Task Two_proofs_in_one_request_are_none()
    {
        using var content = Form(Sign(), ("client_secret", _hub.SecretOf("office")));
        using var response = await _http.PostAsync(
            new Uri("oauth2/token", UriKind.Relative),
            content
        );
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task A_revoked_key_proves_nothing()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var registrar = await _hub.ClientAsync("dang-ky", ops: true);
        await RegisterAsync(registrar, "department", key.ExportSubjectPublicKeyInfoPem());
        string Fresh() => Sign("department", "department", credentials: Ec(key));
        var answer = await AskAsync(Fresh());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
        using var client = _hub.AnonymousClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            answer.Json.GetProperty("access_token").GetString()
        );
        Assert.That(
            (await client.GetAnswerAsync("v1/inbox")).Status,
            Is.EqualTo(HttpStatusCode.OK)
        );
        using var other = await _hub.ClientAsync("department");

        var thumbprint = Convert.ToHexStringLower(
            SHA256.HashData(key.ExportSubjectPublicKeyInfo())
        );
        using var revoked = await registrar.DeleteAsync(
            new Uri($"ops/v1/client-keys/department/{thumbprint}", UriKind.Relative)
        );

        Assert.That(revoked.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        await Eventually.HoldsAsync(async () =>
            (await client.GetAnswerAsync("v1/inbox")).Status == HttpStatusCode.Unauthorized
        );
        await IsRefusedAsync(Fresh(), "revoked");
        Assert.That(
            (await other.GetAnswerAsync("v1/inbox")).Status,
            Is.EqualTo(HttpStatusCode.OK),
            "a token for another proof of the same office system"
        );
    }

    [Test]
    public async Task Only_a_public_key_of_ones_own_can_be_registered()
    {
        using var registrar = await _hub.ClientAsync("dang-ky", ops: true);
        using var small = RSA.Create(1024);
        using var mine = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = s_key.ExportSubjectPublicKeyInfoPem();
        Assert.That(await RegisterAsync(registrar, "office", pem), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            await RegisterAsync(registrar, "commune", pem),
            Is.EqualTo(HttpStatusCode.Conflict)
        );
        Assert.That(
            await RegisterAsync(registrar, "nobody", pem),
            Is.EqualTo(HttpStatusCode.NotFound)
        );
        foreach (
            var refused in (string[])
                [
                    "",
                    "no key",
                    mine.ExportPkcs8PrivateKeyPem(),
                    small.ExportSubjectPublicKeyInfoPem(),
                    pem + "\n" + pem,
                ]
        )
        {
            Assert.That(
                await RegisterAsync(registrar, "office", refused),
                Is.EqualTo(HttpStatusCode.BadRequest)
            );
        }
    }

    private async Task IsRefusedAsync(string assertion, string why)
    {
        var answer = await AskAsync(assertion);
        // After a few wrong ones the answer is to wait, which is a refusal too.
        Assert.That(
            answer.Status,
            Is.EqualTo(HttpStatusCode.Unauthorized).Or.EqualTo(HttpStatusCode.TooManyRequests),
            why
        );
    }

    private async Task<Answer> AskAsync(string assertion)
    {
        using var content = Form(assertion);
        using var response = await _http.PostAsync(
            new Uri("oauth2/token", UriKind.Relative),
            content
        );
        var text = await response.Content.ReadAsStringAsync();
        return new(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }

    private static FormUrlEncodedContent Form(
        string assertion,
        params (string Name, string Value)[] more
    ) =>
        new([
            new("grant_type", "client_credentials"),
            new("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            new("client_assertion", assertion),
            .. more.Select(field => KeyValuePair.Create(field.Name, field.Value)),
        ]);

    private static async Task<HttpStatusCode> RegisterAsync(
        HttpClient registrar,
        string system,
        string pem
    )
    {
        using var response = await registrar.PostAsJsonAsync(
            new Uri($"ops/v1/client-keys/{system}", UriKind.Relative),
            new { pem }
        );
        return response.StatusCode;
    }

    private static SigningCredentials Ec(ECDsa key) =>
        new(new ECDsaSecurityKey(key), SecurityAlgorithms.EcdsaSha256);

    private static SigningCredentials Rsa(string algorithm) =>
        new(new RsaSecurityKey(s_rsa), algorithm);

    private static string Sign(
        string issuer = "office",
        string subject = "office",
        string? audience = "axis",
        string? jti = "new",
        SigningCredentials? credentials = null
    ) =>
        Sign(
            issuer,
            subject,
            audience,
            jti,
            credentials,
            TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(3)
        );

    private static string Sign(DateTime? expires) =>
        Sign("office", "office", "axis", "new", null, expires);

    private static string Sign(
        string issuer,
        string subject,
        string? audience,
        string? jti,
        SigningCredentials? credentials,
        DateTime? expires
    )
    {
        var claims = new Dictionary<string, object> { ["sub"] = subject };
        if (jti is not null)
        {
            claims["jti"] = Guid.CreateVersion7().ToString();
        }
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = issuer,
                Audience = audience,
                Claims = claims,
                Expires = expires,
                SigningCredentials = credentials ?? Ec(s_key),
            }
        );
    }
}
