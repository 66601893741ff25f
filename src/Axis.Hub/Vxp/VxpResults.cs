using System.Buffers;
using System.Text;
using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Vxp;

namespace Axis.Hub.Vxp;

/// <summary>
/// How this door answers: always HTTP 200 and a whole JSON object, because clients read nothing else; only a download
/// answers with the file, and with nothing at all when it fails.
/// </summary>
internal static class VxpResults
{
    public const string FileType = "application/xml";

    private const string MediaType = "application/json;charset=UTF-8";

    /// <summary>The call of a request, as the edge has recognised it.</summary>
    public static VxpAnswerKind KindOf(HttpContext context) =>
        context.Features.Get<VxpCall>()?.Answer ?? VxpAnswerKind.Plain;

    public static async Task WriteAsync(HttpContext context, VxpAnswer answer)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = MediaType;
        if (answer.Data is string or null)
        {
            var body = answer.ToUtf8();
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, context.RequestAborted);
            return;
        }
        // A list may be the whole catalogue: it goes out as it is written.
        await JsonSerializer.SerializeAsync(
            response.Body,
            answer,
            VxpJson.Options,
            context.RequestAborted
        );
    }

    public static Task RefuseAsync(HttpContext context, ErrorItem error) =>
        RefuseAsync(context, [error]);

    public static async Task RefuseAsync(HttpContext context, IReadOnlyList<ErrorItem> errors)
    {
        await DrainAsync(context);
        var kind = KindOf(context);
        if (kind == VxpAnswerKind.File)
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.ContentType = FileType;
            context.Response.ContentLength = 0;
            return;
        }
        await WriteAsync(
            context,
            VxpAnswer.Failure(kind, VxpCodes.Of(errors[0]), VxpCodes.Describe(errors))
        );
    }

    /// <summary>
    /// A client of sendEdoc writes its whole file before it reads: cut off, it would silently send it all again and see
    /// no reason. So what is refused is read to its end, kept nowhere, up to the limit of a package.
    /// </summary>
    private static async Task DrainAsync(HttpContext context)
    {
        if (context.Features.Get<VxpCall>() is not { Body: VxpBody.File })
        {
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) > 0) { }
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            // Longer than the limit, or the client has gone: it is answered as far as it still listens.
            return;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The answer to getEdoc: base64 as it is read, with its length told before, so that a cut shows.</summary>
    public static async Task WritePackageAsync(HttpContext context, Stream content, long size)
    {
        var head = Encoding.ASCII.GetBytes(
            $$"""{"status":"{{VxpStatus.Ok}}","ErrorCode":"{{VxpStatus.NoError}}","ErrorDesc":"","data":" """.TrimEnd()
        );
        var response = context.Response;
        response.ContentType = MediaType;
        response.ContentLength = head.Length + ((size + 2) / 3 * 4) + 2;
        await response.Body.WriteAsync(head, context.RequestAborted);
        // Whole groups of three, so that no piece but the last is padded.
        var piece = new byte[48 * 1024];
        var text = new byte[64 * 1024];
        while (true)
        {
            var length = await content.ReadAtLeastAsync(
                piece,
                piece.Length,
                throwOnEndOfStream: false,
                context.RequestAborted
            );
            System.Buffers.Text.Base64.EncodeToUtf8(
                piece.AsSpan(0, length),
                text,
                out _,
                out var written
            );
            await response.Body.WriteAsync(text.AsMemory(0, written), context.RequestAborted);
            if (length < piece.Length)
            {
                break;
            }
        }
        await response.Body.WriteAsync("\"}"u8.ToArray(), context.RequestAborted);
    }
}
