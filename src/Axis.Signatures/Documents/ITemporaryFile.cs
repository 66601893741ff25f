namespace Axis.Signatures;

/// <summary>
/// Room for a document that is too large for memory: written once from beginning to end, then read. Whoever makes it
/// decides what lies on the disk, encrypted or not. Disposing it leaves nothing behind.
/// </summary>
public interface ITemporaryFile : IAsyncDisposable
{
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>What was written, seekable, at its beginning. Nothing more is written after this.</summary>
    public Task<Stream> OpenReadAsync(CancellationToken cancellationToken);
}
