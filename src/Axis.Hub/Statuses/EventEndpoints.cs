using System.Text;
using Axis.Hub.Access;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;

namespace Axis.Hub.Statuses;

public sealed record EventIds(IReadOnlyList<Guid>? Ids);

public static class EventEndpoints
{
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/events").RequireAuthorization(AccessPolicies.OfficeSystem);
        group.MapGet("", ListAsync);
        group.MapGet("/{eventId:guid}/content", ContentAsync);
        group.MapPost("/ack", AcknowledgeAsync);
    }

    private static async Task<IResult> ListAsync(
        OfficeSystemCaller caller,
        EventStore events,
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
        var bodies = await LongPoll.UntilAnyAsync(
            token => events.ListAsync(Permissions.Inbox(caller.OfficeSystem), page.Limit, token),
            () => signal.BellOf(caller.Id),
            page.Wait,
            clock,
            lifetime.ApplicationStopping,
            cancellationToken
        );
        // The bodies are JSON already; they go out as they were stored.
        return Results.Text(
            $"{{\"items\":[{string.Join(',', bodies)}]}}",
            "application/json",
            Encoding.UTF8
        );
    }

    private static async Task<IResult> ContentAsync(
        OfficeSystemCaller caller,
        EventStore events,
        Guid eventId,
        CancellationToken cancellationToken
    ) =>
        await events.FindContentAsync(
            Permissions.Inbox(caller.OfficeSystem),
            eventId,
            cancellationToken
        )
            is { } bytes
            ? Results.Bytes(bytes, "application/xml")
            : Problem
                .Of(RequestErrors.NotFound.At(null, eventId.ToString(), Words.Event))
                .ToResult();

    private static async Task<IResult> AcknowledgeAsync(
        OfficeSystemCaller caller,
        EventStore events,
        EventIds body,
        CancellationToken cancellationToken
    )
    {
        if (body.Ids is not { Count: > 0 and <= Page.MaxLimit } ids)
        {
            return Problem
                .Of(
                    RequestErrors.BadParameter.At(
                        "ids",
                        null,
                        "ids",
                        new Words(
                            $"1 to {Page.MaxLimit} event ids",
                            $"từ 1 đến {Page.MaxLimit} mã sự kiện"
                        )
                    )
                )
                .ToResult();
        }
        await events.AcknowledgeAsync(
            Permissions.Inbox(caller.OfficeSystem),
            ids,
            cancellationToken
        );
        return Results.NoContent();
    }
}
