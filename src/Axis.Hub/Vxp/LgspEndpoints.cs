using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.Hub.Access;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Vxp;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Vxp;

/// <summary>
/// The REST flavour of one province's sharing platform: a token from a login, and system id and secret beside it on
/// every call. The same intake and inbox stand behind it, and the answers have the same shape.
/// </summary>
public static class LgspEndpoints
{
    public const string Path = "/lgsp/v1";

    private const int MaxSmallBody = 8 * 1024;

    public static void MapLgsp(this IEndpointRouteBuilder routes)
    {
        routes
            .MapPost(
                Path + "/auth/login",
                (HttpContext context, LgspLogin login) => login.HandleAsync(context)
            )
            .AllowAnonymous()
            .WithMetadata(new RequestSizeLimitAttribute(MaxSmallBody));
        var door = routes.MapGroup(Path).RequireAuthorization(AccessPolicies.OfficeSystem);
        door.MapPost("/sendEdoc", SendAsync);
        door.MapGet("/syncReceivedEdocList", ListAsync);
        door.MapGet("/getEdoc", GetAsync);
        door.MapPost("/updateStatus", UpdateAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaxSmallBody));
    }

    private static Task SendAsync(
        HttpContext context,
        LgspGate gate,
        SendEdoc send,
        IOptions<IntakeOptions> intake
    ) =>
        gate.RunAsync(
            context,
            VxpCall.SendEdoc,
            async caller =>
            {
                Stream? found;
                try
                {
                    found = await FileOfAsync(context, intake.Value.MaxPackageBytes);
                }
                catch (BadHttpRequestException refused) when (SendEdoc.IsTooLarge(refused))
                {
                    await VxpResults.RefuseAsync(
                        context,
                        send.TooLarge(caller.OfficeSystem).Errors
                    );
                    return;
                }
                await using var file = found;
                if (file is null)
                {
                    await VxpResults.RefuseAsync(
                        context,
                        RequestErrors.Malformed.At(
                            null,
                            null,
                            new Words(
                                "multipart/form-data with one file edocFile was expected",
                                "cần multipart/form-data với một tệp edocFile"
                            )
                        )
                    );
                    return;
                }
                var outcome = await send.SendFileAsync(
                    caller.OfficeSystem,
                    Door.Lgsp,
                    new SendClaims(
                        From: null,
                        To: [],
                        FileHash: null,
                        StatusesOnly: !Permissions.CanSendOverVxp(
                            caller.OfficeSystem,
                            caller.Client
                        )
                    ),
                    PipeReader.Create(file),
                    context.Connection.RemoteIpAddress?.ToString(),
                    context.RequestAborted
                );
                await (
                    outcome.DocId is { } docId
                        ? VxpResults.WriteAsync(context, VxpAnswer.OfDocument(docId))
                        : VxpResults.RefuseAsync(context, outcome.Errors)
                );
            }
        );

    private static Task ListAsync(HttpContext context, LgspGate gate, ReceivedEdocs received) =>
        gate.RunAsync(
            context,
            VxpCall.GetReceivedEdocList,
            async caller =>
            {
                var query = context.Request.Query;
                var (from, to) = (DayOf(query["fromDate"]), DayOf(query["toDate"]));
                if (
                    from is not { } first
                    || to is not { } last
                    || query["messageType"] is not [VxpValue.MessageEdoc or VxpValue.MessageStatus]
                )
                {
                    await VxpResults.RefuseAsync(
                        context,
                        RequestErrors.BadParameter.At(
                            null,
                            null,
                            "messageType, fromDate, toDate",
                            new Words(
                                "edoc or status, and dates as yyyy/MM/dd",
                                "edoc hoặc status, và ngày dạng yyyy/MM/dd"
                            )
                        )
                    );
                    return;
                }
                var days = ArrivalDays.Between(first, last);
                var items =
                    query["messageType"] == VxpValue.MessageEdoc
                        ? await received.DocumentsAsync(caller.Inbox, days, context.RequestAborted)
                        : await received.StatusesAsync(caller.Inbox, days, context.RequestAborted);
                await VxpResults.WriteAsync(context, VxpAnswer.OfList(items));
            }
        );

    private static Task GetAsync(HttpContext context, LgspGate gate, ReceivedEdocs received) =>
        gate.RunAsync(
            context,
            VxpCall.GetEdoc,
            async caller =>
            {
                var named = context.Request.Query["docId"].LastOrDefault();
                await using var content = Guid.TryParse(named, out var id)
                    ? await received.OpenAsync(caller.Inbox, id, context.RequestAborted)
                    : null;
                await (
                    content is null
                        ? VxpResults.RefuseAsync(
                            context,
                            RequestErrors.NotFound.At("docId", named, Words.Document)
                        )
                        : VxpResults.WritePackageAsync(context, content.Stream, content.Size)
                );
            }
        );

    private static Task UpdateAsync(HttpContext context, LgspGate gate, ReceivedEdocs received) =>
        gate.RunAsync(
            context,
            VxpCall.UpdateStatus,
            async caller =>
            {
                var given = await LgspJson.ReadAsync<LgspUpdate>(context);
                if (
                    given is not { DocId.Length: > 0 }
                    || given.Status is not (VxpValue.Done or VxpValue.Fail or VxpValue.Processing)
                )
                {
                    await VxpResults.RefuseAsync(
                        context,
                        RequestErrors.Malformed.At(
                            null,
                            null,
                            new Words(
                                "{\"docId\": ..., \"status\": \"done\"} was expected; fail and processing are the other two",
                                "cần {\"docId\": ..., \"status\": \"done\"}; hai giá trị khác là fail và processing"
                            )
                        )
                    );
                    return;
                }
                var error = Guid.TryParse(given.DocId, out var id)
                    ? await received.UpdateAsync(
                        caller.Inbox,
                        Door.Lgsp,
                        id,
                        given.Status,
                        given.Description,
                        context.RequestAborted
                    )
                    : RequestErrors.NotFound.At("docId", given.DocId, Words.Document);
                await (
                    error is null
                        ? VxpResults.WriteAsync(context, VxpAnswer.Ok())
                        : VxpResults.RefuseAsync(context, error)
                );
            }
        );

    private static Task<Stream?> FileOfAsync(HttpContext context, long maxBytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // Room for the boundaries and the other fields beside the file.
            feature.MaxRequestBodySize = maxBytes + MaxSmallBody;
        }
        return MultipartFile.FindAsync(context.Request, "edocFile", context.RequestAborted);
    }

    private static DateOnly? DayOf(string? text) =>
        DateOnly.TryParseExact(
            text,
            "yyyy/MM/dd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var day
        )
            ? day
            : null;
}

/// <summary>The body of updateStatus.</summary>
public sealed record LgspUpdate(
    [property: JsonPropertyName("docId")] string? DocId,
    [property: JsonPropertyName("status")] string? Status,
    [property: JsonPropertyName("description")] string? Description
);

internal static class LgspJson
{
    /// <summary>Null when the body is no such JSON object.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(
                context.Request.Body,
                cancellationToken: context.RequestAborted
            );
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
