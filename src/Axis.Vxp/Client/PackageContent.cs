using System.Net;

namespace Axis.Vxp.Client;

/// <summary>The body of sendEdoc: the package and a line end, with its length announced, never chunked.</summary>
internal sealed class PackageContent(VxpSending sending) : HttpContent
{
    private static readonly byte[] s_lineEnd = "\r\n"u8.ToArray();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        await using var package = await sending.Open(cancellationToken);
        await package.CopyToAsync(stream, cancellationToken);
        await stream.WriteAsync(s_lineEnd, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = sending.Length + s_lineEnd.Length;
        return true;
    }
}
