using Axis.Hub.Access.Audit;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Microsoft.IdentityModel.Tokens;

namespace Axis.Hub.Access;

/// <summary>The audit log as a file that proves itself, and the public keys that its checkpoints are signed with.</summary>
internal static class AuditEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints
            .MapGet("/ops/v1/audit/export", ExportAsync)
            .OnOperationsListener()
            .RequireAuthorization(AccessPolicies.Auditor);
        endpoints.MapGet("/oauth2/jwks", Keys).AllowAnonymous();
    }

    private static async Task<IResult> ExportAsync(
        HttpContext context,
        OperatorCaller caller,
        AuditExport export,
        AuditLog audit
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var from = given.Number("from") ?? 1;
        if (from < 1)
        {
            given.Refuse<long>("from", null, new Words("1 or more", "từ 1 trở lên"));
        }
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        // Who took the log away is in the log, also if the transfer breaks.
        await audit.RecordAsync(
            AuditActions.ExportAudit,
            AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new { from }
        );
        return Results.Stream(
            output => export.WriteAsync(from, output, context.RequestAborted),
            AuditExport.MediaType
        );
    }

    private static IResult Keys(TokenKeys keys) =>
        Results.Json(
            new
            {
                keys = keys.Current.Published.Select(key =>
                {
                    var point = key.ECDsa.ExportParameters(includePrivateParameters: false).Q;
                    return new
                    {
                        kty = "EC",
                        crv = "P-256",
                        use = "sig",
                        alg = "ES256",
                        kid = key.KeyId,
                        x = Base64UrlEncoder.Encode(point.X),
                        y = Base64UrlEncoder.Encode(point.Y),
                    };
                }),
            }
        );
}
