using System.Globalization;
using System.Text;
using Axis.EdXml;
using Axis.Hub.Access;
using Axis.Hub.Access.Limits;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake;

/// <summary>The HTTP front door: one package is one request body.</summary>
public static class SubmitEndpoint
{
    private const int RetryAfterSeconds = 2;

    public static void MapSubmit(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/v1/packages", SubmitAsync)
            .RequireAuthorization(AccessPolicies.OfficeSystem);

    private static async Task<IResult> SubmitAsync(
        HttpContext context,
        OfficeSystemCaller caller,
        SubmitPackage submit,
        PayloadStore payloads,
        QuotaHeaders quotas,
        IOptions<IntakeOptions> options,
        CancellationToken cancellationToken
    )
    {
        if (WrongForm(context.Request) is { } wrong)
        {
            return Problem.Of(wrong).ToResult();
        }
        var limits = options.Value.ToReadLimits(caller.OfficeSystem);
        // Our own limit answers with our own error; the server's would cut the connection.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = limits.MaxBytes + 1;
        }
        if (context.Request.ContentLength > limits.MaxBytes)
        {
            return Problem.Of(RequestErrors.TooLarge.At(null, null, limits.MaxBytes)).ToResult();
        }
        await using var spool = await ReceiveAsync(
            context.Request,
            limits,
            options.Value.SpoolMemoryBytes,
            payloads,
            cancellationToken
        );
        if (spool is null)
        {
            return Problem.Of(RequestErrors.TooLarge.At(null, null, limits.MaxBytes)).ToResult();
        }
        if (spool.Reading.Length == 0)
        {
            return Problem.Of(RequestErrors.Empty.At()).ToResult();
        }
        // From here on the submission runs to its end even if the caller hangs up: it may be durable already.
        var outcome = await submit.SubmitAsync(
            caller.OfficeSystem,
            Door.Http,
            spool,
            context.Connection.RemoteIpAddress?.ToString(),
            CancellationToken.None
        );
        quotas.Tell(context.Response, caller.OfficeSystem);
        switch (outcome)
        {
            case SubmissionOutcome.OverQuota over:
                context.Response.Headers.RetryAfter = (
                    (int)Math.Ceiling(over.RetryAfter.TotalSeconds)
                ).ToString(CultureInfo.InvariantCulture);
                return Problem.Of(over.Error).ToResult();
            case SubmissionOutcome.Accepted accepted:
                return Results.Text(
                    accepted.ReceiptJson,
                    "application/json",
                    Encoding.UTF8,
                    accepted.IsRepeat ? StatusCodes.Status200OK : StatusCodes.Status201Created
                );
            case SubmissionOutcome.Refused refused:
                return Problem.Of(refused.Errors).ToResult();
            default:
                context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(
                    CultureInfo.InvariantCulture
                );
                return Problem.Of(HubErrors.Busy.At(null, null, RetryAfterSeconds)).ToResult();
        }
    }

    /// <summary>
    /// The body is the package. The media type is not looked at further, because many clients send none or another; what
    /// is wrapped or compressed would be refused as XML, with words about a first character.
    /// </summary>
    private static ErrorItem? WrongForm(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return Unsupported(
                "Content-Encoding",
                encoding,
                new Words(
                    "the package as it is was expected, without Content-Encoding",
                    "cần gửi gói tin nguyên dạng, không có Content-Encoding"
                )
            );
        }
        return
            request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            == true
            ? Unsupported(
                "Content-Type",
                request.ContentType,
                new Words(
                    "Content-Type: application/xml was expected, with the package alone as the body",
                    "cần Content-Type: application/xml, nội dung chỉ gồm gói tin"
                )
            )
            : null;
    }

    private static ErrorItem Unsupported(string header, string value, Words expected) =>
        RequestErrors.Malformed.At(header, value, expected) with
        {
            HttpStatus = StatusCodes.Status415UnsupportedMediaType,
        };

    private static async Task<PackageSpool?> ReceiveAsync(
        HttpRequest request,
        ReadLimits limits,
        int memoryBytes,
        PayloadStore payloads,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await PackageSpool.ReceiveAsync(
                request.BodyReader,
                request.ContentLength,
                limits,
                memoryBytes,
                payloads,
                cancellationToken
            );
        }
        catch (BadHttpRequestException cut)
            when (cut.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            // Of a chunked body the server reads ahead, and may be over the limit before we are.
            return null;
        }
    }
}
