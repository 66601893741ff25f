using System.Globalization;
using System.Security.Cryptography;
using Axis.Hub.Access.Keys;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Microsoft.Net.Http.Headers;

namespace Axis.Hub.Access;

/// <summary>
/// <c>POST /oauth2/token</c>: the client credentials grant (RFC 6749 section 4.4), credentials by HTTP Basic, in the
/// form, as an assertion (<c>private_key_jwt</c>) or by the certificate on the connection. Errors are those of RFC 6749 section 5.2, with the catalogue's entries beside them.
/// </summary>
public sealed class TokenEndpoint(
    RegistryCache registry,
    AccessTokens tokens,
    ClientAssertions assertions,
    FailureBackOff backOff,
    TokenRequestLimits limits,
    AuditLog audit,
    TimeProvider clock
)
{
    /// <summary>A form with two ids and a secret is a few hundred bytes.</summary>
    public const int MaxRequestBytes = 8 * 1024;

    private const string Nobody = "unknown";

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        // Before a byte of the body is read.
        var wait = limits.AskFrom(context.Connection.RemoteIpAddress);
        if (wait > TimeSpan.Zero)
        {
            return TooMany(context, Nobody, wait);
        }
        var form = await ReadFormAsync(context.Request);
        if (form is null)
        {
            return BadRequest(
                "invalid_request",
                "application/x-www-form-urlencoded was expected",
                "cần application/x-www-form-urlencoded"
            );
        }
        if (form["grant_type"].Count != 1)
        {
            return BadRequest(
                "invalid_request",
                "grant_type must be given once",
                "cần đúng một grant_type"
            );
        }
        if (form["grant_type"] != "client_credentials")
        {
            return BadRequest(
                "unsupported_grant_type",
                "grant_type must be client_credentials",
                "grant_type phải là client_credentials"
            );
        }
        var usedBasic = context.Request.Headers.Authorization.Count > 0;
        if (
            (usedBasic && form.ContainsKey("client_secret"))
            || (
                form.ContainsKey("client_assertion")
                && (usedBasic || form.ContainsKey("client_secret"))
            )
        )
        {
            // RFC 6749 section 2.3: not more than one method.
            return BadRequest(
                "invalid_request",
                "credentials must be given once, by Basic, in the form or as an assertion",
                "chỉ gửi thông tin xác thực một lần, qua Basic, trong biểu mẫu hoặc bằng client_assertion"
            );
        }
        var client = usedBasic
            ? ClientCredentials.FromBasic(context.Request)
            : ClientCredentials.FromForm(
                form,
                assertions.IssuerOf,
                context.Connection.ClientCertificate is not null
            );
        return client is null
            ? WrongClient(context, usedBasic)
            : await IssueAsync(context, client, usedBasic);
    }

    private async Task<IResult> IssueAsync(
        HttpContext context,
        ClientCredentials client,
        bool usedBasic
    )
    {
        var remote = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var now = registry.Current;
        var actor = Actor(now, client.ClientId);
        var pause =
            actor == Nobody
                ? TimeSpan.Zero
                : limits.AskAs(actor, context.Connection.RemoteIpAddress);
        if (pause > TimeSpan.Zero)
        {
            return TooMany(context, actor, pause);
        }
        var proved = await ProveAsync(context, now, client);
        var wait = backOff.WaitOf(client.ClientId, remote);
        // The right proof never waits: behind a proxy all clients share one address, and a stranger's wrong guesses
        // would lock out whoever they name.
        if (proved is null && wait > TimeSpan.Zero)
        {
            var seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Error(
                "temporarily_unavailable",
                AccessErrors.TooManyFailures.At(null, null, seconds)
            );
        }
        var method = MethodOf(client);
        if (proved is not { Holder: var holder } proof)
        {
            backOff.Failed(client.ClientId, remote);
            audit.RecordRefusal(
                AuditActions.IssueToken,
                actor,
                remote,
                "bad client",
                new { reason = "bad client", method }
            );
            return WrongClient(context, usedBasic);
        }
        backOff.Succeeded(client.ClientId, remote);
        if (!Callers.IsActive(now, holder))
        {
            audit.RecordRefusal(
                AuditActions.IssueToken,
                holder.Id,
                remote,
                "locked",
                new { reason = "locked", method }
            );
            // RFC 6749 knows no better name for "right secret, but no".
            return Error("unauthorized_client", AccessErrors.Locked.At(null, null, holder.Id));
        }
        if (
            now.OfficeSystem(holder.Id) is { } system
            && holder.Kind == HolderKind.OfficeSystem
            && !Permissions.CanComeFrom(system, context.Connection.RemoteIpAddress)
        )
        {
            audit.RecordRefusal(
                AuditActions.IssueToken,
                holder.Id,
                remote,
                "network",
                new { reason = "network", method }
            );
            return Error(
                "unauthorized_client",
                AccessErrors.WrongNetwork.At(null, null, holder.Id, remote)
            );
        }
        var token = tokens.Issue(
            proof,
            client is ClientCredentials.Certificate ? PresentedTokens.CertificateOf(context) : null
        );
        audit.Record(AuditActions.IssueToken, AuditOutcome.Ok, holder.Id, remote, new { method });
        return Results.Json(
            new
            {
                access_token = token,
                token_type = "Bearer",
                expires_in = (int)tokens.Lifetime.TotalSeconds,
            }
        );
    }

    private async Task<Proved?> ProveAsync(
        HttpContext context,
        RegistrySnapshot now,
        ClientCredentials client
    ) =>
        client switch
        {
            ClientCredentials.Secret secret => ClientSecrets.Check(
                now,
                secret.ClientId,
                secret.Value,
                clock.GetUtcNow()
            ),
            ClientCredentials.Assertion assertion => await assertions.CheckAsync(
                now,
                assertion.Jwt,
                context.RequestAborted
            ),
            _ => now.ClientKeys.Certificate(
                SHA256.HashData(context.Connection.ClientCertificate!.RawData),
                clock.GetUtcNow()
            )
                is { } key
            && key.OfficeSystemId == client.ClientId
                ? new Proved(
                    new Holder(HolderKind.OfficeSystem, key.OfficeSystemId),
                    ProofName.Of(key)
                )
                : null,
        };

    private static string MethodOf(ClientCredentials client) =>
        client switch
        {
            ClientCredentials.Secret => "secret",
            ClientCredentials.Assertion => "private_key_jwt",
            _ => "certificate",
        };

    // A mistyped secret in the place of the id must not reach the audit log.
    private static string Actor(RegistrySnapshot registry, string clientId) =>
        registry.OfficeSystem(clientId) is not null || registry.Operator(clientId) is not null
            ? clientId
            : Nobody;

    private IResult TooMany(HttpContext context, string actor, TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        audit.RecordRefusal(
            AuditActions.IssueToken,
            actor,
            context.Connection.RemoteIpAddress?.ToString(),
            "too many",
            new { reason = "too many" }
        );
        return Error(
            "temporarily_unavailable",
            AccessErrors.TooManyTokenRequests.At(null, null, seconds)
        );
    }

    private static async Task<IFormCollection?> ReadFormAsync(HttpRequest request)
    {
        if (
            !Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(
                request.ContentType,
                out var type
            )
            || !type.MediaType.Equals(
                "application/x-www-form-urlencoded",
                StringComparison.OrdinalIgnoreCase
            )
        )
        {
            return null;
        }
        try
        {
            return await request.ReadFormAsync(request.HttpContext.RequestAborted);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static IResult WrongClient(HttpContext context, bool usedBasic)
    {
        if (usedBasic)
        {
            context.Response.Headers[HeaderNames.WWWAuthenticate] =
                "Basic realm=\"axis\", charset=\"UTF-8\"";
        }
        return Error("invalid_client", AccessErrors.BadClient.At());
    }

    private static IResult BadRequest(string error, string what, string whatVi) =>
        Error(
            error,
            AccessErrors.BadTokenRequest.At(null, null, what) with
            {
                MessageVi = string.Format(
                    CultureInfo.InvariantCulture,
                    AccessErrors.BadTokenRequest.MessageVi,
                    whatVi
                ),
            }
        );

    private static IResult Error(string error, ErrorItem item) =>
        Results.Json(
            new
            {
                error,
                error_description = item.Message,
                errors = (ErrorItem[])[item],
            },
            HubJson.Options,
            statusCode: item.HttpStatus
        );
}
