using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Microsoft.Net.Http.Headers;

namespace Axis.Hub.Access;

/// <summary>
/// <c>POST /oauth2/token</c>: the client credentials grant (RFC 6749 section 4.4), credentials by HTTP Basic or in the
/// form. Errors are those of RFC 6749 section 5.2, with the catalogue's entries beside them.
/// </summary>
public sealed class TokenEndpoint(
    RegistryCache registry,
    AccessTokens tokens,
    FailureBackOff backOff,
    AuditLog audit,
    TimeProvider clock
)
{
    /// <summary>A form with two ids and a secret is a few hundred bytes.</summary>
    public const int MaxRequestBytes = 8 * 1024;

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
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
        if (usedBasic && form.ContainsKey("client_secret"))
        {
            // RFC 6749 section 2.3: not more than one method.
            return BadRequest(
                "invalid_request",
                "credentials must be given once, by Basic or in the form",
                "chỉ gửi khóa bí mật một lần, qua Basic hoặc trong biểu mẫu"
            );
        }
        var client = usedBasic ? FromBasic(context.Request) : FromForm(form);
        return client is null ? WrongClient(context, usedBasic) : Issue(context, client, usedBasic);
    }

    private IResult Issue(HttpContext context, Client client, bool usedBasic)
    {
        var remote = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var now = registry.Current;
        var proved = ClientSecrets.Check(now, client.Id, client.Secret, clock.GetUtcNow());
        var wait = backOff.WaitOf(client.Id, remote);
        // The right secret never waits: behind a proxy all clients share one address, and a stranger's wrong guesses
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
        if (proved is not { } holder)
        {
            backOff.Failed(client.Id, remote);
            audit.Record(
                AuditActions.IssueToken,
                AuditOutcome.Denied,
                Actor(now, client.Id),
                remote,
                new { reason = "bad client" }
            );
            return WrongClient(context, usedBasic);
        }
        backOff.Succeeded(client.Id, remote);
        if (!Callers.IsActive(now, holder))
        {
            audit.Record(
                AuditActions.IssueToken,
                AuditOutcome.Denied,
                holder.Id,
                remote,
                new { reason = "locked" }
            );
            // RFC 6749 knows no better name for "right secret, but no".
            return Error("unauthorized_client", AccessErrors.Locked.At(null, null, holder.Id));
        }
        var token = tokens.Issue(holder);
        audit.Record(AuditActions.IssueToken, AuditOutcome.Ok, holder.Id, remote);
        return Results.Json(
            new
            {
                access_token = token,
                token_type = "Bearer",
                expires_in = (int)tokens.Lifetime.TotalSeconds,
            }
        );
    }

    // A mistyped secret in the place of the id must not reach the audit log.
    private static string Actor(RegistrySnapshot registry, string clientId) =>
        registry.OfficeSystem(clientId) is not null || registry.Operator(clientId) is not null
            ? clientId
            : "unknown";

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

    private static Client? FromForm(IFormCollection form) =>
        form["client_id"] is [{ Length: > 0 } id]
        && form["client_secret"] is [{ Length: > 0 } secret]
            ? new Client(id, secret)
            : null;

    private static Client? FromBasic(HttpRequest request)
    {
        if (
            !AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            || header.Parameter is null
        )
        {
            return null;
        }
        var bytes = new byte[header.Parameter.Length];
        if (!Convert.TryFromBase64String(header.Parameter, bytes, out var length))
        {
            return null;
        }
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
        return colon <= 0
            ? null
            : new Client(
                System.Net.WebUtility.UrlDecode(pair[..colon]),
                System.Net.WebUtility.UrlDecode(pair[(colon + 1)..])
            );
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

    private sealed record Client(string Id, string Secret);
}
