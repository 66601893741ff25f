using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Axis.EdXml;
using Axis.Hub.Storage;
using Axis.Signatures;

namespace Axis.Hub.Intake;

/// <summary>
/// The one pass over a package's bytes: they are kept (in memory below a size, above it in a file) while header,
/// attachment facts, SHA-256 and the canonical digest of the signature are taken from the same buffers.
/// </summary>
public sealed class PackageSpool : IAsyncDisposable
{
    private PackageSpool(
        byte[]? memory,
        PayloadUpload? upload,
        PackageReading reading,
        EnvelopeSignatureSink signature
    )
    {
        Memory = memory;
        Upload = upload;
        Reading = reading;
        Signature = signature;
    }

    /// <summary>The whole package, when it is small enough to be held.</summary>
    public byte[]? Memory { get; }

    /// <summary>The package as a file, when it is not.</summary>
    public PayloadUpload? Upload { get; }

    public PackageReading Reading { get; }

    /// <summary>The envelope signature, ready to be judged against the sender's certificates.</summary>
    public EnvelopeSignatureSink Signature { get; }

    /// <summary>Reads a package to its end. Returns null when it exceeds the limit of its size.</summary>
    /// <param name="announcedLength">What the sender said its length is; only saves copying.</param>
    public static async Task<PackageSpool?> ReceiveAsync(
        PipeReader input,
        long? announcedLength,
        ReadLimits limits,
        int memoryBytes,
        PayloadStore store,
        CancellationToken cancellationToken
    )
    {
        var signature = new EnvelopeSignatureSink();
        using var reader = new PackageReader(limits, signature);
        var memory = new ArrayBufferWriter<byte>(
            announcedLength is > 0 && announcedLength <= memoryBytes ? (int)announcedLength : 4096
        );
        PayloadUpload? upload = null;
        PackageSpool? spool = null;
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
                        memory.Clear();
                    }
                    await upload.WriteAsync(segment, cancellationToken);
                }
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }
            return spool = new PackageSpool(
                upload is null ? ArrayOf(memory.WrittenMemory) : null,
                upload,
                reader.Complete(),
                signature
            );
        }
        finally
        {
            if (spool is null)
            {
                signature.Dispose();
                await (upload?.DisposeAsync() ?? ValueTask.CompletedTask);
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
        var signature = new EnvelopeSignatureSink();
        using var reader = new PackageReader(limits, signature);
        reader.Feed(bytes.Span);
        return new PackageSpool(bytes.ToArray(), null, reader.Complete(), signature);
    }

    /// <summary>The package, to be read back and forth. It must not be used while another such stream is.</summary>
    public async Task<Stream> OpenReadAsync(CancellationToken cancellationToken) =>
        Memory is not null
            ? new MemoryStream(Memory, writable: false)
            : await Upload!.OpenReadAsync(cancellationToken);

    /// <summary>The whole package in memory, wherever it rests. For packages that are small by nature.</summary>
    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        if (Memory is not null)
        {
            return Memory;
        }
        return await Upload!.ReadAllAsync(Reading.Length, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Signature.Dispose();
        await (Upload?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    // With the announced length the buffer is the package exactly, and is taken over as it is.
    private static byte[] ArrayOf(ReadOnlyMemory<byte> written) =>
        MemoryMarshal.TryGetArray(written, out var segment)
        && segment.Array is { } array
        && array.Length == written.Length
            ? array
            : written.ToArray();
}
