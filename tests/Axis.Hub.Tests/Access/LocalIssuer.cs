using System.Security.Cryptography;
using Axis.LocalServers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Tests.Access;

/// <summary>An OpenID Connect issuer on loopback: a discovery document, a key set, and tokens.</summary>
internal sealed class LocalIssuer : IAsyncDisposable
{
    private readonly int _port;
    private WebApplication? _app;
    private RSA _key = RSA.Create(2048);
    private int _keyNumber = 1;
    private int _asked;

    private LocalIssuer(int port) => _port = port;

    public string Name => $"http://127.0.0.1:{_port}/realms/tinh";

    /// <summary>What the discovery document says; the issuer's own name by default.</summary>
    public string? SaysItIs { get; set; }

    /// <summary>What stands before its own key in its key set.</summary>
    public IReadOnlyList<object> BeforeItsKey { get; set; } = [];

    /// <summary>What it says in place of its key set; nothing by default.</summary>
    public string? ItsKeySet { get; set; }

    /// <summary>How often its keys were asked for.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public static async Task<LocalIssuer> StartAsync(int port = 0)
    {
        var issuer = new LocalIssuer(
            port == 0 ? LoopbackPorts.Choose(0, new HashSet<int>()) : port
        );
        await issuer.GoUpAsync();
        return issuer;
    }

    public async Task GoUpAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        _app = builder.Build();
        _app.MapGet(
            "/realms/tinh/.well-known/openid-configuration",
            () => Results.Json(new { issuer = SaysItIs ?? Name, jwks_uri = Name + "/keys" })
        );
        _app.MapGet("/realms/tinh/keys", Keys);
        await _app.StartAsync();
    }

    public async Task GoDownAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public void TakeAnotherKey()
    {
        _key.Dispose();
        _key = RSA.Create(2048);
        _keyNumber++;
    }

    public string Token(
        string subject,
        string audience = "truc-lien-thong",
        string? issuer = null,
        SigningCredentials? credentials = null,
        int expiresInMinutes = 5
    ) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = issuer ?? Name,
                Audience = audience,
                Claims = new Dictionary<string, object>
                {
                    ["sub"] = "a-number-of-the-issuer",
                    ["preferred_username"] = subject,
                    ["roles"] = (string[])["auditor", "registrar"],
                },
                Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(expiresInMinutes),
                SigningCredentials =
                    credentials
                    ?? new SigningCredentials(
                        new RsaSecurityKey(_key) { KeyId = $"key-{_keyNumber}" },
                        SecurityAlgorithms.RsaSha256
                    ),
            }
        );

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await GoDownAsync();
        }
        _key.Dispose();
    }

    private IResult Keys()
    {
        Interlocked.Increment(ref _asked);
        if (ItsKeySet is not null)
        {
            return Results.Text(ItsKeySet, "application/json");
        }
        var numbers = _key.ExportParameters(includePrivateParameters: false);
        return Results.Json(
            new
            {
                keys = (object[])
                    [
                        .. BeforeItsKey,
                        new
                        {
                            kty = "RSA",
                            use = "sig",
                            kid = $"key-{_keyNumber}",
                            n = Base64UrlEncoder.Encode(numbers.Modulus),
                            e = Base64UrlEncoder.Encode(numbers.Exponent),
                        },
                        new
                        {
                            kty = "oct",
                            kid = "shared",
                            k = Base64UrlEncoder.Encode(new byte[32]),
                        },
                    ],
            }
        );
    }
}
