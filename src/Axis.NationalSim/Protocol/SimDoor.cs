using System.Globalization;
using System.Text;
using Axis.NationalSim.Exchange;
using Axis.Vxp;
using Microsoft.AspNetCore.Http;

namespace Axis.NationalSim.Protocol;

/// <summary>
/// The protocol on the side of the server, with the vices around it: what goes wrong before the call, the call, and
/// what goes wrong with its answer.
/// </summary>
internal sealed class SimDoor(
    NationalAxis axis,
    Vices vices,
    SimCalls calls,
    CallLog log,
    NationalSimOptions options
)
{
    private const string Json = "application/json;charset=UTF-8";
    private const string Html = "text/html;charset=UTF-8";

    private const string Page =
        "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";

    public async Task InvokeAsync(HttpContext context)
    {
        var name = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (
            name is not [.., var last]
            || VxpCall.Named(last) is not { } call
            || context.Request.Method != call.Verb
        )
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var ask = new Ask(context, call);
        var code = "";
        try
        {
            // Clients leave connections of list calls open for ever.
            context.Response.Headers.Connection = "close";
            context.Response.Headers.Date = axis.Shown.ToString("R", CultureInfo.InvariantCulture);
            code = await RunAsync(ask);
        }
        finally
        {
            log.Add(
                new SeenCall(
                    axis.Now,
                    call.Name,
                    ask.System?.Id ?? "",
                    ask.DocId,
                    code,
                    ask.VicesShown
                )
            );
        }
    }

    private async Task<string> RunAsync(Ask ask)
    {
        var context = ask.Context;
        if (ask.Shows(ViceKind.Down, vices) is not null)
        {
            context.Abort();
            return "";
        }
        if (ask.Shows(ViceKind.Slow, vices) is { } slow)
        {
            await Task.Delay(
                TimeSpan.FromMilliseconds(slow.Milliseconds),
                options.Clock,
                context.RequestAborted
            );
        }
        if (await ReadBodyAsync(context.Request) is not { } body)
        {
            context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return "";
        }
        if (ask.Shows(ViceKind.HtmlPage, vices) is { } page)
        {
            return await WriteAsync(context, page.Status, Html, Page);
        }
        if (ask.Shows(ViceKind.PlainUnauthorized, vices) is not null)
        {
            return await WriteAsync(
                context,
                StatusCodes.Status401Unauthorized,
                "text/plain",
                "Unauthorized"
            );
        }
        if (ask.Shows(ViceKind.TooMany, vices) is { } pause)
        {
            context.Response.Headers.RetryAfter = $"{pause.Seconds}";
            return await WriteAsync(
                context,
                StatusCodes.Status429TooManyRequests,
                "text/plain",
                "Too Many Requests"
            );
        }
        if (ask.Shows(ViceKind.EmptyAnswer, vices) is not null)
        {
            return await WriteAsync(context, StatusCodes.Status200OK, Json, "");
        }
        var answer = Answer(ask, body);
        if (ask.Shows(ViceKind.LostAnswer, vices) is not null)
        {
            context.Abort();
            return "";
        }
        return await WriteAnswerAsync(ask, answer);
    }

    private SimAnswer Answer(Ask ask, byte[] body)
    {
        if (Open(ask, out var refusal) is not { } given)
        {
            return SimAnswer.Of(ask.Call, refusal!);
        }
        return ask.Shows(ViceKind.SystemError, vices) is not null
            ? SimAnswer.Of(ask.Call, Refusal.SystemError)
            : axis.Do(() => calls.Answer(ask, given, body));
    }

    /// <summary>The parameters, when the caller has proved who it is.</summary>
    private VxpParameters? Open(Ask ask, out Refusal? refusal)
    {
        refusal = Refusal.WrongSecret;
        var request = SignedRequest.Read(
            [
                .. ask.Context.Request.Headers.Select(header =>
                    KeyValuePair.Create(header.Key, (IReadOnlyList<string>)[.. header.Value!])
                ),
            ],
            out _
        );
        var system = options.Systems.FirstOrDefault(one => one.Id == request?.SystemId);
        if (system is null || !request!.IsSignedWith(system.Secret))
        {
            return null;
        }
        if (request.Open(out var problem) is not { } given)
        {
            refusal = Refusal.WrongSecret with { Text = problem };
            return null;
        }
        ask.System = system;
        if (
            vices.Has(ViceKind.StrictTimestamps) is { } strict
            && IsStale(given, strict)
            && ask.Shows(ViceKind.StrictTimestamps, vices) is not null
        )
        {
            refusal = Refusal.OldTimestamp;
            return null;
        }
        refusal = null;
        return given;
    }

    private bool IsStale(VxpParameters given, Vice strict) =>
        !VxpTimestamp.TryRead(given[VxpParameter.Timestamp], out var local)
        || (new DateTimeOffset(local, VietnamTime.Zone) - axis.Shown).Duration()
            > TimeSpan.FromSeconds(strict.Seconds);

    private async Task<string> WriteAnswerAsync(Ask ask, SimAnswer answer)
    {
        var response = ask.Context.Response;
        var bytes = answer.Bytes();
        if (
            vices.Has(ViceKind.PageForLarge) is { } large
            && bytes.Length > large.Bytes
            && ask.Shows(ViceKind.PageForLarge, vices) is { } page
        )
        {
            return await WriteAsync(ask.Context, page.Status, Html, Page);
        }
        response.ContentType =
            ask.Shows(ViceKind.WrongContentType, vices) is not null ? Html
            : answer.File is null ? Json
            : "application/xml";
        response.ContentLength = bytes.Length;
        if (ask.Shows(ViceKind.CutAnswer, vices) is not null)
        {
            // The server ends a connection on which less came than was promised.
            await response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            return "";
        }
        await response.Body.WriteAsync(bytes);
        return answer.ErrorCode;
    }

    private static async Task<string> WriteAsync(
        HttpContext context,
        int status,
        string type,
        string text
    )
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes);
        return "";
    }

    private static async Task<byte[]?> ReadBodyAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        try
        {
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException)
        {
            return null;
        }
    }
}
