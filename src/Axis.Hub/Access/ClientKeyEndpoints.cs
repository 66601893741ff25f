using System.Globalization;
using Axis.Hub.Access.Keys;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;

namespace Axis.Hub.Access;

/// <summary>A key or certificate that an office system hands in.</summary>
public sealed record ClientKeyFileBody(string? Pem);

/// <summary>A key as registrars see it. Times are absent where there is no end.</summary>
public sealed record ClientKeyView(
    string OfficeSystem,
    string Thumbprint,
    string Kind,
    string? Name,
    DateTimeOffset? NotBefore,
    DateTimeOffset? NotAfter,
    DateTimeOffset? RevokedAt
)
{
    public static ClientKeyView Of(ClientKey key) =>
        new(
            key.OfficeSystemId,
            Convert.ToHexStringLower(key.Thumbprint.Span),
            key.IsCertificate ? "certificate" : "public_key",
            key.IsCertificate ? key.Name : null,
            key.NotBefore == DateTimeOffset.MinValue ? null : key.NotBefore,
            key.NotAfter == DateTimeOffset.MaxValue ? null : key.NotAfter,
            key.RevokedAt == DateTimeOffset.MaxValue ? null : key.RevokedAt
        );
}

/// <summary><c>/ops/v1/client-keys/...</c>: the public keys and certificates of office systems.</summary>
internal static class ClientKeyEndpoints
{
    private const int ThumbprintLength = 64;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints
            .MapGroup("/ops/v1/client-keys")
            .OnOperationsListener()
            .RequireAuthorization(AccessPolicies.Registrar);
        group.MapGet("", List);
        group.MapPost("/{officeSystem}", AddAsync);
        group.MapDelete("/{officeSystem}/{thumbprint}", RevokeAsync);
    }

    private static IResult List(RegistryCache registry, string? officeSystem) =>
        Results.Json(
            new
            {
                items = registry
                    .Current.ClientKeys.All.Where(key =>
                        officeSystem is null || key.OfficeSystemId == officeSystem
                    )
                    .OrderBy(key => key.OfficeSystemId, StringComparer.Ordinal)
                    .ThenBy(key => key.NotAfter)
                    .Select(ClientKeyView.Of),
            },
            HubJson.Options
        );

    private static async Task<IResult> AddAsync(
        HttpContext context,
        OperatorCaller caller,
        string officeSystem,
        ClientKeyFileBody body,
        RegistryCache registry,
        ClientKeyStore store,
        AuditLog audit
    )
    {
        if (registry.Current.OfficeSystem(officeSystem) is null)
        {
            return Problem
                .Of(RequestErrors.NotFound.At("officeSystem", officeSystem, Words.OfficeSystem))
                .ToResult();
        }
        if (ClientKeyFile.Read(officeSystem, body.Pem ?? "", out var problem) is not { } key)
        {
            return Problem
                .Of(RequestErrors.BadParameter.At("pem", null, "pem", problem))
                .ToResult();
        }
        var added = await store.AddAsync(key, context.RequestAborted);
        var view = ClientKeyView.Of(key);
        await audit.RecordAsync(
            AuditActions.AddKey,
            added == KeyAdded.Anothers ? AuditOutcome.Refused : AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new
            {
                officeSystem,
                view.Thumbprint,
                view.Kind,
                view.Name,
            }
        );
        if (added == KeyAdded.Anothers)
        {
            return Problem.Of(AccessErrors.AnothersKey.At("pem", view.Thumbprint)).ToResult();
        }
        await registry.RefreshAsync(context.RequestAborted);
        return Results.Json(
            view,
            HubJson.Options,
            statusCode: added == KeyAdded.Yes
                ? StatusCodes.Status201Created
                : StatusCodes.Status200OK
        );
    }

    private static async Task<IResult> RevokeAsync(
        HttpContext context,
        OperatorCaller caller,
        string officeSystem,
        string thumbprint,
        RegistryCache registry,
        ClientKeyStore store,
        AuditLog audit
    )
    {
        if (
            thumbprint.Length != ThumbprintLength
            || !thumbprint.All(char.IsAsciiHexDigit)
            || !await store.RevokeAsync(
                officeSystem,
                Convert.FromHexString(thumbprint),
                context.RequestAborted
            )
        )
        {
            return Problem
                .Of(RequestErrors.NotFound.At("thumbprint", thumbprint, Words.Key))
                .ToResult();
        }
        await audit.RecordAsync(
            AuditActions.RevokeKey,
            AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new { officeSystem, thumbprint = thumbprint.ToLower(CultureInfo.InvariantCulture) }
        );
        await registry.RefreshAsync(context.RequestAborted);
        return Results.NoContent();
    }
}
