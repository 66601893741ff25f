using System.Globalization;
using System.Text;
using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Errors;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake.Uploads;

/// <summary>
/// <c>/v1/uploads</c>: tus 1.0 (core, creation, expiration, termination). A package in pieces, over as many connections
/// as it takes; the last piece submits it, and <c>GET</c> shows the answer.
/// </summary>
public static class UploadEndpoints
{
    private const string Version = "1.0.0";
    private const string Extensions = "creation,expiration,termination";
    private const string PieceType = "application/offset+octet-stream";

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        var group = routes
            .MapGroup("/v1/uploads")
            .RequireAuthorization(AccessPolicies.OfficeSystem)
            .AddEndpointFilter(NeedVersionAsync);
        group.MapMethods("", [HttpMethods.Options], Describe);
        group.MapPost("", CreateAsync);
        group.MapMethods("/{uploadId:guid}", [HttpMethods.Head], WhereAsync);
        group.MapPatch("/{uploadId:guid}", PatchAsync);
        group.MapDelete("/{uploadId:guid}", DeleteAsync);
        group.MapGet("/{uploadId:guid}", AnswerAsync);
    }

    // tus: every request but OPTIONS names the version. GET is ours, and needs none.
    private static async ValueTask<object?> NeedVersionAsync(
        EndpointFilterInvocationContext invocation,
        EndpointFilterDelegate next
    )
    {
        var (request, response) = (invocation.HttpContext.Request, invocation.HttpContext.Response);
        response.Headers["Tus-Resumable"] = Version;
        if (
            HttpMethods.IsOptions(request.Method)
            || HttpMethods.IsGet(request.Method)
            || request.Headers["Tus-Resumable"] == Version
        )
        {
            return await next(invocation);
        }
        response.Headers["Tus-Version"] = Version;
        return Refusal(UploadErrors.WrongVersion.At(null, null, Version));
    }

    private static IResult Describe(HttpContext context, IOptions<IntakeOptions> options)
    {
        context.Response.Headers["Tus-Version"] = Version;
        context.Response.Headers["Tus-Extension"] = Extensions;
        context.Response.Headers["Tus-Max-Size"] = Number(options.Value.MaxPackageBytes);
        return Results.NoContent();
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context,
        OfficeSystemCaller caller,
        UploadStore uploads,
        IOptions<IntakeOptions> options,
        CancellationToken cancellationToken
    )
    {
        if (NumberIn(context.Request, "Upload-Length") is not (> 0 and var length))
        {
            return Refusal(
                RequestErrors.BadParameter.At(
                    "Upload-Length",
                    context.Request.Headers["Upload-Length"],
                    "Upload-Length",
                    new Words(
                        "the size of the package in bytes",
                        "kích thước gói tin tính bằng byte"
                    )
                )
            );
        }
        var most = options.Value.ToReadLimits(caller.OfficeSystem).MaxBytes;
        if (length > most)
        {
            return Refusal(RequestErrors.TooLarge.At(null, null, most));
        }
        var (upload, open, bytes) = await uploads.CreateAsync(caller.Id, length, cancellationToken);
        if (upload is null)
        {
            return Refusal(
                UploadErrors.TooMany.At(
                    null,
                    null,
                    open,
                    bytes,
                    options.Value.OpenUploads,
                    options.Value.OpenUploadBytes
                )
            );
        }
        Say(context.Response, upload);
        return Results.Created($"/v1/uploads/{upload.Id}", value: null);
    }

    private static async Task<IResult> WhereAsync(
        HttpContext context,
        OfficeSystemCaller caller,
        UploadStore uploads,
        Guid uploadId,
        CancellationToken cancellationToken
    )
    {
        if (await uploads.FindAsync(caller.Id, uploadId, cancellationToken) is not { } upload)
        {
            return NotFound(uploadId);
        }
        Say(context.Response, upload);
        context.Response.Headers["Upload-Length"] = Number(upload.Length);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Ok();
    }

    private static async Task<IResult> PatchAsync(
        HttpContext context,
        OfficeSystemCaller caller,
        UploadStore uploads,
        ResumableFiles files,
        ReceivePiece receive,
        FinishUpload finish,
        Guid uploadId,
        CancellationToken cancellationToken
    )
    {
        if (context.Request.ContentType != PieceType)
        {
            return Refusal(
                RequestErrors.Malformed.At(
                    null,
                    null,
                    new Words(
                        $"Content-Type: {PieceType} was expected",
                        $"cần Content-Type: {PieceType}"
                    )
                ) with
                {
                    HttpStatus = StatusCodes.Status415UnsupportedMediaType,
                }
            );
        }
        if (NumberIn(context.Request, "Upload-Offset") is not { } offset)
        {
            return Refusal(
                RequestErrors.BadParameter.At(
                    "Upload-Offset",
                    context.Request.Headers["Upload-Offset"],
                    "Upload-Offset",
                    new Words("where this piece begins", "vị trí bắt đầu của phần này")
                )
            );
        }
        if (await uploads.FindAsync(caller.Id, uploadId, cancellationToken) is null)
        {
            return NotFound(uploadId);
        }
        await using var file = files.TryOpen(uploadId);
        if (file is null)
        {
            return Refusal(UploadErrors.BeingWritten.At());
        }
        // Read again: only now does nobody else write.
        if (await uploads.FindAsync(caller.Id, uploadId, cancellationToken) is not { } upload)
        {
            files.Delete(uploadId);
            return NotFound(uploadId);
        }
        if (!upload.IsOpen)
        {
            files.Delete(uploadId);
            return Refusal(UploadErrors.Closed.At(null, null, upload.State));
        }
        upload = await receive.HeldAgainstAsync(upload, file, cancellationToken);
        if (offset != upload.Received)
        {
            Say(context.Response, upload);
            return Refusal(
                UploadErrors.WrongOffset.At("Upload-Offset", Number(offset), upload.Received)
            );
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // More than was announced is answered in our words.
            feature.MaxRequestBodySize = null;
        }
        // A piece that says so itself is not read at all.
        var isTooLong = context.Request.ContentLength > upload.Length - upload.Received;
        try
        {
            if (!isTooLong)
            {
                (upload, isTooLong) = await receive.ReceiveAsync(
                    upload,
                    file,
                    context.Request.BodyReader,
                    cancellationToken
                );
            }
        }
        catch (Exception e)
            when (e is ConnectionResetException or BadHttpRequestException
                || context.RequestAborted.IsCancellationRequested
            )
        {
            // The sender broke off and hears nothing more; what it had sent is kept.
            return Results.Empty;
        }
        if (isTooLong)
        {
            // What was announced is not what the sender has: its beginning is no package that anybody sent.
            var tooLong = UploadErrors.TooLong.At(null, null, upload.Length);
            await finish.RefuseAsync(upload, tooLong);
            return Refusal(tooLong);
        }
        if (upload.IsComplete)
        {
            upload = await finish.FinishAsync(
                upload,
                file,
                caller.OfficeSystem,
                context.Connection.RemoteIpAddress?.ToString()
            );
        }
        Say(context.Response, upload);
        return Results.NoContent();
    }

    private static async Task<IResult> DeleteAsync(
        OfficeSystemCaller caller,
        UploadStore uploads,
        ResumableFiles files,
        Guid uploadId,
        CancellationToken cancellationToken
    )
    {
        if (!await uploads.DeleteAsync(caller.Id, uploadId, cancellationToken))
        {
            return NotFound(uploadId);
        }
        files.Delete(uploadId);
        return Results.NoContent();
    }

    private static async Task<IResult> AnswerAsync(
        OfficeSystemCaller caller,
        UploadStore uploads,
        Guid uploadId,
        CancellationToken cancellationToken
    )
    {
        if (await uploads.FindAsync(caller.Id, uploadId, cancellationToken) is not { } upload)
        {
            return NotFound(uploadId);
        }
        var view = new
        {
            UploadId = upload.Id,
            upload.State,
            Offset = upload.Received,
            upload.Length,
            upload.ExpiresAt,
            Receipt = upload.State == Upload.Accepted ? Raw(upload) : null,
            Problem = upload.State == Upload.Refused ? Raw(upload) : null,
        };
        return Results.Json(view, HubJson.Options);

        static JsonElement? Raw(Upload upload) =>
            JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetBytes(upload.AnswerJson!));
    }

    private static void Say(HttpResponse response, Upload upload)
    {
        response.Headers["Upload-Offset"] = Number(upload.Received);
        response.Headers["Upload-Expires"] = upload.ExpiresAt.ToString(
            "R",
            CultureInfo.InvariantCulture
        );
    }

    private static long? NumberIn(HttpRequest request, string header) =>
        long.TryParse(
            request.Headers[header],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : null;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static IResult NotFound(Guid id) =>
        Refusal(RequestErrors.NotFound.At(null, id.ToString(), Words.Upload));

    private static IResult Refusal(ErrorItem error) => Problem.Of(error).ToResult();
}
