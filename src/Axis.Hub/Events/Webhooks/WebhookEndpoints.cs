using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;

namespace Axis.Hub.Events.Webhooks;

/// <summary>Webhooks, for an office system its own, for operators all.</summary>
public static class WebhookEndpoints
{
    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var own = routes.MapGroup("/v1/webhooks").RequireAuthorization(AccessPolicies.OfficeSystem);
        own.MapGet(
            "",
            (OfficeSystemCaller caller, WebhookStore store, CancellationToken stop) =>
                ListAsync(caller.Id, store, stop)
        );
        own.MapPost(
            "",
            (OfficeSystemCaller caller, WebhookWish wish, HttpContext context) =>
                AddAsync(caller, caller.Id, wish, context)
        );
        MapChanges(own);
        var all = routes.MapGroup("/ops/v1/webhooks").OnOperationsListener();
        all.MapGet("", (WebhookStore store, CancellationToken stop) => ListAsync(null, store, stop))
            .RequireAuthorization(AccessPolicies.Viewer);
        all.MapPost("", AddForAsync).RequireAuthorization(AccessPolicies.Operator);
        MapChanges(all.MapGroup("").RequireAuthorization(AccessPolicies.Operator));
    }

    private static void MapChanges(RouteGroupBuilder group)
    {
        group.MapPost(
            "/{webhookId:guid}/pause",
            (HttpContext context, Guid webhookId, WebhookOrders orders) =>
                ChangeAsync(
                    context,
                    webhookId,
                    "pause",
                    (of, by) => orders.PauseAsync(of, webhookId, by, context.RequestAborted)
                )
        );
        group.MapPost(
            "/{webhookId:guid}/resume",
            (HttpContext context, Guid webhookId, WebhookOrders orders) =>
                ChangeAsync(
                    context,
                    webhookId,
                    "resume",
                    (of, _) => orders.ResumeAsync(of, webhookId, context.RequestAborted)
                )
        );
        group.MapPost(
            "/{webhookId:guid}/replay",
            (HttpContext context, Guid webhookId, ReplayWish wish, WebhookOrders orders) =>
                ChangeAsync(
                    context,
                    webhookId,
                    "replay",
                    (of, _) => orders.ReplayAsync(of, webhookId, wish.After, context.RequestAborted)
                )
        );
        group.MapPost(
            "/{webhookId:guid}/rotate",
            (HttpContext context, Guid webhookId, RotateWish? wish, WebhookOrders orders) =>
            {
                // The answer holds a secret.
                context.Response.Headers.CacheControl = "no-store";
                return ChangeAsync(
                    context,
                    webhookId,
                    "rotate",
                    (of, _) => orders.RotateAsync(of, webhookId, wish, context.RequestAborted)
                );
            }
        );
        group.MapDelete("/{webhookId:guid}", RemoveAsync);
    }

    private static async Task<IResult> ListAsync(
        string? officeSystemId,
        WebhookStore store,
        CancellationToken cancellationToken
    ) =>
        Results.Json(
            new { items = await store.ListAsync(officeSystemId, cancellationToken) },
            HubJson.Options
        );

    private static Task<IResult> AddForAsync(
        OperatorCaller caller,
        WebhookWish wish,
        RegistryCache registry,
        HttpContext context
    ) =>
        wish.OfficeSystem is { } id && registry.Current.OfficeSystem(id) is null
            ? Task.FromResult<IResult>(
                Problem
                    .Of(RequestErrors.NotFound.At("officeSystem", id, Words.OfficeSystem))
                    .ToResult()
            )
            : AddAsync(caller, wish.OfficeSystem, wish, context);

    private static async Task<IResult> AddAsync(
        Caller caller,
        string? officeSystemId,
        WebhookWish wish,
        HttpContext context
    )
    {
        var services = context.RequestServices;
        // The answer holds a secret.
        context.Response.Headers.CacheControl = "no-store";
        var (view, errors) = await services
            .GetRequiredService<WebhookOrders>()
            .AddAsync(wish, officeSystemId, caller.Id, context.RequestAborted);
        if (view is null)
        {
            return Problem.Of(errors).ToResult();
        }
        await RecordAsync(context, caller, "add", view.WebhookId, view.Url);
        return Results.Json(view, HubJson.Options, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context,
        Guid webhookId,
        string what,
        Func<string?, string, Task<(WebhookView? View, IReadOnlyList<ErrorItem> Errors)>> change
    )
    {
        var caller = context.Features.Get<Caller>()!;
        var (view, errors) = await change((caller as OfficeSystemCaller)?.Id, caller.Id);
        if (view is null)
        {
            return Problem.Of(errors).ToResult();
        }
        await RecordAsync(context, caller, what, webhookId, view.Url);
        return Results.Json(view, HubJson.Options);
    }

    private static async Task<IResult> RemoveAsync(
        HttpContext context,
        Guid webhookId,
        WebhookStore store
    )
    {
        var caller = context.Features.Get<Caller>()!;
        if (
            !await store.RemoveAsync(
                (caller as OfficeSystemCaller)?.Id,
                webhookId,
                context.RequestAborted
            )
        )
        {
            return Problem.Of(WebhookOrders.NoSuch(webhookId)).ToResult();
        }
        await RecordAsync(context, caller, "remove", webhookId, null);
        return Results.NoContent();
    }

    private static Task RecordAsync(
        HttpContext context,
        Caller caller,
        string what,
        Guid webhookId,
        string? url
    ) =>
        context
            .RequestServices.GetRequiredService<AuditLog>()
            .RecordAsync(
                AuditActions.ChangeWebhook,
                AuditOutcome.Ok,
                caller.Id,
                context.Connection.RemoteIpAddress?.ToString(),
                new
                {
                    what,
                    webhookId,
                    url,
                }
            );
}
