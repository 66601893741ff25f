using Axis.Signatures;

namespace Axis.Hub.Storage;

/// <summary>
/// A package on its way in that is too large for memory: written once from beginning to end, encrypted at once where
/// payloads are. Disposing it leaves nothing behind unless it was kept. Documents that are judged rest in one too.
/// </summary>
public sealed class PayloadUpload : ITemporaryFile
{
    private readonly FileStream _file;
    private readonly PayloadKeys _keys;
    private readonly PayloadSeal? _seal;
    private readonly byte[] _plain;
    private readonly byte[] _sealed;
    private int _waiting;
    private int _chunk;
    private bool _isComplete;

    internal PayloadUpload(FileStream file, PayloadKeys keys)
    {
        _file = file;
        _keys = keys;
        if (keys.Current is { } current)
        {
            _seal = PayloadSeal.Create(current, keys[current]);
            _plain = new byte[PayloadSeal.ChunkBytes];
            _sealed = new byte[PayloadSeal.ChunkBytes + PayloadSeal.TagBytes];
            _file.Write(_seal.Header);
        }
        else
        {
            _plain = _sealed = [];
        }
    }

    internal string Name => _file.Name;

    /// <summary>Whether what is on disk is encrypted.</summary>
    internal bool IsSealed => _seal is not null;

    public async ValueTask WriteAsync(
        ReadOnlyMemory<byte> bytes,
        CancellationToken cancellationToken
    )
    {
        if (_seal is null)
        {
            await _file.WriteAsync(bytes, cancellationToken);
            return;
        }
        while (!bytes.IsEmpty)
        {
            // A full chunk waits for the byte after it: only then is it known not to be the last.
            if (_waiting == PayloadSeal.ChunkBytes)
            {
                await WriteChunkAsync(isLast: false, cancellationToken);
            }
            var part = Math.Min(bytes.Length, PayloadSeal.ChunkBytes - _waiting);
            bytes[..part].CopyTo(_plain.AsMemory(_waiting));
            _waiting += part;
            bytes = bytes[part..];
        }
    }

    /// <summary>Nothing comes after this. Idempotent.</summary>
    internal async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (!_isComplete && _seal is not null)
        {
            await WriteChunkAsync(isLast: true, cancellationToken);
        }
        _isComplete = true;
    }

    internal void FlushToDisk() => _file.Flush(flushToDisk: true);

    /// <summary>What was written, to be read back and forth; the upload must outlive it. Nothing more can be written.</summary>
    public async Task<Stream> OpenReadAsync(CancellationToken cancellationToken)
    {
        await CompleteAsync(cancellationToken);
        return _seal is null
            ? new LentStream(_file)
            : await SealedStream.OpenAsync(
                new FileStream(
                    _file.Name,
                    new FileStreamOptions
                    {
                        Share = FileShare.ReadWrite,
                        BufferSize = 0,
                        Options = FileOptions.Asynchronous,
                    }
                ),
                _keys,
                cancellationToken
            );
    }

    /// <summary>All that was written, in memory. For packages that are small by nature.</summary>
    public async Task<byte[]> ReadAllAsync(long length, CancellationToken cancellationToken)
    {
        await CompleteAsync(cancellationToken);
        _file.Position = 0;
        var stored = new byte[_file.Length];
        await _file.ReadExactlyAsync(stored, cancellationToken);
        var plain = _seal is null ? stored : PayloadSeal.Unseal(stored, _keys);
        return plain.Length == length
            ? plain
            : throw PayloadUnusableException.Damaged($"{plain.Length} of {length} bytes");
    }

    // After PayloadStore.KeepAsync the file has moved, and there is nothing under the upload's name to delete.
    public async ValueTask DisposeAsync()
    {
        _seal?.Dispose();
        await _file.DisposeAsync();
        File.Delete(_file.Name);
    }

    private async Task WriteChunkAsync(bool isLast, CancellationToken cancellationToken)
    {
        var length = _waiting + PayloadSeal.TagBytes;
        _seal!.SealChunk(_chunk++, isLast, _plain.AsSpan(0, _waiting), _sealed.AsSpan(0, length));
        await _file.WriteAsync(_sealed.AsMemory(0, length), cancellationToken);
        _waiting = 0;
    }
}
