using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Access;

/// <summary>
/// The <c>Bearer</c> scheme: proves the token, then asks the registry whether its holder is still active and the proof that
/// it was given for still in force, so a lock or a revocation takes effect at the next request and not when the token ends. Puts the <see cref="Caller"/> on the request.
/// </summary>
public sealed class BearerAuthentication(
    PresentedTokens tokens,
    RegistryCache registry,
    AuditLog audit,
    TimeProvider clock,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";

    private ErrorItem _refusal = AccessErrors.NoToken.At();

    /// <summary>Whose token it was, where that was proved.</summary>
    private string? _holder;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (
            !AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header)
            || !header.Scheme.Equals(SchemeName, StringComparison.OrdinalIgnoreCase)
            || string.IsNullOrEmpty(header.Parameter)
        )
        {
            return AuthenticateResult.NoResult();
        }
        if (await tokens.ProofOfAsync(Context, header.Parameter) is not { } token)
        {
            return Refuse(AccessErrors.BadToken.At());
        }
        _holder = token.Holder.Id;
        var now = registry.Current;
        if (Callers.Find(now, token.Holder) is not { } caller)
        {
            return Refuse(AccessErrors.Locked.At(null, null, token.Holder.Id));
        }
        if (!Callers.IsInForce(now, token, clock.GetUtcNow()))
        {
            return Refuse(AccessErrors.BadToken.At());
        }
        Context.Features.Set(caller with { Token = token });
        return AuthenticateResult.Success(
            new AuthenticationTicket(
                new ClaimsPrincipal(
                    new ClaimsIdentity([new Claim(ClaimTypes.Name, caller.Id)], SchemeName)
                ),
                SchemeName
            )
        );
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        RecordRefusal(_refusal.Code, _holder ?? "unknown");
        if (_refusal.HttpStatus == StatusCodes.Status401Unauthorized)
        {
            // RFC 6750 section 3: without a token no error code, with a bad one invalid_token.
            Response.Headers.WWWAuthenticate =
                _refusal.Code == AccessErrors.NoToken.Code
                    ? $"{SchemeName} realm=\"axis\""
                    : $"{SchemeName} realm=\"axis\", error=\"invalid_token\"";
        }
        await Problem.Of(_refusal).ToResult().ExecuteAsync(Context);
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        RecordRefusal(
            AccessErrors.NotAllowed.Code,
            Context.Features.Get<Caller>()?.Id ?? "unknown"
        );
        var needed = Context
            .GetEndpoint()
            ?.Metadata.GetOrderedMetadata<Microsoft.AspNetCore.Authorization.IAuthorizeData>()
            .Select(data => data.Policy)
            .LastOrDefault(policy => policy is not null);
        var item = AccessErrors.NotAllowed.At(
            null,
            null,
            Context.Features.Get<Caller>()?.Id ?? "",
            (object?)needed ?? new Words("authentication", "xác thực")
        );
        await Problem.Of(item).ToResult().ExecuteAsync(Context);
    }

    private void RecordRefusal(string code, string actor) =>
        audit.RecordRefusal(
            AuditActions.Request,
            actor,
            Context.Connection.RemoteIpAddress?.ToString(),
            code,
            new
            {
                code,
                // The pattern of the endpoint, never the path: whatever a stranger writes there stays out of the log.
                endpoint = $"{Request.Method} {(Context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}",
            }
        );

    private AuthenticateResult Refuse(ErrorItem item)
    {
        _refusal = item;
        return AuthenticateResult.Fail(item.Code);
    }
}
