using Axis.Hub.Access;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Operations;

/// <summary><c>/ops/v1/...</c>: the operators' questions, on the operations listener, with an operator's token.</summary>
internal static class OpsEndpoints
{
    private const int MaxQuestion = 500;

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/ops/v1").OnOperationsListener();
        group.MapGet("/documents", DocumentsAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/deliveries", DeliveriesAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/routes", RoutesAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/agencies/{code}", AgencyAsync).RequireAuthorization(AccessPolicies.Viewer);
        group.MapGet("/audit", AuditAsync).RequireAuthorization(AccessPolicies.Auditor);
    }

    /// <summary>
    /// <c>q</c> is tried as a package id, as a document id, and as number and notation, in this order; the first that
    /// finds something answers.
    /// </summary>
    private static async Task<IResult> DocumentsAsync(
        HttpContext context,
        OperatorCaller caller,
        Tracking tracking
    )
    {
        var given = new OpsParameters(context.Request.Query);
        if (given.Text("q") is not { Length: <= MaxQuestion } question)
        {
            return Problem
                .Of(
                    RequestErrors.BadParameter.At(
                        "q",
                        null,
                        "q",
                        new Words(
                            "a document id, a number like 15/UBND-VP, or a package id",
                            "mã văn bản, số ký hiệu như 15/UBND-VP, hoặc mã gói tin"
                        )
                    )
                )
                .ToResult();
        }
        var stop = context.RequestAborted;
        var sees = Permissions.Letters(caller);
        if (
            Guid.TryParse(question, out var packageId)
            && await tracking.ByPackageIdAsync(packageId, sees, stop) is { } package
        )
        {
            return Json(new { items = (PackageView[])[package] });
        }
        var items = await tracking.ByDocumentIdAsync(question, sees, stop);
        if (items.Count == 0)
        {
            items = await tracking.ByNumberAsync(question, sees, stop);
        }
        return Json(new { items });
    }

    private static async Task<IResult> DeliveriesAsync(
        HttpContext context,
        OperatorCaller caller,
        OpenDeliveries deliveries,
        RegistryCache registry
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var agency = given.Text("agency") is { } code
            ? registry.Current.LastOwnerOf(code)
                ?? given.Refuse<Agency>(
                    "agency",
                    code,
                    new Words(
                        "a code of an agency of the registry",
                        "mã của một cơ quan trong danh mục"
                    )
                )
            : null;
        var filter = new OpsDeliveryFilter(
            given.OneOf("state", OpenDeliveries.States),
            given.Text("officeSystem"),
            agency?.Id,
            given.Limit(),
            given.Id("after")
        );
        return given.Errors.Count > 0
            ? Problem.Of(given.Errors).ToResult()
            : Json(
                await deliveries.ListAsync(
                    Permissions.Letters(caller),
                    filter,
                    context.RequestAborted
                )
            );
    }

    private static async Task<IResult> RoutesAsync(
        HttpContext context,
        OperatorCaller caller,
        OpenRoutes routes
    ) =>
        Json(
            new
            {
                items = await routes.ListAsync(Permissions.Letters(caller), context.RequestAborted),
            }
        );

    private static async Task<IResult> AgencyAsync(
        HttpContext context,
        OperatorCaller caller,
        string code,
        OpenDeliveries deliveries,
        AgencySearch search,
        RegistryCache registry,
        TimeProvider clock
    )
    {
        var snapshot = registry.Current;
        // Whoever has the code today comes before whoever had it.
        var agency = snapshot.TryFindAgency(code, clock.GetUtcNow(), out var current)
            ? current
            : snapshot.LastOwnerOf(code);
        if (agency is null)
        {
            return Problem.Of(RequestErrors.NotFound.At("code", code, Words.Agency)).ToResult();
        }
        var counts = await deliveries.CountToAsync(
            Permissions.Letters(caller),
            agency.Id,
            context.RequestAborted
        );
        var contacts = await search.ContactsAsync(agency.Id, context.RequestAborted);
        return Json(AgencyView.Of(agency, snapshot, counts, contacts, clock.GetUtcNow()));
    }

    private static async Task<IResult> AuditAsync(
        HttpContext context,
        OperatorCaller caller,
        AuditTrail audit,
        AuditLog log
    )
    {
        var given = new OpsParameters(context.Request.Query);
        var (limit, before) = (given.Limit(), given.Number("before"));
        if (given.Errors.Count > 0)
        {
            return Problem.Of(given.Errors).ToResult();
        }
        var page = await audit.ReadAsync(limit, before, context.RequestAborted);
        log.Record(
            AuditActions.ReadAudit,
            AuditOutcome.Ok,
            caller.Id,
            context.Connection.RemoteIpAddress?.ToString(),
            new { limit, before }
        );
        return Json(page);
    }

    private static IResult Json<T>(T answer) => Results.Json(answer, HubJson.Options);
}
