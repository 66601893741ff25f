using System.Buffers;
using System.IO.Pipelines;

namespace Axis.Vxp;

/// <summary>
/// The body of sendEdoc without the CRLF that the client puts behind the file. It holds back the last two bytes until
/// more come or the body ends, and copies nothing.
/// </summary>
public sealed class TrailingLineEnd(PipeReader body) : PipeReader
{
    private const int Length = 2;

    private SequencePosition _seen;
    private SequencePosition _offered;

    /// <summary>After the last read: whether the body ended with CRLF, which was left out.</summary>
    public bool WasThere { get; private set; }

    public override async ValueTask<ReadResult> ReadAsync(
        CancellationToken cancellationToken = default
    )
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (Shorten(read) is { } result)
            {
                return result;
            }
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (!body.TryRead(out var read))
        {
            return false;
        }
        if (Shorten(read) is { } shortened)
        {
            result = shortened;
            return true;
        }
        body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        return false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    // What is held back counts as seen, so that the next read waits for more; and at the end it goes with the rest.
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) =>
        body.AdvanceTo(WasThere && consumed.Equals(_offered) ? _seen : consumed, _seen);

    public override void CancelPendingRead() => body.CancelPendingRead();

    public override void Complete(Exception? exception = null) => body.Complete(exception);

    /// <summary>Null when there is nothing to hand over yet.</summary>
    private ReadResult? Shorten(ReadResult read)
    {
        _seen = read.Buffer.End;
        if (read.IsCompleted)
        {
            WasThere = EndsWithLineEnd(read.Buffer);
            var rest = WasThere ? read.Buffer.Slice(0, read.Buffer.Length - Length) : read.Buffer;
            _offered = rest.End;
            return new ReadResult(rest, read.IsCanceled, isCompleted: true);
        }
        return read.Buffer.Length > Length || read.IsCanceled
            ? new ReadResult(
                read.Buffer.Slice(0, Math.Max(0, read.Buffer.Length - Length)),
                read.IsCanceled,
                isCompleted: false
            )
            : null;
    }

    private static bool EndsWithLineEnd(ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length < Length)
        {
            return false;
        }
        Span<byte> end = stackalloc byte[Length];
        buffer.Slice(buffer.Length - Length).CopyTo(end);
        return end.SequenceEqual("\r\n"u8);
    }
}
