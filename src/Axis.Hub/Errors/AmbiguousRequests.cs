namespace Axis.Hub.Errors;

/// <summary>
/// Refuses requests whose end two readers could see in two places. RFC 9112 section 6.3 lets a server take a request with
/// both Transfer-Encoding and Content-Length, and Kestrel does, keeping the length as X-Content-Length; a proxy in front
/// may have believed the length, and the rest would be somebody else's next request.
/// </summary>
public static class AmbiguousRequests
{
    private const string LengthBesideEncoding = "X-Content-Length";

    public static void RefuseAmbiguousRequests(this WebApplication app) =>
        app.Use(
            (context, next) =>
            {
                if (!context.Request.Headers.ContainsKey(LengthBesideEncoding))
                {
                    return next(context);
                }
                context.Response.Headers.Connection = "close";
                return Problem
                    .Of(
                        RequestErrors.Malformed.At(
                            null,
                            null,
                            new Words(
                                "Transfer-Encoding and Content-Length in one request",
                                "có cả Transfer-Encoding và Content-Length trong một yêu cầu"
                            )
                        )
                    )
                    .ToResult()
                    .ExecuteAsync(context);
            }
        );
}
