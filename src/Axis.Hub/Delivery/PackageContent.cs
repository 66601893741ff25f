using Axis.Hub.Errors;
using Axis.Hub.Storage;
using Microsoft.Net.Http.Headers;

namespace Axis.Hub.Delivery;

/// <summary>
/// A package's bytes as an HTTP answer: as received, whole or in ranges (RFC 9110 section 14), with the SHA-256 as the
/// entity tag, so that an interrupted download goes on where it stopped.
/// </summary>
public sealed class PackageContent : IResult
{
    private readonly Stream _stream;
    private readonly EntityTagHeaderValue _tag;

    private PackageContent(Stream stream, EntityTagHeaderValue tag)
    {
        _stream = stream;
        _tag = tag;
    }

    /// <exception cref="PayloadUnusableException">The bytes are not those that were accepted, or not there.</exception>
    public static async Task<IResult> ToResultAsync(
        PayloadStore payloads,
        StoredContent content,
        CancellationToken cancellationToken
    ) =>
        new PackageContent(
            await payloads.OpenAsync(content.PackageId, content.Sha256, cancellationToken)
                ?? throw PayloadUnusableException.Missing(),
            new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(content.Sha256)}\"")
        );

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        if (BeginsBeyondTheEnd(httpContext.Request.GetTypedHeaders()))
        {
            var length = _stream.Length;
            await _stream.DisposeAsync();
            httpContext.Response.Headers.ContentRange = $"bytes */{length}";
            await Problem
                .Of(UnreadableRequests.OfStatus(StatusCodes.Status416RangeNotSatisfiable))
                .ToResult()
                .ExecuteAsync(httpContext);
            return;
        }
        await Results
            .Stream(_stream, "application/xml", entityTag: _tag, enableRangeProcessing: true)
            .ExecuteAsync(httpContext);
    }

    // The platform would answer this without words. A range that If-Range makes void is none.
    private bool BeginsBeyondTheEnd(Microsoft.AspNetCore.Http.Headers.RequestHeaders headers) =>
        headers.Range is { Ranges: { Count: 1 } ranges }
        && (headers.IfRange is null || headers.IfRange.EntityTag?.Compare(_tag, true) == true)
        && ranges.First().From >= _stream.Length;
}
