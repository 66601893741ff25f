using System.Security.Claims;
using System.Text.Encodings.Web;
using Axis.Hub.Access;
using Axis.Hub.Access.Limits;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Vxp;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Vxp;

/// <summary>
/// The <c>Vxp</c> scheme: proves the signed headers with the system's secret, holds every header against what was
/// signed, then asks the registry whether the office system is still active. Puts the <see cref="Caller"/> and the
/// verified <see cref="VxpParameters"/> on the request. Why no replay window: docs/vxp-compatibility.md.
/// </summary>
public sealed class VxpAuthentication(
    VxpClients clients,
    SealingKey key,
    RegistryCache registry,
    FailureBackOff backOff,
    AuditLog audit,
    TimeProvider clock,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Vxp";
    public const string Policy = "vxp";

    // What the headers of an unknown system are tried with, so that it costs what a wrong secret costs.
    private const string NobodysSecret = "nobody";

    // All guesses at unknown ids of one address count as one, so that nobody fills the memory with names.
    private const string Unknown = "unknown";

    private ErrorItem _refusal = VxpErrors.BadHeaders.At(
        null,
        null,
        new Words("there are none", "không có tiêu đề nào")
    );

    public static void AddPolicy(AuthorizationOptions options) =>
        options.AddPolicy(
            Policy,
            policy =>
                policy
                    .AddAuthenticationSchemes(SchemeName)
                    .RequireAuthenticatedUser()
                    .RequireAssertion(context =>
                        (context.Resource as HttpContext)?.Features.Get<VxpCaller>() is not null
                    )
        );

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var request = SignedRequest.Read(
            [
                .. Request.Headers.Select(header =>
                    KeyValuePair.Create(header.Key, (IReadOnlyList<string>)[.. header.Value!])
                ),
            ],
            out var problem
        );
        if (request is null)
        {
            return Refuse(VxpErrors.BadHeaders.At(null, null, Unread(problem)));
        }
        var client = await clients.FindAsync(request.SystemId, Context.RequestAborted);
        var actor = client?.OfficeSystemId ?? Unknown;
        if (ProblemOfSignature(request, client, actor) is { } refusal)
        {
            return Refuse(refusal);
        }
        if (request.Open(out problem) is not { } parameters)
        {
            Denied(actor, problem);
            return Refuse(VxpErrors.BadHeaders.At(null, null, Unread(problem)));
        }
        if (registry.Current.OfficeSystem(client!.OfficeSystemId) is not { IsActive: true } system)
        {
            Denied(actor, "locked");
            return Refuse(AccessErrors.Locked.At(null, null, client.OfficeSystemId));
        }
        if (!Permissions.CanComeFrom(system, Context.Connection.RemoteIpAddress))
        {
            Denied(actor, "address");
            return Refuse(VxpErrors.WrongNetwork.At(null, null, Remote, system.Id));
        }
        if (!Permissions.CanUseVxp(system, client))
        {
            Denied(actor, "switched off");
            return Refuse(VxpErrors.SwitchedOff.At(null, null, system.Id));
        }
        Context.Features.Set(new VxpCaller(system, client, parameters));
        Context.Features.Set(new LimitedRequest(system));
        return AuthenticateResult.Success(
            new AuthenticationTicket(
                new ClaimsPrincipal(
                    new ClaimsIdentity([new Claim(ClaimTypes.Name, system.Id)], SchemeName)
                ),
                SchemeName
            )
        );
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        await VxpResults.RefuseAsync(Context, _refusal);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        HandleChallengeAsync(properties);

    /// <summary>The right secret never waits, as at the token endpoint, and shares its count of failures.</summary>
    private ErrorItem? ProblemOfSignature(SignedRequest request, VxpClient? client, string actor)
    {
        var now = clock.GetUtcNow();
        var proved = request.IsSignedWith(NobodysSecret) & false;
        foreach (var secret in client?.Secrets ?? [])
        {
            proved |=
                key.Open(secret.Sealed, client!.OfficeSystemId, secret.Id) is { } text
                && now < secret.NotAfter
                && request.IsSignedWith(text);
        }
        if (proved)
        {
            backOff.Succeeded(actor, Remote);
            return null;
        }
        var wait = backOff.WaitOf(actor, Remote);
        if (wait > TimeSpan.Zero)
        {
            var seconds = (int)Math.Ceiling(wait.TotalSeconds);
            return AccessErrors.TooManyFailures.At(null, null, seconds);
        }
        backOff.Failed(actor, Remote);
        Denied(actor, "bad signature");
        return VxpErrors.BadSignature.At();
    }

    private string Remote => Context.Connection.RemoteIpAddress?.ToString() ?? "";

    private void Denied(string actor, string reason) =>
        audit.RecordRefusal(AuditActions.UseVxp, actor, Remote, reason, new { reason });

    // What the protocol's reader says is for the log and in English.
    private static Words Unread(string problem) =>
        new(problem, "hash-header hoặc sign-header không đúng cấu trúc");

    private AuthenticateResult Refuse(ErrorItem item)
    {
        _refusal = item;
        return AuthenticateResult.Fail(item.Code);
    }
}

/// <summary>Who asks over the VXP door, and the parameters that were signed.</summary>
public sealed record VxpCaller(OfficeSystem OfficeSystem, VxpClient Client, VxpParameters Given)
{
    public Collects Inbox => Permissions.Inbox(OfficeSystem);

    public static ValueTask<VxpCaller?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.Features.Get<VxpCaller>());
}
