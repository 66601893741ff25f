using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Axis.Hub.Vxp;

/// <summary>
/// A file in a <c>multipart/form-data</c> body (RFC 7578), read as it comes. The framework's own form would first lay the
/// whole body into the machine's temporary folder, in plain and outside of what the hub's settings say of payloads.
/// </summary>
internal static class MultipartFile
{
    private const int MaxSections = 16;

    // RFC 2046 section 5.1.1 ends at 70 characters.
    private const int MaxBoundary = 128;
    private const int BufferBytes = 32 * 1024;

    /// <summary>The first file of that name; null when there is none, or the body is none of this kind.</summary>
    /// <remarks>
    /// The stream ends with the file. If the body ends before that, reading it throws
    /// <see cref="BadHttpRequestException"/>.
    /// </remarks>
    public static async Task<Stream?> FindAsync(
        HttpRequest request,
        string name,
        CancellationToken cancellationToken
    )
    {
        if (
            !request.HasFormContentType
            || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || HeaderUtilities.RemoveQuotes(type.Boundary)
                is not { Length: > 0 and <= MaxBoundary } boundary
        )
        {
            return null;
        }
        var reader = new MultipartReader(boundary.ToString(), request.Body, BufferBytes);
        try
        {
            for (var i = 0; i < MaxSections; i++)
            {
                if (await reader.ReadNextSectionAsync(cancellationToken) is not { } section)
                {
                    return null;
                }
                if (
                    section.GetContentDispositionHeader() is { } disposition
                    && disposition.IsFileDisposition()
                    && HeaderUtilities.RemoveQuotes(disposition.Name) == name
                )
                {
                    return new SectionStream(section.Body);
                }
            }
        }
        catch (Exception failure)
            when (failure is InvalidDataException
                || (failure is IOException and not BadHttpRequestException)
            )
        {
            // Headers without end, or a body that ends in the middle.
            return null;
        }
        return null;
    }

    /// <summary>A section that says in the words of a request what is wrong with it.</summary>
    private sealed class SectionStream(Stream section) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            try
            {
                return await section.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception failure)
                when (failure is InvalidDataException
                    || (failure is IOException and not BadHttpRequestException)
                )
            {
                // Not to be taken for a disk that fails.
                throw new BadHttpRequestException(
                    "the multipart body ends before its file does",
                    failure
                );
            }
        }

        public override int Read(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) =>
            throw new NotSupportedException();

        public override void Flush() { }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) =>
            throw new NotSupportedException();
    }
}
