using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;

namespace Axis.Hub.Notices;

/// <summary><c>/ops/v1/agencies/{code}/notices</c>: what the clerks of an agency want to hear.</summary>
public static class NoticeEndpoints
{
    public static void MapNotices(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/ops/v1/agencies/{code}/notices").OnOperationsListener();
        group.MapGet("", FindAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapPut("", SetAsync).RequireAuthorization(AccessPolicies.Registrar);
        group.MapPost("/test", TestAsync).RequireAuthorization(AccessPolicies.Registrar);
    }

    private static async Task<IResult> FindAsync(
        string code,
        RegistryCache registry,
        NoticePreferences preferences,
        CancellationToken cancellationToken
    ) =>
        registry.Current.LastOwnerOf(code) is { } agency
            ? Results.Json(await preferences.FindAsync(agency, cancellationToken), HubJson.Options)
            : NoSuch(code);

    private static async Task<IResult> SetAsync(
        string code,
        OperatorCaller caller,
        NoticeWish wish,
        RegistryCache registry,
        NoticePreferences preferences,
        AuditLog audit,
        HttpContext context
    )
    {
        if (registry.Current.LastOwnerOf(code) is not { } agency)
        {
            return NoSuch(code);
        }
        // The answer may hold a secret.
        context.Response.Headers.CacheControl = "no-store";
        var (view, errors) = await preferences.SetAsync(agency, wish, context.RequestAborted);
        if (view is null)
        {
            return Problem.Of(errors).ToResult();
        }
        await audit.RecordAsync(
            AuditActions.SetNotices,
            AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            view with
            {
                Secret = null,
            }
        );
        return Results.Json(view, HubJson.Options);
    }

    private static async Task<IResult> TestAsync(
        string code,
        OperatorCaller caller,
        RegistryCache registry,
        TestMail mail,
        AuditLog audit,
        HttpContext context
    )
    {
        if (registry.Current.LastOwnerOf(code) is not { } agency)
        {
            return NoSuch(code);
        }
        var (view, error) = await mail.SendAsync(agency, context.RequestAborted);
        await audit.RecordAsync(
            AuditActions.TestNotices,
            view is null ? AuditOutcome.Refused : AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new { agency = agency.PrimaryCode, to = view?.To.Count }
        );
        return error is { } refusal
            ? Problem.Of(refusal).ToResult()
            : Results.Json(view, HubJson.Options);
    }

    private static IResult NoSuch(string code) =>
        Problem.Of(RequestErrors.NotFound.At("code", code, Words.Agency)).ToResult();
}
