using System.Security.Claims;
using System.Text.Json;
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

/// <summary>What a token proves.</summary>
/// <param name="Holder">Whose it is.</param>
/// <param name="By">
/// The registered proof that it was given for (<see cref="ProofName"/>): it ends with that. Null for a token of another
/// issuer, whose proofs are not ours to know.
/// </param>
/// <param name="CertificateSha256">
/// SHA-256 of the certificate that it is bound to, base64url (RFC 8705, <c>cnf.x5t#S256</c>): worthless on a connection
/// without that certificate. Null: whoever has it may use it.
/// </param>
public readonly record struct TokenProof(
    Holder Holder,
    string? By,
    string? CertificateSha256 = null
);

/// <summary>
/// Makes and checks access tokens: JWTs signed with ES256 (RFC 9068 type <c>at+jwt</c>). A token only proves who
/// asks, and by which proof; whether both are still in force, and what may be done, is asked of the registry at every request.
/// </summary>
public sealed class AccessTokens(
    TokenKeys keys,
    IOptions<AccessOptions> options,
    TimeProvider clock
)
{
    private const string TokenType = "at+jwt";
    private const string KindClaim = "kind";
    private const string OfficeSystemKind = "office_system";
    private const string OperatorKind = "operator";
    private const string ProofClaim = "prf";
    private const string ConfirmationClaim = "cnf";
    private const string ThumbprintMember = "x5t#S256";

    private readonly JsonWebTokenHandler _handler = new()
    {
        MaximumTokenSizeInBytes = 4096,
        MapInboundClaims = false,
        SetDefaultTimesOnTokenCreation = false,
    };
    private readonly AccessOptions _options = options.Value;
    private volatile Rules? _rules;

    public TimeSpan Lifetime => _options.TokenLifetime;

    /// <param name="certificateSha256">Binds the token to a certificate; see <see cref="TokenProof"/>.</param>
    public string Issue(Proved proved, string? certificateSha256 = null)
    {
        var holder = proved.Holder;
        var now = clock.GetUtcNow();
        var descriptor = new SecurityTokenDescriptor
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
                new Claim(ProofClaim, proved.By),
                new Claim(JwtRegisteredClaimNames.Jti, Guid.CreateVersion7(now).ToString("N")),
            ]),
            SigningCredentials = new SigningCredentials(
                keys.Current.Signing,
                SecurityAlgorithms.EcdsaSha256
            ),
        };
        if (certificateSha256 is not null)
        {
            descriptor.Claims = new Dictionary<string, object>
            {
                [ConfirmationClaim] = new Dictionary<string, object>
                {
                    [ThumbprintMember] = certificateSha256,
                },
            };
        }
        return _handler.CreateToken(descriptor);
    }

    /// <summary>What a token proves; null when it proves nothing, for whatever reason.</summary>
    public async Task<TokenProof?> ValidateAsync(string token)
    {
        var rules = RulesInForce();
        if (rules.Proven.Find(token, clock.GetUtcNow()) is { } known)
        {
            return known;
        }
        var result = await _handler.ValidateTokenAsync(token, rules.Parameters);
        if (
            !result.IsValid
            || result.SecurityToken is not JsonWebToken jwt
            || KindOf(jwt) is not { } kind
            || !jwt.TryGetPayloadValue<string>(JwtRegisteredClaimNames.Sub, out var id)
            || id.Length == 0
            || !jwt.TryGetPayloadValue<string>(ProofClaim, out var by)
        )
        {
            return null;
        }
        var proof = new TokenProof(new Holder(kind, id), by, CertificateOf(jwt));
        rules.Proven.Remember(token, proof, new DateTimeOffset(jwt.ValidTo) + _options.ClockSkew);
        return proof;
    }

    // With other keys begin other proofs: what a retired key signed is not remembered as proven.
    private Rules RulesInForce()
    {
        var current = keys.Current;
        return _rules is { } rules && ReferenceEquals(rules.Keys, current)
            ? rules
            : _rules = new Rules(current, ParametersFor(current), new ProvenTokens());
    }

    private TokenValidationParameters ParametersFor(KeySet current) =>
        new()
        {
            // RFC 8725: the verifier chooses algorithm and key, never the token.
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            IssuerSigningKeys = current.Verifying,
            ValidTypes = [TokenType],
            ValidIssuer = _options.Issuer,
            ValidAudience = _options.Audience,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            RequireAudience = true,
            LifetimeValidator = (notBefore, expires, _, _) =>
                TokenLifetime.Includes(notBefore, expires, clock.GetUtcNow(), _options.ClockSkew),
        };

    private static HolderKind? KindOf(JsonWebToken jwt) =>
        jwt.TryGetPayloadValue<string>(KindClaim, out var kind)
            ? kind switch
            {
                OfficeSystemKind => HolderKind.OfficeSystem,
                OperatorKind => HolderKind.Operator,
                _ => null,
            }
            : null;

    private static string? CertificateOf(JsonWebToken jwt) =>
        jwt.TryGetPayloadValue<JsonElement>(ConfirmationClaim, out var confirmation)
        && confirmation.ValueKind == JsonValueKind.Object
        && confirmation.TryGetProperty(ThumbprintMember, out var thumbprint)
            ? thumbprint.GetString()
            : null;

    private static string NameOf(HolderKind kind) =>
        kind == HolderKind.OfficeSystem ? OfficeSystemKind : OperatorKind;

    private sealed record Rules(
        KeySet Keys,
        TokenValidationParameters Parameters,
        ProvenTokens Proven
    );
}

internal static class TokenLifetime
{
    public static bool Includes(
        DateTime? notBefore,
        DateTime? expires,
        DateTimeOffset now,
        TimeSpan skew
    ) =>
        expires is { } end
        && now.UtcDateTime < end + skew
        && (notBefore is not { } start || start - skew <= now.UtcDateTime);
}
