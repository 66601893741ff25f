using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;

namespace Axis.Hub.Registry;

/// <summary><c>/ops/v1/signature-policies</c>: what is asked of signatures, of whom and when.</summary>
public static class PolicyEndpoints
{
    private const int MaxRequestBytes = 8 * 1024;

    public static void MapPolicies(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/ops/v1/signature-policies").OnOperationsListener();
        group.MapGet("", List).RequireAuthorization(AccessPolicies.Viewer);
        group
            .MapPut("", SetAsync)
            .RequireAuthorization(AccessPolicies.Registrar)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxRequestBytes));
    }

    private static IResult List(RegistryCache registry)
    {
        var snapshot = registry.Current;
        return Results.Json(
            new
            {
                items = snapshot
                    .SignaturePolicies.Rows.Select(row => PolicyView.Of(row, snapshot))
                    .OrderBy(policy => policy.Agency, StringComparer.Ordinal)
                    .ThenBy(policy => policy.OfficeSystem, StringComparer.Ordinal)
                    .ThenBy(policy => policy.Route, StringComparer.Ordinal)
                    .ThenBy(policy => policy.ValidFrom),
            },
            HubJson.Options
        );
    }

    private static async Task<IResult> SetAsync(
        HttpContext context,
        OperatorCaller caller,
        SetSignaturePolicy set,
        RegistryCache registry
    )
    {
        PolicyRequest? request;
        try
        {
            request = await JsonSerializer.DeserializeAsync<PolicyRequest>(
                context.Request.Body,
                HubJson.Options,
                context.RequestAborted
            );
        }
        catch (JsonException)
        {
            request = null;
        }
        if (request is null)
        {
            return Problem
                .Of(
                    RequestErrors.Malformed.At(
                        null,
                        null,
                        new Words("{\"policy\":\"...\"} was expected", "cần {\"policy\":\"...\"}")
                    )
                )
                .ToResult();
        }
        var (row, errors) = await set.SetAsync(
            request,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            context.RequestAborted
        );
        return row is null
            ? Problem.Of(errors).ToResult()
            : Results.Json(PolicyView.Of(row, registry.Current), HubJson.Options);
    }
}
