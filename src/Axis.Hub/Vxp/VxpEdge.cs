using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Vxp;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Vxp;

/// <summary>
/// What surrounds every call of this door. It finds the call in the path, however the client's endpoint was written;
/// closes the connection with the answer, because clients leave those of list calls open for ever; and sees to it that
/// whatever goes wrong is said in the one shape that clients survive.
/// </summary>
public sealed class VxpEdge(
    RequestDelegate next,
    IOptions<IntakeOptions> intake,
    ILogger<VxpEdge> log
)
{
    public const string Path = "/vxp";

    private static readonly RefusalShape s_shape = new();

    /// <summary>Most bytes of a body that is no file: two of <c>{}</c>, or an agency's name and address.</summary>
    private const int MaxSmallBody = 64 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        var ownListener = VxpListener.IsOn(context);
        if (
            !ownListener
            && !context.Request.Path.StartsWithSegments(Path, StringComparison.OrdinalIgnoreCase)
        )
        {
            await next(context);
            return;
        }
        context.Response.Headers.Connection = "close";
        if (context.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }
        if (CallOf(context.Request.Path, ownListener) is not { } call)
        {
            await VxpResults.RefuseAsync(
                context,
                RequestErrors.NotFound.At(null, null, Words.VxpCall)
            );
            return;
        }
        context.Features.Set(call);
        context.Features.Set<IRefusalShape>(s_shape);
        if (context.Request.Method != call.Verb)
        {
            await VxpResults.RefuseAsync(
                context,
                RequestErrors.Malformed.At(
                    null,
                    null,
                    new Words(
                        $"{call.Name} is called with {call.Verb}",
                        $"{call.Name} phải được gọi bằng {call.Verb}"
                    )
                )
            );
            return;
        }
        context.Request.Path = $"{Path}/{call.Name}";
        LimitBody(context, call);
        await RunAsync(context, call);
    }

    // Our own limit answers with our own error; the server's would cut the connection.
    private void LimitBody(HttpContext context, VxpCall call)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize =
                call.Body == VxpBody.File
                    ? intake.Value.MaxPackageBytes + SendEdoc.BeyondPackage
                    : MaxSmallBody;
        }
    }

    private async Task RunAsync(HttpContext context, VxpCall call)
    {
        try
        {
            if (call.Body == VxpBody.EmptyObject)
            {
                // Reading it is what sends 100 Continue, without which the client waits for three seconds.
                await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            }
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
            return;
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.Headers.Connection = "close";
            await VxpResults.RefuseAsync(context, VxpFaults.ErrorOf(failure, context, log));
        }
    }

    /// <summary>
    /// Clients append the call to whatever endpoint they were given, with or without a slash at its end. On the door's
    /// own listener any endpoint will do; on the public one it begins with <see cref="Path"/>.
    /// </summary>
    private static VxpCall? CallOf(PathString path, bool ownListener)
    {
        var segments = path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments.Length > 0 && (ownListener || segments.Length == 2)
            ? VxpCall.Named(segments[^1])
            : null;
    }

    private sealed class RefusalShape : IRefusalShape
    {
        public Task RefuseAsync(HttpContext context, ErrorItem error) =>
            VxpResults.RefuseAsync(context, error);
    }
}
