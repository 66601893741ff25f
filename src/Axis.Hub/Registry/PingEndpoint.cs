using Axis.Hub.Access;
using Axis.Hub.Errors;

namespace Axis.Hub.Registry;

/// <summary>The answer to a connection test, over either door.</summary>
public sealed record Pong(
    string OfficeSystem,
    string Name,
    Door InboxDoor,
    int Agencies,
    DateTimeOffset At
)
{
    public static Pong Of(OfficeSystem system, DateTimeOffset at) =>
        new(system.Id, system.Name, system.InboxDoor, system.Agencies.Count, at);
}

/// <summary><c>GET /v1/ping</c>: address, token and registration are right, and the hub says what time it has.</summary>
public static class PingEndpoint
{
    public static void MapPing(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/ping", Ping).RequireAuthorization(AccessPolicies.OfficeSystem);

    private static IResult Ping(OfficeSystemCaller caller, TimeProvider clock) =>
        Results.Json(Pong.Of(caller.OfficeSystem, clock.GetUtcNow()), HubJson.Options);
}
