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
    TokenRequestLimits limits,
    AuditLog audit,
    TimeProvider clock,
    ILogger<VxpEdge> log
)
{
    // All guesses at names that do not exist count as one, or a new name each time would never have to wait.
    private const string Nobody = "unknown";

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
        // As at the token endpoint, before a byte of the body is read.
        var pause = limits.AskFrom(context.Connection.RemoteIpAddress);
        if (pause > TimeSpan.Zero)
        {
            await VxpResults.RefuseAsync(context, TooMany(context, Nobody, pause));
            return;
        }
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
        var (proved, refusal) = Prove(context, id, password);
        if (proved is not { } holder)
        {
            await VxpResults.RefuseAsync(context, refusal!);
            return;
        }
        var token = tokens.Issue(holder);
        await VxpResults.WriteAsync(
            context,
            VxpAnswer.OfList<object>([]) with
            {
                Data = new { token, expiresIn = (int)tokens.Lifetime.TotalSeconds },
            }
        );
    }

    /// <summary>
    /// As at the token endpoint: the same limits, failures are counted together, and the right secret never waits for them.
    /// </summary>
    private (Proved? Proved, ErrorItem? Refusal) Prove(
        HttpContext context,
        string id,
        string password
    )
    {
        var address = context.Connection.RemoteIpAddress;
        var remote = address?.ToString() ?? "";
        var snapshot = registry.Current;
        var system = snapshot.OfficeSystem(id);
        // A mistyped secret in the place of the name must not reach the audit log.
        var actor = system is null ? Nobody : id;
        var pause = system is null ? TimeSpan.Zero : limits.AskAs(id, address);
        if (pause > TimeSpan.Zero)
        {
            return (null, TooMany(context, actor, pause));
        }
        var proved = ClientSecrets.Check(snapshot, id, password, clock.GetUtcNow());
        if (system is null || proved is not { Holder.Kind: HolderKind.OfficeSystem })
        {
            var wait = backOff.WaitOf(actor, remote);
            if (wait > TimeSpan.Zero)
            {
                var seconds = SecondsOf(wait);
                return (null, AccessErrors.TooManyFailures.At(null, null, seconds));
            }
            backOff.Failed(actor, remote);
            return (null, Denied(AccessErrors.BadClient.At(), "bad client"));
        }
        backOff.Succeeded(id, remote);
        if (!Callers.IsActive(snapshot, proved.Value.Holder))
        {
            return (null, Denied(AccessErrors.Locked.At(null, null, id), "locked"));
        }
        if (!Permissions.CanComeFrom(system, address))
        {
            return (null, Denied(VxpErrors.WrongNetwork.At(null, null, remote, id), "network"));
        }
        audit.Record(AuditActions.IssueToken, AuditOutcome.Ok, id, remote, new { door = "lgsp" });
        return (proved, null);

        ErrorItem Denied(ErrorItem error, string reason)
        {
            audit.RecordRefusal(
                AuditActions.IssueToken,
                actor,
                remote,
                reason,
                new { reason, door = "lgsp" }
            );
            return error;
        }
    }

    private ErrorItem TooMany(HttpContext context, string actor, TimeSpan pause)
    {
        audit.RecordRefusal(
            AuditActions.IssueToken,
            actor,
            context.Connection.RemoteIpAddress?.ToString(),
            "too many",
            new { reason = "too many", door = "lgsp" }
        );
        return AccessErrors.TooManyTokenRequests.At(null, null, SecondsOf(pause));
    }

    private static int SecondsOf(TimeSpan wait) => (int)Math.Ceiling(wait.TotalSeconds);
}

/// <summary>The part of the login's body that is read.</summary>
public sealed record LgspCredentials(
    [property: JsonPropertyName("username")] string? Username,
    [property: JsonPropertyName("password")] string? Password
);
