using System.Net;
using System.Net.Http.Headers;

namespace Axis.Client;

/// <summary>An edXML file as the body of a request, which leaves the file open: a request that is sent again needs it again.</summary>
internal sealed class PackageContent : HttpContent
{
    private readonly Stream _package;

    /// <param name="package">Seekable; sent from its beginning.</param>
    public PackageContent(Stream package)
    {
        _package = package;
        Headers.ContentType = new MediaTypeHeaderValue("application/xml");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        _package.Position = 0;
        return _package.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _package.Length;
        return true;
    }
}
