namespace Axis.Hub.Storage;

/// <summary>Reads an encrypted payload file as its plain bytes, from any position, a chunk in memory at a time.</summary>
internal sealed class SealedStream : Stream
{
    private readonly FileStream _file;
    private readonly PayloadSeal _seal;
    private readonly int _chunks;
    private readonly byte[] _stored = new byte[PayloadSeal.ChunkBytes + PayloadSeal.TagBytes];
    private readonly byte[] _plain = new byte[PayloadSeal.ChunkBytes];
    private int _chunk = -1;
    private int _chunkLength;
    private long _position;

    private SealedStream(FileStream file, PayloadSeal seal)
    {
        _file = file;
        _seal = seal;
        var stored = file.Length - seal.Header.Length;
        _chunks = PayloadSeal.ChunksIn(stored);
        Length = stored - ((long)_chunks * PayloadSeal.TagBytes);
    }

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set => _position = value;
    }

    /// <summary>Takes the file over.</summary>
    public static async Task<SealedStream> OpenAsync(
        FileStream file,
        PayloadKeys keys,
        CancellationToken cancellationToken
    )
    {
        PayloadSeal? seal = null;
        try
        {
            var beginning = new byte[PayloadSeal.LongestHeader];
            var read = await file.ReadAtLeastAsync(
                beginning,
                beginning.Length,
                throwOnEndOfStream: false,
                cancellationToken
            );
            seal = PayloadSeal.Open(beginning.AsSpan(0, read), keys);
            return new SealedStream(file, seal);
        }
        catch
        {
            seal?.Dispose();
            await file.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }
        if (ChunkAtPosition != _chunk)
        {
            Unseal(
                await Begin(ChunkAtPosition)
                    .ReadAtLeastAsync(
                        _stored,
                        _stored.Length,
                        throwOnEndOfStream: false,
                        cancellationToken
                    )
            );
        }
        return Take(buffer.Span);
    }

    /// <summary>For who can only read so: PDF and ZIP files, which are read back and forth.</summary>
    public override int Read(Span<byte> buffer)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }
        if (ChunkAtPosition != _chunk)
        {
            Unseal(
                Begin(ChunkAtPosition)
                    .ReadAtLeast(_stored, _stored.Length, throwOnEndOfStream: false)
            );
        }
        return Take(buffer);
    }

    public override Task<int> ReadAsync(
        byte[] buffer,
        int offset,
        int count,
        CancellationToken cancellationToken
    ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) =>
        _position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => Length + offset,
        };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        _seal.Dispose();
        await _file.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _seal.Dispose();
            _file.Dispose();
        }
        base.Dispose(disposing);
    }

    private int ChunkAtPosition => (int)(_position / PayloadSeal.ChunkBytes);

    private FileStream Begin(int chunk)
    {
        _chunk = -1;
        _file.Position = _seal.Header.Length + PayloadSeal.StartOf(chunk);
        return _file;
    }

    private void Unseal(int stored)
    {
        if (stored < PayloadSeal.TagBytes)
        {
            throw PayloadUnusableException.Damaged("it is cut off");
        }
        var chunk = ChunkAtPosition;
        _chunkLength = stored - PayloadSeal.TagBytes;
        _seal.UnsealChunk(
            chunk,
            chunk == _chunks - 1,
            _stored.AsSpan(0, stored),
            _plain.AsSpan(0, _chunkLength)
        );
        _chunk = chunk;
    }

    private int Take(Span<byte> buffer)
    {
        var offset = (int)(_position % PayloadSeal.ChunkBytes);
        var count = Math.Min(buffer.Length, _chunkLength - offset);
        _plain.AsSpan(offset, count).CopyTo(buffer);
        _position += count;
        return count;
    }
}
