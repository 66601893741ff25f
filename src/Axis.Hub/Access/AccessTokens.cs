using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access;

/// <summary>Whose token it is.</summary>
public enum HolderKind
{
    OfficeSystem,
    Operator,
}

/// <summary>The holder of a credential or a token, before the registry is asked what it may do.</summary>
public readonly record struct Holder(HolderKind Kind, string Id);

/// <summary>
/// Makes and checks access tokens: JWTs signed with ES256 (RFC 9068 type <c>at+jwt</c>). A token only proves who
/// asks; whether that one is still active, and what it may do, is asked of the registry at every request.
/// </summary>
public sealed class AccessTokens
{
    private const string TokenType = "at+jwt";
    private const string KindClaim = "kind";
    private const string OfficeSystemKind = "office_system";
    private const string OperatorKind = "operator";

    private readonly JsonWebTokenHandler _handler = new()
    {
        MaximumTokenSizeInBytes = 4096,
        MapInboundClaims = false,
        SetDefaultTimesOnTokenCreation = false,
    };
    private readonly ProvenTokens _proven = new();
    private readonly AccessOptions _options;
    private readonly TimeProvider _clock;
    private readonly SigningCredentials _credentials;
    private readonly TokenValidationParameters _rules;

    public AccessTokens(SigningKey key, IOptions<AccessOptions> options, TimeProvider clock)
    {
        _options = options.Value;
        _clock = clock;
        _credentials = new SigningCredentials(key.Key, SecurityAlgorithms.EcdsaSha256);
        _rules = new TokenValidationParameters
        {
            // RFC 8725: the verifier chooses algorithm and key, never the token.
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKey = key.Key,
            ValidTypes = [TokenType],
            ValidIssuer = _options.Issuer,
            ValidAudience = _options.Audience,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            RequireAudience = true,
            LifetimeValidator = IsInItsLifetime,
        };
    }

    public TimeSpan Lifetime => _options.TokenLifetime;

    public string Issue(Holder holder)
    {
        var now = _clock.GetUtcNow();
        return _handler.CreateToken(
            new SecurityTokenDescriptor
            {
                TokenType = TokenType,
                Issuer = _options.Issuer,
                Audience = _options.Audience,
                IssuedAt = now.UtcDateTime,
                NotBefore = now.UtcDateTime,
                Expires = (now + _options.TokenLifetime).UtcDateTime,
                Subject = new ClaimsIdentity([
                    new Claim(JwtRegisteredClaimNames.Sub, holder.Id),
                    new Claim(KindClaim, NameOf(holder.Kind)),
                    new Claim(JwtRegisteredClaimNames.Jti, Guid.CreateVersion7(now).ToString("N")),
                ]),
                SigningCredentials = _credentials,
            }
        );
    }

    /// <summary>The holder a token proves; null when it proves nothing, for whatever reason.</summary>
    public async Task<Holder?> ValidateAsync(string token)
    {
        if (_proven.Find(token, _clock.GetUtcNow()) is { } known)
        {
            return known;
        }
        var result = await _handler.ValidateTokenAsync(token, _rules);
        if (
            !result.IsValid
            || result.SecurityToken is not JsonWebToken jwt
            || KindOf(jwt) is not { } kind
            || !jwt.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Sub, out var id)
            || id.Length == 0
        )
        {
            return null;
        }
        var holder = new Holder(kind, id);
        _proven.Remember(token, holder, new DateTimeOffset(jwt.ValidTo) + _options.ClockSkew);
        return holder;
    }

    private static HolderKind? KindOf(JsonWebToken jwt) =>
        jwt.TryGetPayloadValue<string>(KindClaim, out var kind)
            ? kind switch
            {
                OfficeSystemKind => HolderKind.OfficeSystem,
                OperatorKind => HolderKind.Operator,
                _ => null,
            }
            : null;

    private static string NameOf(HolderKind kind) =>
        kind == HolderKind.OfficeSystem ? OfficeSystemKind : OperatorKind;

    private bool IsInItsLifetime(
        DateTime? notBefore,
        DateTime? expires,
        SecurityToken token,
        TokenValidationParameters rules
    )
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        return expires is { } end
            && now < end + _options.ClockSkew
            && (notBefore is not { } start || start - _options.ClockSkew <= now);
    }
}
