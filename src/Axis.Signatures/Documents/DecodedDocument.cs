using System.Buffers;

namespace Axis.Signatures;

/// <summary>
/// An attachment decoded so that it can be read back and forth: in memory when it is small, else in a temporary file
/// that goes with it.
/// </summary>
internal sealed class DecodedDocument : IAsyncDisposable
{
    private const int PieceBytes = 64 * 1024;

    private readonly byte[]? _memory;
    private readonly ITemporaryFile? _file;

    private DecodedDocument(byte[]? memory, ITemporaryFile? file, Stream content)
    {
        _memory = memory;
        _file = file;
        Content = content;
    }

    /// <summary>Seekable, at its beginning.</summary>
    public Stream Content { get; }

    /// <summary>Reads a stream to its end. Null when it is longer than <paramref name="most"/> bytes.</summary>
    /// <exception cref="InvalidDataException">The content cannot be decoded.</exception>
    public static async Task<DecodedDocument?> ReadAsync(
        Stream encoded,
        long most,
        int memoryBytes,
        Func<ITemporaryFile> createFile,
        CancellationToken cancellationToken
    )
    {
        var memory = ArrayPool<byte>.Shared.Rent(Math.Max(memoryBytes + 1, PieceBytes));
        ITemporaryFile? file = null;
        DecodedDocument? document = null;
        try
        {
            var length = await encoded.ReadAtLeastAsync(
                memory,
                (int)Math.Min(memoryBytes, most) + 1,
                throwOnEndOfStream: false,
                cancellationToken
            );
            if (length > most)
            {
                return null;
            }
            if (length <= memoryBytes)
            {
                return document = new(memory, null, new MemoryStream(memory, 0, length, false));
            }
            file = createFile();
            await file.WriteAsync(memory.AsMemory(0, length), cancellationToken);
            for (long total = length; ; )
            {
                var read = await encoded.ReadAsync(
                    memory.AsMemory(0, PieceBytes),
                    cancellationToken
                );
                total += read;
                if (total > most)
                {
                    return null;
                }
                if (read == 0)
                {
                    return document = new(null, file, await file.OpenReadAsync(cancellationToken));
                }
                await file.WriteAsync(memory.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            if (document?._memory is null)
            {
                ArrayPool<byte>.Shared.Return(memory);
            }
            if (document is null)
            {
                await (file?.DisposeAsync() ?? ValueTask.CompletedTask);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_memory is not null)
        {
            ArrayPool<byte>.Shared.Return(_memory);
        }
        await Content.DisposeAsync();
        await (_file?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
