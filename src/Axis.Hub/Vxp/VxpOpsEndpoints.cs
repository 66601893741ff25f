using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;

namespace Axis.Hub.Vxp;

/// <summary><c>/ops/v1/office-systems/{id}/vxp</c>: the switch of this door for one office system.</summary>
internal static class VxpOpsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/ops/v1/office-systems/{id}/vxp").OnOperationsListener();
        group.MapGet("", FindAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapPut("", SetAsync).RequireAuthorization(AccessPolicies.Registrar);
    }

    private static async Task<IResult> FindAsync(
        HttpContext context,
        string id,
        VxpProvisioning provisioning
    ) =>
        await provisioning.FindAsync(id, context.RequestAborted) is { } view
            ? Results.Json(view, HubJson.Options)
            : Problem.Of(RequestErrors.NotFound.At("id", id, Words.VxpClient)).ToResult();

    private static async Task<IResult> SetAsync(
        HttpContext context,
        string id,
        OperatorCaller caller,
        VxpWish wish,
        VxpProvisioning provisioning
    )
    {
        // The answer may hold a secret.
        context.Response.Headers.CacheControl = "no-store";
        var (view, error) = await provisioning.SetAsync(
            id,
            wish,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            context.RequestAborted
        );
        return view is not null
            ? Results.Json(view, HubJson.Options)
            : Problem.Of(error!).ToResult();
    }
}
