using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Storage;

namespace Axis.Hub.Delivery;

public static class InboxEndpoints
{
    public static void MapInbox(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/inbox").RequireAuthorization(AccessPolicies.OfficeSystem);
        group.MapGet("", ListAsync);
        group.MapGet("/{deliveryId:guid}/content", ContentAsync);
        group.MapPost("/{deliveryId:guid}/ack", AcknowledgeAsync);
    }

    private static async Task<IResult> ListAsync(
        OfficeSystemCaller caller,
        InboxStore inbox,
        InboxSignal signal,
        TimeProvider clock,
        IHostApplicationLifetime lifetime,
        Page page,
        CancellationToken cancellationToken
    )
    {
        if (page.Error is { } wrong)
        {
            return Problem.Of(wrong).ToResult();
        }
        var items = await LongPoll.UntilAnyAsync(
            token => inbox.ListAsync(Permissions.Inbox(caller.OfficeSystem), page.Limit, token),
            () => signal.BellOf(caller.Id),
            page.Wait,
            clock,
            lifetime.ApplicationStopping,
            cancellationToken
        );
        return Results.Json(new { items }, HubJson.Options);
    }

    private static async Task<IResult> ContentAsync(
        OfficeSystemCaller caller,
        InboxStore inbox,
        PayloadStore payloads,
        HttpContext context,
        Guid deliveryId,
        CancellationToken cancellationToken
    )
    {
        var content = await inbox.FindContentAsync(
            Permissions.Inbox(caller.OfficeSystem),
            deliveryId,
            cancellationToken
        );
        if (content?.Substitution is { } substitution)
        {
            context.Response.Headers["X-Axis-Substitution"] = substitution.ToHeader();
        }
        return content is null
                ? Problem
                    .Of(RequestErrors.NotFound.At(null, deliveryId.ToString(), Words.Delivery))
                    .ToResult()
            : content.Gone is { } gone ? Problem.Of(gone).ToResult()
            : await PackageContent.ToResultAsync(payloads, content, cancellationToken);
    }

    private static async Task<IResult> AcknowledgeAsync(
        OfficeSystemCaller caller,
        InboxStore inbox,
        HubMetrics metrics,
        Guid deliveryId,
        CancellationToken cancellationToken
    )
    {
        var mine = await inbox.AcknowledgeAsync(
            Permissions.Inbox(caller.OfficeSystem),
            [deliveryId],
            Door.Http,
            cancellationToken
        );
        if (mine.Count == 0)
        {
            var handedOver = await inbox.HandedOverAsync(
                Permissions.Inbox(caller.OfficeSystem),
                [deliveryId],
                cancellationToken
            );
            return Problem.Of(DeliveryErrors.NotYours(deliveryId, null, handedOver)).ToResult();
        }
        if (mine[deliveryId] is { } gone)
        {
            return Problem.Of(gone).ToResult();
        }
        metrics.DeliveriesCollected(Door.Http, mine.Count);
        return Results.NoContent();
    }
}
