using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Trust.Expiry;

namespace Axis.Hub.Trust;

/// <summary><c>/ops/v1/certificates</c>: the registered certificates that serve, which of them end soon, and the end of one.</summary>
public static class CertificateEndpoints
{
    /// <summary>No certificate is made for longer: all of them.</summary>
    private const int MaxDays = 36_500;

    private const int ThumbprintLength = 64;

    public static void MapCertificates(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/ops/v1/certificates").OnOperationsListener();
        group.MapGet("", List).RequireAuthorization(AccessPolicies.Viewer);
        group
            .MapDelete("/{thumbprint}", RevokeAsync)
            .RequireAuthorization(AccessPolicies.Registrar);
    }

    private static IResult List(HttpContext context, RegistryCache registry, TimeProvider clock)
    {
        var given = new OpsParameters(context.Request.Query);
        var days = given.Number("expiringWithin") ?? MaxDays;
        if (days is < 0 or > MaxDays)
        {
            given.Refuse<long>(
                "expiringWithin",
                null,
                new Words($"0 to {MaxDays} days", $"từ 0 đến {MaxDays} ngày")
            );
        }
        return given.Errors.Count > 0
            ? Problem.Of(given.Errors).ToResult()
            : Results.Json(
                new
                {
                    items = RegisteredCertificates.ExpiringWithin(
                        registry.Current,
                        (int)days,
                        clock.GetUtcNow()
                    ),
                },
                HubJson.Options
            );
    }

    private static async Task<IResult> RevokeAsync(
        HttpContext context,
        OperatorCaller caller,
        string thumbprint,
        RevokeCertificate revoke
    ) =>
        thumbprint.Length == ThumbprintLength
        && thumbprint.All(char.IsAsciiHexDigit)
        && await revoke.RunAsync(
            Convert.FromHexString(thumbprint),
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            context.RequestAborted
        )
            ? Results.NoContent()
            : Problem
                .Of(RequestErrors.NotFound.At("thumbprint", thumbprint, Words.Certificate))
                .ToResult();
}
