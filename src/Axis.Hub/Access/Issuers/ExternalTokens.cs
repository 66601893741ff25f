using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access.Issuers;

/// <summary>Checks the tokens of the configured external issuers, and of nobody else.</summary>
public sealed class ExternalTokens : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private readonly JsonWebTokenHandler _handler = new()
    {
        MaximumTokenSizeInBytes = 16 * 1024,
        MapInboundClaims = false,
    };
    private readonly Dictionary<string, (ExternalIssuer Issuer, IssuerKeys Keys)> _issuers;
    private readonly HttpClient _http;
    private readonly TimeSpan _skew;
    private readonly TimeProvider _clock;

    public ExternalTokens(
        IOptions<AccessOptions> options,
        TimeProvider clock,
        ILogger<IssuerKeys> log
    )
    {
        _clock = clock;
        _skew = options.Value.ClockSkew;
        _http = new HttpClient(
            // A redirect could lead anywhere, and only configured addresses are ever fetched.
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                UseCookies = false,
            }
        )
        {
            Timeout = AnswerLimit,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        _issuers = options.Value.Issuers.ToDictionary(
            issuer => issuer.Name,
            issuer => (issuer, new IssuerKeys(issuer, _http, clock, log)),
            StringComparer.Ordinal
        );
    }

    /// <summary>What the token proves; null when it is of no configured issuer, or proves nothing.</summary>
    public async Task<TokenProof?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        if (
            _issuers.Count == 0
            || Read(token) is not { } unproved
            || !_issuers.TryGetValue(unproved.Issuer, out var from)
        )
        {
            return null;
        }
        var keyId = string.IsNullOrEmpty(unproved.Kid) ? null : unproved.Kid;
        if (await from.Keys.FindAsync(keyId, cancellationToken) is not { } key)
        {
            return null;
        }
        var result = await _handler.ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                ValidAlgorithms =
                [
                    SecurityAlgorithms.RsaSha256,
                    SecurityAlgorithms.RsaSsaPssSha256,
                    SecurityAlgorithms.EcdsaSha256,
                ],
                IssuerSigningKey = key,
                ValidIssuer = from.Issuer.Name,
                ValidAudience = from.Issuer.Audience,
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                RequireAudience = true,
                LifetimeValidator = (notBefore, expires, _, _) =>
                    TokenLifetime.Includes(notBefore, expires, _clock.GetUtcNow(), _skew),
            }
        );
        return
            result is { IsValid: true, SecurityToken: JsonWebToken jwt }
            && jwt.TryGetPayloadValue<string>(from.Issuer.IdClaim, out var id)
            && id is { Length: > 0 }
            ? new TokenProof(new Holder(from.Issuer.For, id), By: null)
            : null;
    }

    public void Dispose()
    {
        foreach (var (_, keys) in _issuers.Values)
        {
            keys.Dispose();
        }
        _http.Dispose();
    }

    private JsonWebToken? Read(string token)
    {
        try
        {
            return _handler.CanReadToken(token) ? _handler.ReadJsonWebToken(token) : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }
}
