using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Storage;

namespace Axis.Hub.Delivery;

public static class TrackingEndpoints
{
    public static void MapTracking(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").RequireAuthorization(AccessPolicies.OfficeSystem);
        group.MapGet("/packages/{packageId:guid}", PackageAsync);
        group.MapGet("/packages/{packageId:guid}/content", ContentAsync);
        group.MapGet("/documents", DocumentsAsync);
    }

    private static async Task<IResult> PackageAsync(
        OfficeSystemCaller caller,
        Tracking tracking,
        Guid packageId,
        CancellationToken cancellationToken
    ) =>
        await tracking.ByPackageIdAsync(
            packageId,
            Permissions.Letters(caller.OfficeSystem),
            cancellationToken
        )
            is { } view
            ? Results.Json(view, HubJson.Options)
            : NotFound(packageId);

    private static async Task<IResult> ContentAsync(
        OfficeSystemCaller caller,
        Tracking tracking,
        PayloadStore payloads,
        Guid packageId,
        CancellationToken cancellationToken
    ) =>
        await tracking.ContentAsync(
            packageId,
            Permissions.Letters(caller.OfficeSystem),
            cancellationToken
        )
            is { } content
            ? await PackageContent.ToResultAsync(payloads, content, cancellationToken)
            : NotFound(packageId);

    private static async Task<IResult> DocumentsAsync(
        OfficeSystemCaller caller,
        Tracking tracking,
        string? documentId,
        string? number,
        CancellationToken cancellationToken
    )
    {
        var sees = Permissions.Letters(caller.OfficeSystem);
        switch (string.IsNullOrWhiteSpace(documentId), string.IsNullOrWhiteSpace(number))
        {
            case (false, true):
                var byId = await tracking.ByDocumentIdAsync(
                    documentId!.Trim(),
                    sees,
                    cancellationToken
                );
                return Results.Json(new { items = byId }, HubJson.Options);
            case (true, false):
                var byNumber = await tracking.ByNumberAsync(number!, sees, cancellationToken);
                return Results.Json(new { items = byNumber }, HubJson.Options);
            default:
                return Problem
                    .Of(
                        RequestErrors.BadParameter.At(
                            "documentId",
                            null,
                            "documentId",
                            new Words(
                                "a document id, or alone a number like 15/UBND-VP,",
                                "mã văn bản, hoặc chỉ số ký hiệu như 15/UBND-VP"
                            )
                        )
                    )
                    .ToResult();
        }
    }

    private static IResult NotFound(Guid packageId) =>
        Problem.Of(RequestErrors.NotFound.At(null, packageId.ToString(), Words.Package)).ToResult();
}
