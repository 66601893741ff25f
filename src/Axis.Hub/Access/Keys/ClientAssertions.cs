using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Npgsql;

namespace Axis.Hub.Access.Keys;

/// <summary>
/// <c>private_key_jwt</c> (RFC 7523 section 3): an office system proves itself by a JWT that it signed for this one
/// token request. Its key is registered here; each assertion serves once, on whichever node it is shown.
/// </summary>
public sealed class ClientAssertions(
    NpgsqlDataSource database,
    IOptions<AccessOptions> options,
    TimeProvider clock
)
{
    public const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private const int MaxJtiLength = 200;

    private readonly JsonWebTokenHandler _handler = new()
    {
        MaximumTokenSizeInBytes = 4096,
        MapInboundClaims = false,
    };

    /// <summary>Whose assertion it is, and by which of his keys; null when it proves nothing, for whatever reason.</summary>
    /// <param name="registry">Where its keys are.</param>
    /// <param name="assertion">As sent.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task<Proved?> CheckAsync(
        RegistrySnapshot registry,
        string assertion,
        CancellationToken cancellationToken
    )
    {
        if (IssuerOf(assertion) is not { } clientId)
        {
            return null;
        }
        var now = clock.GetUtcNow();
        var registered = registry
            .ClientKeys.Of(clientId)
            .Where(key => key.IsInForceAt(now))
            .ToArray();
        SecurityKey[] keys = [.. registered.Select(SecurityKeyOf).Select(Uncached)];
        try
        {
            if (keys.Length == 0)
            {
                return null;
            }
            var result = await _handler.ValidateTokenAsync(
                assertion,
                RulesFor(clientId, keys, now)
            );
            return
                result is { IsValid: true, SecurityToken: JsonWebToken jwt }
                && jwt.Subject == clientId
                && IsShortLived(jwt, now)
                && jwt.Id is { Length: > 0 and <= MaxJtiLength }
                && await IsFirstUseAsync(clientId, jwt, now, cancellationToken)
                && Array.IndexOf(keys, jwt.SigningKey) is >= 0 and var used
                ? new Proved(
                    new Holder(HolderKind.OfficeSystem, clientId),
                    ProofName.Of(registered[used])
                )
                : null;
        }
        finally
        {
            foreach (var key in keys)
            {
                Dispose(key);
            }
        }
    }

    /// <summary>Whose it says it is, before anything is proved.</summary>
    public string? IssuerOf(string assertion)
    {
        try
        {
            return
                _handler.CanReadToken(assertion)
                && _handler.ReadJsonWebToken(assertion).Issuer is { Length: > 0 } issuer
                ? issuer
                : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    private TokenValidationParameters RulesFor(
        string clientId,
        SecurityKey[] keys,
        DateTimeOffset now
    ) =>
        new()
        {
            // No symmetric algorithm: a public key must never be taken for a shared secret.
            ValidAlgorithms =
            [
                SecurityAlgorithms.EcdsaSha256,
                SecurityAlgorithms.RsaSha256,
                SecurityAlgorithms.RsaSsaPssSha256,
            ],
            IssuerSigningKeys = keys,
            TryAllIssuerSigningKeys = true,
            ValidIssuer = clientId,
            // Never the Host of the request: who received an assertion for himself could say that he is us.
            ValidAudiences =
            [
                options.Value.Issuer,
                .. options.Value.TokenAddress is { } address
                    ? (string[])[address.OriginalString]
                    : [],
            ],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            RequireAudience = true,
            LifetimeValidator = (notBefore, expires, _, _) =>
                TokenLifetime.Includes(notBefore, expires, now, options.Value.ClockSkew),
        };

    // An assertion that lives for a year would have to be remembered for a year.
    private bool IsShortLived(JsonWebToken jwt, DateTimeOffset now) =>
        jwt.ValidTo
        <= (now + options.Value.AssertionLifetime + options.Value.ClockSkew).UtcDateTime;

    private async Task<bool> IsFirstUseAsync(
        string clientId,
        JsonWebToken jwt,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            """
            WITH gone AS (DELETE FROM client_assertion WHERE expires_at < $4)
            INSERT INTO client_assertion (office_system_id, jti_sha256, expires_at) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING
            """
        );
        command.Parameters.Add(new() { Value = clientId });
        command.Parameters.Add(new() { Value = SHA256.HashData(Encoding.UTF8.GetBytes(jwt.Id)) });
        command.Parameters.Add(
            new() { Value = new DateTimeOffset(jwt.ValidTo) + options.Value.ClockSkew }
        );
        command.Parameters.Add(new() { Value = now - options.Value.ClockSkew });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static AsymmetricSecurityKey SecurityKeyOf(ClientKey key)
    {
        if (key.IsCertificate)
        {
            using var certificate = X509CertificateLoader.LoadCertificate(key.Der.Span);
            return certificate.GetECDsaPublicKey() is { } ecdsa
                ? new ECDsaSecurityKey(ecdsa)
                : new RsaSecurityKey(certificate.GetRSAPublicKey());
        }
        return ClientKeyFile.PublicKeyOf(key.Der.Span) switch
        {
            ECDsa ecdsa => new ECDsaSecurityKey(ecdsa),
            var rsa => new RsaSecurityKey((RSA)rsa),
        };
    }

    // The library would keep a verifier for each key that it has seen, with the key in it, which is disposed here.
    private static AsymmetricSecurityKey Uncached(AsymmetricSecurityKey key)
    {
        key.CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false };
        return key;
    }

    private static void Dispose(SecurityKey key)
    {
        (key as ECDsaSecurityKey)?.ECDsa.Dispose();
        (key as RsaSecurityKey)?.Rsa?.Dispose();
    }
}
