using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Microsoft.Extensions.Options;

namespace Axis.Hub.National;

/// <summary><c>/ops/v1/national</c>: the exchange with far axes. Every act is on record before it is answered.</summary>
public static class NationalEndpoints
{
    private const int ReplayAtMost = 100_000;

    private static readonly string[] Directions = [FarDirection.Out, FarDirection.In];

    public static void MapNational(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/ops/v1/national").OnOperationsListener();
        group.MapGet("", StatusAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/undeliverable", ListAsync).RequireAuthorization(AccessPolicies.Viewer);
        group
            .MapGet("/crossings/{packageId:guid}", CrossingsAsync)
            .RequireAuthorization(AccessPolicies.Viewer);
        group.MapPost("/{axis}/pause", PauseAsync).RequireAuthorization(AccessPolicies.Operator);
        group.MapPost("/{axis}/resume", ResumeAsync).RequireAuthorization(AccessPolicies.Operator);
        group.MapPost("/{axis}/replay", ReplayAsync).RequireAuthorization(AccessPolicies.Operator);
        group
            .MapPost("/undeliverable/{itemId:guid}/replay", TryAgainAsync)
            .RequireAuthorization(AccessPolicies.Operator);
        group
            .MapPost("/undeliverable/{itemId:guid}/settle", SettleAsync)
            .RequireAuthorization(AccessPolicies.Operator);
    }

    private static async Task<IResult> StatusAsync(
        FarStatus status,
        CancellationToken cancellationToken
    ) => Json(new { axes = await status.ReadAsync(cancellationToken) });

    private static async Task<IResult> ListAsync(HttpContext context, FarStatus status)
    {
        var given = new OpsParameters(context.Request.Query);
        var (axis, limit, after) = (given.Text("axis"), given.Limit(), given.Id("after"));
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        var items = await status.UndeliverableAsync(axis, limit, after, context.RequestAborted);
        return Json(new { items });
    }

    private static async Task<IResult> CrossingsAsync(
        FarStatus status,
        Guid packageId,
        CancellationToken cancellationToken
    ) => Json(new { items = await status.CrossingsAsync(packageId, cancellationToken) });

    private static Task<IResult> PauseAsync(
        HttpContext context,
        OperatorCaller caller,
        string axis
    ) =>
        SwitchAsync(
            context,
            caller,
            axis,
            AuditActions.NationalPause,
            (links, direction) =>
                links.PauseAsync(axis, direction, caller.Id, context.RequestAborted)
        );

    private static Task<IResult> ResumeAsync(
        HttpContext context,
        OperatorCaller caller,
        string axis
    ) =>
        SwitchAsync(
            context,
            caller,
            axis,
            AuditActions.NationalResume,
            (links, direction) => links.ResumeAsync(axis, direction, context.RequestAborted)
        );

    private static async Task<IResult> SwitchAsync(
        HttpContext context,
        OperatorCaller caller,
        string axis,
        string action,
        Func<FarLinks, string, Task> act
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var direction = given.OneOf("direction", Directions);
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        if (!IsKnown(context, axis))
        {
            return NotFound(axis, "axis");
        }
        var links = context.RequestServices.GetRequiredService<FarLinks>();
        foreach (var one in direction is null ? Directions : [direction])
        {
            await act(links, one);
        }
        await AuditOf(context)
            .RecordAsync(
                action,
                AuditOutcome.Ok,
                caller.Id,
                Remote(context),
                new { axis, direction }
            );
        return Results.NoContent();
    }

    private static async Task<IResult> ReplayAsync(
        HttpContext context,
        OperatorCaller caller,
        string axis
    )
    {
        if (!IsKnown(context, axis))
        {
            return NotFound(axis, "axis");
        }
        var packages = await context
            .RequestServices.GetRequiredService<FarOutbox>()
            .ReplayAsync(axis, ReplayAtMost, context.RequestAborted);
        await AuditOf(context)
            .RecordAsync(
                AuditActions.NationalReplay,
                AuditOutcome.Ok,
                caller.Id,
                Remote(context),
                new { axis, packages }
            );
        return Json(new { packages });
    }

    private static async Task<IResult> TryAgainAsync(
        HttpContext context,
        OperatorCaller caller,
        Guid itemId
    )
    {
        var (outcome, isBusy) = await context
            .RequestServices.GetRequiredService<ReplayUndeliverable>()
            .TryAsync(itemId, caller.Id, context.RequestAborted);
        if (isBusy)
        {
            return Problem.Of(HubErrors.Busy.At(null, null, 2)).ToResult();
        }
        if (outcome is null)
        {
            return NotFound(itemId.ToString(), "kept item");
        }
        await AuditOf(context)
            .RecordAsync(
                AuditActions.NationalReplay,
                outcome.IsDone ? AuditOutcome.Ok : AuditOutcome.Refused,
                caller.Id,
                Remote(context),
                new { itemId, outcome.State }
            );
        return Json(
            new
            {
                outcome.State,
                outcome.PackageId,
                reasons = outcome.IsDone ? null : outcome.Reasons,
            }
        );
    }

    private static async Task<IResult> SettleAsync(
        HttpContext context,
        OperatorCaller caller,
        Guid itemId
    )
    {
        var isSettled = await context
            .RequestServices.GetRequiredService<FarInwardStore>()
            .SettleAsync(itemId, caller.Id, context.RequestAborted);
        if (!isSettled)
        {
            return NotFound(itemId.ToString(), "kept item");
        }
        await AuditOf(context)
            .RecordAsync(
                AuditActions.NationalSettle,
                AuditOutcome.Ok,
                caller.Id,
                Remote(context),
                new { itemId }
            );
        return Results.NoContent();
    }

    private static bool IsKnown(HttpContext context, string axis) =>
        context
            .RequestServices.GetRequiredService<IOptions<NationalOptions>>()
            .Value.Axes.ContainsKey(axis);

    private static AuditLog AuditOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<AuditLog>();

    private static string? Remote(HttpContext context) =>
        context.Connection.RemoteIpAddress?.ToString();

    private static IResult NotFound(string value, string what) =>
        Problem.Of(RequestErrors.NotFound.At(null, value, what)).ToResult();

    private static IResult Json<T>(T answer) => Results.Json(answer, HubJson.Options);
}
