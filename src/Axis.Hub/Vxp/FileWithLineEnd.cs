using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Axis.EdXml;
using Axis.Hub.Intake;
using Axis.Hub.Storage;
using Axis.Vxp;

namespace Axis.Hub.Vxp;

/// <summary>
/// The file of a client that adds no line end to one that ends with a line end of its own: what was taken for the
/// client's belongs to it. It is read from where it rests, and never as a whole into memory.
/// </summary>
internal static class FileWithLineEnd
{
    /// <summary>How much of the file is in hand at a time.</summary>
    public const int PieceBytes = 64 * 1024;

    private static readonly byte[] s_lineEnd = "\r\n"u8.ToArray();

    /// <summary>Whether the digest that the client presented is that of the file with the line end.</summary>
    public static async Task<bool> IsMeantAsync(
        Stream file,
        string hash,
        CancellationToken cancellationToken
    )
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            var most = piece.AsMemory(0, PieceBytes);
            for (
                var read = await file.ReadAsync(most, cancellationToken);
                read > 0;
                read = await file.ReadAsync(most, cancellationToken)
            )
            {
                sha256.AppendData(most.Span[..read]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
        sha256.AppendData(s_lineEnd);
        return FileHash.IsOf(sha256.GetHashAndReset(), hash);
    }

    /// <summary>Takes in the file with the line end, as any other; null when that exceeds the limit of its size.</summary>
    public static async Task<PackageSpool?> ReceiveAsync(
        Stream file,
        long length,
        ReadLimits limits,
        int memoryBytes,
        PayloadStore store,
        CancellationToken cancellationToken
    )
    {
        var pipe = new Pipe();
        var writing = WriteAsync(file, pipe.Writer, cancellationToken);
        try
        {
            return await PackageSpool.ReceiveAsync(
                pipe.Reader,
                length + s_lineEnd.Length,
                limits,
                memoryBytes,
                store,
                cancellationToken
            );
        }
        finally
        {
            // Whoever stopped reading wants no more; the writer ends by that.
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private static async Task WriteAsync(
        Stream file,
        PipeWriter writer,
        CancellationToken cancellationToken
    )
    {
        Exception? failure = null;
        try
        {
            await file.CopyToAsync(writer, cancellationToken);
            await writer.WriteAsync(s_lineEnd, cancellationToken);
        }
        catch (Exception thrown)
        {
            // The reader throws it on.
            failure = thrown;
        }
        await writer.CompleteAsync(failure);
    }
}
