using Axis.Hub.Access;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Vxp;

namespace Axis.Hub.Vxp;

/// <summary>The calls of the SDK. Parameters come from the verified set alone, never from headers.</summary>
public static class VxpEndpoints
{
    public static void MapVxp(this IEndpointRouteBuilder routes)
    {
        var door = routes.MapGroup(VxpEdge.Path).RequireAuthorization(VxpAuthentication.Policy);
        Map(VxpCall.GetReceivedEdocList, ReceivedAsync);
        Map(VxpCall.GetSentEdocList, SentAsync);
        Map(VxpCall.SendEdoc, SendAsync);
        Map(VxpCall.GetEdoc, GetAsync);
        Map(VxpCall.DownloadEdoc, DownloadAsync);
        Map(VxpCall.UpdateStatus, UpdateAsync);
        Map(VxpCall.GetAgenciesList, AgenciesAsync);
        Map(VxpCall.GetAgenciesListQD20, AgenciesQd20Async);
        Map(VxpCall.GetSynchronizeUnit, UnitsAsync);
        Map(VxpCall.RegisterAgency, RegisterAsync);
        Map(VxpCall.DeleteAgency, DeleteAsync);
        Map(VxpCall.CountReceiveEdoc, CountDocumentsAsync);
        Map(VxpCall.CountReceiveStatus, CountStatusesAsync);
        VxpOpsEndpoints.Map(routes);

        void Map(VxpCall call, Delegate handler) =>
            door.MapMethods("/" + call.Name, [call.Verb], handler);
    }

    private static async Task ReceivedAsync(
        HttpContext context,
        VxpCaller caller,
        ReceivedEdocs received
    ) =>
        await WriteListAsync(
            context,
            caller,
            stop => received.DocumentsAsync(caller.Inbox, null, stop),
            stop => received.StatusesAsync(caller.Inbox, null, stop)
        );

    private static async Task SentAsync(HttpContext context, VxpCaller caller, SentEdocs sent)
    {
        var (system, sees) = (caller.OfficeSystem.Id, Permissions.Letters(caller.OfficeSystem));
        await WriteListAsync(
            context,
            caller,
            stop => sent.DocumentsAsync(system, sees, stop),
            stop => sent.StatusesAsync(system, sees, stop)
        );
    }

    private static async Task SendAsync(HttpContext context, VxpCaller caller, SendEdoc send)
    {
        var given = caller.Given;
        if (!given.TryGet(VxpParameter.From, out var from))
        {
            await MissAsync(
                context,
                VxpParameter.From,
                new Words("an agency's code", "mã của một cơ quan")
            );
            return;
        }
        if (!given.TryGet(VxpParameter.HashFile, out var hash))
        {
            await MissAsync(
                context,
                VxpParameter.HashFile,
                new Words("the SHA-256 of the file", "SHA-256 của tệp")
            );
            return;
        }
        if (Recipients.Read(given[VxpParameter.To]) is not { } to)
        {
            await MissAsync(
                context,
                VxpParameter.To,
                new Words("a JSON array of agency codes", "một mảng JSON gồm các mã cơ quan")
            );
            return;
        }
        var outcome = await send.SendAsync(
            caller.OfficeSystem,
            Door.Vxp,
            new SendClaims(
                from,
                to,
                hash,
                !Permissions.CanSendOverVxp(caller.OfficeSystem, caller.Client)
            ),
            context.Request.BodyReader,
            context.Request.ContentLength,
            RemoteOf(context),
            context.RequestAborted
        );
        await (
            outcome.DocId is { } docId
                ? VxpResults.WriteAsync(context, VxpAnswer.OfDocument(docId))
                : VxpResults.RefuseAsync(context, outcome.Errors)
        );
    }

    private static async Task GetAsync(
        HttpContext context,
        VxpCaller caller,
        ReceivedEdocs received
    )
    {
        await using var content = await FindAsync(context, caller, received);
        await (
            content is null
                ? VxpResults.RefuseAsync(context, NoDocument(caller.Given))
                : VxpResults.WritePackageAsync(context, content.Stream, content.Size)
        );
    }

    private static async Task DownloadAsync(
        HttpContext context,
        VxpCaller caller,
        ReceivedEdocs received
    )
    {
        await using var content = await FindAsync(context, caller, received);
        if (content is null)
        {
            await VxpResults.RefuseAsync(context, NoDocument(caller.Given));
            return;
        }
        context.Response.ContentType = VxpResults.FileType;
        context.Response.ContentLength = content.Size;
        await content.Stream.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task UpdateAsync(
        HttpContext context,
        VxpCaller caller,
        ReceivedEdocs received,
        ILogger<VxpEdge> log
    )
    {
        var given = caller.Given;
        // A program that uses both spellings keeps both; docid is then the one it set for this call.
        var id = given[VxpParameter.DocIdLower] ?? given[VxpParameter.DocId];
        if (
            given[VxpParameter.DocIdLower] is { } lower
            && given[VxpParameter.DocId] is { } upper
            && lower != upper
        )
        {
            log.LogInformation(
                "{OfficeSystem} names two documents in one updateStatus; docid counts",
                caller.OfficeSystem.Id
            );
        }
        if (
            given[VxpParameter.Status]
            is not (VxpValue.Done or VxpValue.Fail or VxpValue.Processing)
        )
        {
            await MissAsync(
                context,
                VxpParameter.Status,
                new Words("done, fail or processing", "done, fail hoặc processing")
            );
            return;
        }
        var error = Guid.TryParse(id, out var docId)
            ? await received.UpdateAsync(
                caller.Inbox,
                Door.Vxp,
                docId,
                given[VxpParameter.Status]!,
                given[VxpParameter.Description],
                context.RequestAborted
            )
            : RequestErrors.NotFound.At(VxpParameter.DocId, id, Words.Document);
        await AnswerAsync(context, error);
    }

    private static Task AgenciesAsync(HttpContext context, AgencyLists lists) =>
        VxpResults.WriteAsync(context, VxpAnswer.OfList(lists.All()));

    private static Task AgenciesQd20Async(HttpContext context, AgencyLists lists) =>
        VxpResults.WriteAsync(context, VxpAnswer.OfList(lists.Qd20()));

    private static async Task UnitsAsync(HttpContext context, AgencyLists lists) =>
        await VxpResults.WriteAsync(
            context,
            VxpAnswer.OfList(await lists.UnitsAsync(context.RequestAborted))
        );

    private static async Task RegisterAsync(
        HttpContext context,
        VxpCaller caller,
        AgencyChanges changes
    ) =>
        await AnswerAsync(
            context,
            await changes.RegisterAsync(
                caller.OfficeSystem,
                context.Request.Body,
                RemoteOf(context),
                context.RequestAborted
            )
        );

    private static async Task DeleteAsync(
        HttpContext context,
        VxpCaller caller,
        AgencyChanges changes
    ) =>
        await AnswerAsync(
            context,
            await changes.DeleteAsync(
                caller.OfficeSystem,
                caller.Given[VxpParameter.AgencyCode],
                RemoteOf(context)
            )
        );

    private static async Task CountDocumentsAsync(
        HttpContext context,
        VxpCaller caller,
        ReceivedEdocs received
    ) =>
        await VxpResults.WriteAsync(
            context,
            VxpAnswer.OfCount(
                await received.CountDocumentsAsync(caller.Inbox, context.RequestAborted)
            )
        );

    private static async Task CountStatusesAsync(
        HttpContext context,
        VxpCaller caller,
        ReceivedEdocs received
    ) =>
        await VxpResults.WriteAsync(
            context,
            VxpAnswer.OfCount(
                await received.CountStatusesAsync(caller.Inbox, context.RequestAborted)
            )
        );

    private static async Task WriteListAsync<T>(
        HttpContext context,
        VxpCaller caller,
        Func<CancellationToken, Task<IReadOnlyList<T>>> documents,
        Func<CancellationToken, Task<IReadOnlyList<T>>> statuses
    )
    {
        var list = caller.Given[VxpParameter.MessageType] switch
        {
            VxpValue.MessageEdoc => documents,
            VxpValue.MessageStatus => statuses,
            _ => null,
        };
        if (list is null)
        {
            await MissAsync(
                context,
                VxpParameter.MessageType,
                new Words("edoc or status", "edoc hoặc status")
            );
            return;
        }
        await VxpResults.WriteAsync(context, VxpAnswer.OfList(await list(context.RequestAborted)));
    }

    private static async Task<EdocContent?> FindAsync(
        HttpContext context,
        VxpCaller caller,
        ReceivedEdocs received
    ) =>
        Guid.TryParse(DocIdOf(caller.Given), out var id)
            ? await received.OpenAsync(caller.Inbox, id, context.RequestAborted)
            : null;

    private static string? DocIdOf(VxpParameters given) =>
        given[VxpParameter.DocId] ?? given[VxpParameter.DocIdLower];

    private static ErrorItem NoDocument(VxpParameters given) =>
        RequestErrors.NotFound.At(VxpParameter.DocId, DocIdOf(given), Words.Document);

    private static Task AnswerAsync(HttpContext context, ErrorItem? error) =>
        error is null
            ? VxpResults.WriteAsync(context, VxpAnswer.Ok())
            : VxpResults.RefuseAsync(context, error);

    private static Task MissAsync(HttpContext context, string parameter, object expected) =>
        VxpResults.RefuseAsync(
            context,
            RequestErrors.BadParameter.At(parameter, null, parameter, expected)
        );

    private static string? RemoteOf(HttpContext context) =>
        context.Connection.RemoteIpAddress?.ToString();
}
