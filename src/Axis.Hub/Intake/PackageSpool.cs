using System.Buffers;
using System.IO.Pipelines;
using Axis.EdXml;
using Axis.Hub.Storage;

namespace Axis.Hub.Intake;

/// <summary>
/// The one pass over a package's bytes: they are kept (in memory below a size, above it in a file) while the reader
/// takes the header, the attachment facts and the SHA-256 from the same buffers.
/// </summary>
public sealed class PackageSpool : IAsyncDisposable
{
    private PackageSpool(byte[]? memory, FileStream? upload, PackageReading reading)
    {
        Memory = memory;
        Upload = upload;
        Reading = reading;
    }

    /// <summary>The whole package, when it is small enough to be held.</summary>
    public byte[]? Memory { get; }

    /// <summary>The package as a file, when it is not.</summary>
    public FileStream? Upload { get; }

    public PackageReading Reading { get; }

    /// <summary>Reads a package to its end. Returns null when it exceeds <paramref name="limits"/>.MaxBytes.</summary>
    public static async Task<PackageSpool?> ReceiveAsync(
        PipeReader input,
        ReadLimits limits,
        int memoryBytes,
        PayloadStore store,
        CancellationToken cancellationToken
    )
    {
        using var reader = new PackageReader(limits);
        var memory = new ArrayBufferWriter<byte>(64 * 1024);
        FileStream? upload = null;
        var kept = false;
        try
        {
            long length = 0;
            while (true)
            {
                var read = await input.ReadAsync(cancellationToken);
                foreach (var segment in read.Buffer)
                {
                    length += segment.Length;
                    if (length > limits.MaxBytes)
                    {
                        return null;
                    }
                    reader.Feed(segment.Span);
                    if (upload is null && length <= memoryBytes)
                    {
                        memory.Write(segment.Span);
                        continue;
                    }
                    if (upload is null)
                    {
                        upload = store.CreateUpload();
                        await upload.WriteAsync(memory.WrittenMemory, cancellationToken);
                        memory = new ArrayBufferWriter<byte>(1);
                    }
                    await upload.WriteAsync(segment, cancellationToken);
                }
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
            kept = true;
            return new PackageSpool(
                upload is null ? memory.WrittenSpan.ToArray() : null,
                upload,
                reader.Complete()
            );
        }
        finally
        {
            if (!kept && upload is not null)
            {
                await DiscardAsync(upload);
            }
        }
    }

    /// <summary>A package that is in memory already, as an AMQP message is.</summary>
    public static PackageSpool? Receive(ReadOnlyMemory<byte> bytes, ReadLimits limits)
    {
        if (bytes.Length > limits.MaxBytes)
        {
            return null;
        }
        using var reader = new PackageReader(limits);
        reader.Feed(bytes.Span);
        return new PackageSpool(bytes.ToArray(), null, reader.Complete());
    }

    /// <summary>The package from its first byte. One reader at a time; the caller does not dispose it.</summary>
    public Stream Rewind()
    {
        if (Memory is not null)
        {
            return new MemoryStream(Memory, writable: false);
        }
        Upload!.Position = 0;
        return Upload;
    }

    public async ValueTask DisposeAsync()
    {
        if (Upload is not null)
        {
            await DiscardAsync(Upload);
        }
    }

    // After PayloadStore.Keep the file has moved, and there is nothing under the upload's name to delete.
    private static async Task DiscardAsync(FileStream upload)
    {
        await upload.DisposeAsync();
        File.Delete(upload.Name);
    }
}
