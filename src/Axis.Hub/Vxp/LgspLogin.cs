using System.Text.Json.Serialization;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Vxp;

namespace Axis.Hub.Vxp;

/// <summary>
/// <c>POST /lgsp/v1/auth/login</c>: user name and password are the client id and secret of the HTTP door, and the token
/// is the same as that of <c>/oauth2/token</c>. The other members of the body are taken and not read.
/// </summary>
public sealed class LgspLogin(
    RegistryCache registry,
    AccessTokens tokens,
    FailureBackOff backOff,
    AuditLog audit,
    TimeProvider clock,
    ILogger<VxpEdge> log
)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (Exception failure)
            when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Clear();
            await VxpResults.RefuseAsync(context, VxpFaults.ErrorOf(failure, context, log));
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (
            await LgspJson.ReadAsync<LgspCredentials>(context)
            is not { Username: { Length: > 0 } id, Password: { Length: > 0 } password }
        )
        {
            await VxpResults.RefuseAsync(
                context,
                RequestErrors.Malformed.At(
                    null,
                    null,
                    new Words(
                        "a JSON object with username and password was expected",
                        "cần một đối tượng JSON có username và password"
                    )
                )
            );
            return;
        }
        if (Refuse(context, id, password) is { } refusal)
        {
            await VxpResults.RefuseAsync(context, refusal);
            return;
        }
        var token = tokens.Issue(new Holder(HolderKind.OfficeSystem, id));
        await VxpResults.WriteAsync(
            context,
            VxpAnswer.OfList<object>([]) with
            {
                Data = new { token, expiresIn = (int)tokens.Lifetime.TotalSeconds },
            }
        );
    }

    /// <summary>As at the token endpoint: the right secret never waits, and failures are counted together.</summary>
    private ErrorItem? Refuse(HttpContext context, string id, string password)
    {
        var remote = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var snapshot = registry.Current;
        var holder = ClientSecrets.Check(snapshot, id, password, clock.GetUtcNow());
        if (holder is not { Kind: HolderKind.OfficeSystem })
        {
            var wait = backOff.WaitOf(id, remote);
            if (wait > TimeSpan.Zero)
            {
                var seconds = (int)Math.Ceiling(wait.TotalSeconds);
                return AccessErrors.TooManyFailures.At(null, null, seconds);
            }
            backOff.Failed(id, remote);
            Record(AuditOutcome.Denied, snapshot.OfficeSystem(id) is null ? "unknown" : id);
            return AccessErrors.BadClient.At();
        }
        backOff.Succeeded(id, remote);
        if (!Callers.IsActive(snapshot, holder.Value))
        {
            Record(AuditOutcome.Denied, id);
            return AccessErrors.Locked.At(null, null, id);
        }
        Record(AuditOutcome.Ok, id);
        return null;

        void Record(AuditOutcome outcome, string actor) =>
            audit.Record(AuditActions.IssueToken, outcome, actor, remote, new { door = "lgsp" });
    }
}

/// <summary>The part of the login's body that is read.</summary>
public sealed record LgspCredentials(
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("password")] string? Password
);
