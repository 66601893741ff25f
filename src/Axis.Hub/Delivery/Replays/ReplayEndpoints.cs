using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;

namespace Axis.Hub.Delivery.Replays;

/// <summary><c>/ops/v1</c>: what was given up, and trying again. Every act is on record before it is answered.</summary>
public static class ReplayEndpoints
{
    private static readonly string[] Routes = ["office_system", "national"];

    public static void MapReplays(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/ops/v1").OnOperationsListener();
        group.MapGet("/dead-letters", GroupsAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/replays", ListAsync).RequireAuthorization(AccessPolicies.Viewer);
        group
            .MapGet("/replays/{replayId:guid}", FindAsync)
            .RequireAuthorization(AccessPolicies.Viewer);
        group.MapPost("/replays", GiveAsync).RequireAuthorization(AccessPolicies.Operator);
        group
            .MapPost("/replays/{replayId:guid}/stop", StopAsync)
            .RequireAuthorization(AccessPolicies.Operator);
        group
            .MapPost("/deliveries/{deliveryId:guid}/retry", RetryAsync)
            .RequireAuthorization(AccessPolicies.Operator);
        group
            .MapPost("/routes/{officeSystem}/retry", RetryRouteAsync)
            .RequireAuthorization(AccessPolicies.Operator);
    }

    private static async Task<IResult> GroupsAsync(
        DeadLetters deadLetters,
        CancellationToken cancellationToken
    ) => Json(new { items = await deadLetters.GroupAsync(cancellationToken) });

    private static async Task<IResult> ListAsync(HttpContext context, ReplayOrders replays)
    {
        var given = new OpsParameters(context.Request.Query);
        var limit = given.Limit();
        return given.Errors.Count > 0
            ? Problem.Of(given.Errors).ToResult()
            : Json(new { items = await replays.ListAsync(limit, context.RequestAborted) });
    }

    private static async Task<IResult> FindAsync(
        ReplayOrders replays,
        Guid replayId,
        CancellationToken cancellationToken
    ) =>
        await replays.FindAsync(replayId, cancellationToken) is { } replay
            ? Json(replay)
            : NotFound(replayId.ToString(), Words.Replay);

    private static async Task<IResult> GiveAsync(
        HttpContext context,
        OperatorCaller caller,
        ReplayOrders replays,
        AuditLog audit,
        CancellationToken cancellationToken
    )
    {
        var (order, wrong) = await ReadAsync(context.Request, cancellationToken);
        if (wrong is not null)
        {
            return Problem.Of(wrong).ToResult();
        }
        var pace =
            order!.PerSecond is null && order.Batches is null
                ? ReplayPace.Default
                : new ReplayPace(order.PerSecond, order.Batches);
        if (!pace.IsValid)
        {
            return Problem
                .Of(
                    RequestErrors.BadParameter.At(
                        "perSecond",
                        null,
                        "perSecond, batches",
                        new Words(
                            $"one of them: 1 to {ReplayPace.MaxPerSecond} a second, or up to {ReplayPace.MaxBatches} sizes of 1 to {ReplayPace.MaxBatch}",
                            $"một trong hai: từ 1 đến {ReplayPace.MaxPerSecond} mỗi giây, hoặc tối đa {ReplayPace.MaxBatches} cỡ lô từ 1 đến {ReplayPace.MaxBatch}"
                        )
                    )
                )
                .ToResult();
        }
        if (order.Route is { } route && !Routes.Contains(route))
        {
            return Problem
                .Of(
                    RequestErrors.BadParameter.At(
                        "route",
                        route,
                        "route",
                        string.Join(", ", Routes)
                    )
                )
                .ToResult();
        }
        var scope = new ReplayScope(
            order.Failure,
            order.Route,
            order.OfficeSystem,
            order.DeliveryId
        );
        var given = await replays.GiveAsync(scope, pace, caller.Id, cancellationToken);
        await audit.RecordAsync(
            AuditActions.ReplayDeliveries,
            given is null ? AuditOutcome.Refused : AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new
            {
                given?.Replay.ReplayId,
                given?.Replay.Total,
                scope,
                pace,
            }
        );
        return given is { } answer
            ? Json(
                answer.Replay,
                answer.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK
            )
            : Problem.Of(ReplayErrors.NothingToReplay.At()).ToResult();
    }

    private static async Task<IResult> StopAsync(
        HttpContext context,
        OperatorCaller caller,
        ReplayOrders replays,
        AuditLog audit,
        Guid replayId,
        CancellationToken cancellationToken
    )
    {
        var stopped = await replays.StopAsync(replayId, caller.Id, cancellationToken);
        if (await replays.FindAsync(replayId, cancellationToken) is not { } replay)
        {
            return NotFound(replayId.ToString(), Words.Replay);
        }
        await audit.RecordAsync(
            AuditActions.StopReplay,
            stopped ? AuditOutcome.Ok : AuditOutcome.Refused,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new { replayId }
        );
        return stopped
            ? Json(replay)
            : Problem
                .Of(ReplayErrors.ReplayNotRunning.At(null, replay.State, replay.State))
                .ToResult();
    }

    private static async Task<IResult> RetryAsync(
        HttpContext context,
        OperatorCaller caller,
        RetryNow retry,
        AuditLog audit,
        Guid deliveryId,
        CancellationToken cancellationToken
    )
    {
        if (await retry.DeliveryAsync(deliveryId, cancellationToken) is not { } outcome)
        {
            return NotFound(deliveryId.ToString(), Words.Delivery);
        }
        await audit.RecordAsync(
            AuditActions.RetryDelivery,
            outcome.IsTried ? AuditOutcome.Ok : AuditOutcome.Refused,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new { deliveryId, was = outcome.State }
        );
        return outcome.IsTried
            ? Results.Accepted()
            : Problem
                .Of(ReplayErrors.NotToBeTried.At(null, outcome.State, outcome.State))
                .ToResult();
    }

    private static async Task<IResult> RetryRouteAsync(
        HttpContext context,
        OperatorCaller caller,
        RetryNow retry,
        RegistryCache registry,
        AuditLog audit,
        string officeSystem,
        CancellationToken cancellationToken
    )
    {
        if (registry.Current.OfficeSystem(officeSystem) is null)
        {
            return NotFound(officeSystem, Words.OfficeSystem);
        }
        var (deliveries, events) = await retry.RouteAsync(officeSystem, cancellationToken);
        await audit.RecordAsync(
            AuditActions.RetryRoute,
            AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new
            {
                officeSystem,
                deliveries,
                events,
            }
        );
        return Json(new { deliveries, events }, StatusCodes.Status202Accepted);
    }

    private static async Task<(ReplayOrder? Order, ErrorItem? Wrong)> ReadAsync(
        HttpRequest request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return request.HasJsonContentType()
                ? (
                    await request.ReadFromJsonAsync<ReplayOrder>(HubJson.Options, cancellationToken)
                        ?? new ReplayOrder(null, null, null, null, null, null),
                    null
                )
                : (
                    null,
                    RequestErrors.Malformed.At(
                        null,
                        null,
                        new Words("a JSON object was expected", "cần một đối tượng JSON")
                    )
                );
        }
        catch (JsonException broken)
        {
            return (
                null,
                RequestErrors.Malformed.At(
                    broken.Path,
                    null,
                    new Words(broken.Message, "JSON không đúng cú pháp")
                )
            );
        }
    }

    private static IResult NotFound(string value, Words what) =>
        Problem.Of(RequestErrors.NotFound.At(null, value, what)).ToResult();

    private static IResult Json<T>(T answer, int status = StatusCodes.Status200OK) =>
        Results.Json(answer, HubJson.Options, statusCode: status);

    private sealed record ReplayOrder(
        string? Failure,
        string? Route,
        string? OfficeSystem,
        Guid? DeliveryId,
        int? PerSecond,
        int[]? Batches
    );
}
