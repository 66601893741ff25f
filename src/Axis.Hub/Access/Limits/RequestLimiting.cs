using System.Globalization;
using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Access.Limits;

/// <summary>
/// After authentication: networks and limits of the office system that asks. Operators have none; the address they come
/// from is the operations listener's.
/// </summary>
public static class RequestLimiting
{
    public static void UseRequestLimits(this WebApplication app)
    {
        var limits = app.Services.GetRequiredService<RequestLimits>();
        var audit = app.Services.GetRequiredService<AuditLog>();
        app.Use(
            (context, next) =>
                SystemOf(context) is { } system
                    ? LimitAsync(context, next, system, limits, audit)
                    : next(context)
        );
    }

    /// <summary>Whoever authenticates in another way than by a token says so with <see cref="LimitedRequest"/>.</summary>
    private static OfficeSystem? SystemOf(HttpContext context) =>
        (context.Features.Get<Caller>() as OfficeSystemCaller)?.OfficeSystem
        ?? context.Features.Get<LimitedRequest>()?.OfficeSystem;

    private static async Task LimitAsync(
        HttpContext context,
        RequestDelegate next,
        OfficeSystem system,
        RequestLimits limits,
        AuditLog audit
    )
    {
        var remote = context.Connection.RemoteIpAddress;
        if (!Permissions.CanComeFrom(system, remote))
        {
            await RefuseAsync(
                AccessErrors.WrongNetwork.At(null, null, system.Id, remote?.ToString() ?? "")
            );
            return;
        }
        var allowed = limits.TryTake(system, out var standing);
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = Text(standing.Limit);
        headers["RateLimit-Remaining"] = Text(standing.Remaining);
        headers["RateLimit-Reset"] = Text(standing.ResetSeconds);
        if (!allowed)
        {
            headers.RetryAfter = Text(standing.RetryAfterSeconds);
            await RefuseAsync(
                RequestErrors.TooManyRequests.At(
                    null,
                    null,
                    standing.Limit,
                    standing.RetryAfterSeconds
                )
            );
            return;
        }
        using var place = limits.Enter(system);
        if (!place.IsAcquired)
        {
            headers.RetryAfter = "1";
            await RefuseAsync(RequestErrors.TooManyAtATime.At(null, null, limits.AtATime(system)));
            return;
        }
        await next(context);

        Task RefuseAsync(ErrorItem item)
        {
            audit.RecordRefusal(
                AuditActions.Request,
                system.Id,
                remote?.ToString(),
                item.Code,
                new { item.Code }
            );
            // A door whose clients read no problem details says it in its own shape.
            return context.Features.Get<IRefusalShape>() is { } shape
                ? shape.RefuseAsync(context, item)
                : Problem.Of(item).ToResult().ExecuteAsync(context);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A feature of a request whose office system was authenticated by a door's own means.</summary>
public sealed record LimitedRequest(OfficeSystem OfficeSystem);
