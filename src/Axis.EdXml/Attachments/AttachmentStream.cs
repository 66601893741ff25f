using System.Buffers;
using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>The content of one attachment, decoded as it is read, in constant memory.</summary>
public sealed class AttachmentStream : Stream, IXmlSink
{
    private const int PieceBytes = 16 * 1024;

    private readonly Stream _package;
    private readonly long _end;
    private readonly XmlTokenizer _tokenizer;
    private long _at;
    private byte[] _piece;

    /// <summary>Letters not yet decoded, then in the same place the decoded bytes.</summary>
    private byte[] _letters;
    private int _letterCount;
    private byte[] _content;
    private int _contentStart;
    private int _contentEnd;
    private bool _padded;

    private AttachmentStream(Stream package, AttachmentFacts attachment)
    {
        _package = package;
        _at = attachment.DataStart;
        _end = attachment.DataEnd;
        _piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        _letters = ArrayPool<byte>.Shared.Rent(PieceBytes + 4);
        _content = ArrayPool<byte>.Shared.Rent(PieceBytes);
        // Data may hold references, comments and CDATA sections; a root of our own makes it a document.
        _tokenizer = new XmlTokenizer(this);
        _tokenizer.Feed("<d>"u8);
    }

    /// <summary>Opens the content of an attachment.</summary>
    /// <param name="package">The package as it was read; must be seekable. It is not disposed, and must not be used while this stream is.</param>
    /// <param name="attachment">The facts a reader gave about that package.</param>
    /// <exception cref="ArgumentException">The stream is not seekable, or the attachment has no data.</exception>
    /// <remarks>Reading throws <see cref="InvalidDataException"/> where the data is not base64.</remarks>
    public static AttachmentStream Open(Stream package, AttachmentFacts attachment)
    {
        ArgumentNullException.ThrowIfNull(package);
        ArgumentNullException.ThrowIfNull(attachment);
        if (!package.CanSeek)
            throw new ArgumentException("The package must be seekable.", nameof(package));
        if (!attachment.HasData)
            throw new ArgumentException("The attachment has no data.", nameof(attachment));
        return new AttachmentStream(package, attachment);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_contentStart == _contentEnd && !buffer.IsEmpty)
        {
            var wanted = (int)Math.Min(PieceBytes, _end - _at);
            if (wanted == 0)
                return FinishLetters() ? Take(buffer) : 0;
            _package.Position = _at;
            Digest(_package.Read(_piece, 0, wanted));
        }
        return Take(buffer);
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        while (_contentStart == _contentEnd && !buffer.IsEmpty)
        {
            var wanted = (int)Math.Min(PieceBytes, _end - _at);
            if (wanted == 0)
                return FinishLetters() ? Take(buffer.Span) : 0;
            _package.Position = _at;
            Digest(await _package.ReadAsync(_piece.AsMemory(0, wanted), cancellationToken));
        }
        return Take(buffer.Span);
    }

    public override Task<int> ReadAsync(
        byte[] buffer,
        int offset,
        int count,
        CancellationToken cancellationToken
    ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private void Digest(int read)
    {
        if (read == 0)
            throw new InvalidDataException("The package is shorter than it was when it was read.");
        _at += read;
        _contentStart = _contentEnd = 0;
        _tokenizer.Feed(_piece.AsSpan(0, read));
        if (_tokenizer.Failed)
            throw new InvalidDataException("The data of the attachment is not well-formed.");
        var whole = _letterCount / 4 * 4;
        Decode(whole);
        _letters.AsSpan(whole, _letterCount - whole).CopyTo(_letters);
        _letterCount -= whole;
    }

    private bool FinishLetters()
    {
        if (_letterCount == 1)
            throw new InvalidDataException("The base64 text of the attachment is cut off.");
        Decode(_letterCount);
        _letterCount = 0;
        return _contentEnd > 0;
    }

    private void Decode(int count)
    {
        _letters.AsSpan(0, count).CopyTo(_content);
        _contentStart = 0;
        _contentEnd = Base64Text.DecodeInPlace(_content.AsSpan(0, count));
    }

    private int Take(Span<byte> buffer)
    {
        var n = Math.Min(buffer.Length, _contentEnd - _contentStart);
        _content.AsSpan(_contentStart, n).CopyTo(buffer);
        _contentStart += n;
        return n;
    }

    void IXmlSink.Text(ReadOnlySpan<byte> raw)
    {
        while (!raw.IsEmpty)
        {
            var run = Base64Text.TakeRun(raw, out var letters);
            if (letters > 0)
            {
                if (_padded)
                    throw new InvalidDataException("There is more base64 text after its padding.");
                raw[..run].CopyTo(_letters.AsSpan(_letterCount));
                _letterCount += Base64Text.KeepLetters(_letters.AsSpan(_letterCount, run));
            }
            raw = raw[run..];
            if (raw.IsEmpty)
                return;
            var used = 1;
            if (raw[0] == (byte)'&')
            {
                used = raw.IndexOf((byte)';') + 1;
                if (XmlText.TryReference(raw[..used], out var c) != XmlErrorKind.None || c > ' ')
                    throw new InvalidDataException("The data of the attachment is not base64.");
            }
            else if (raw[0] == (byte)'=')
            {
                _padded = true;
            }
            else if (!XmlChars.IsSpace(raw[0]))
            {
                throw new InvalidDataException("The data of the attachment is not base64.");
            }
            raw = raw[used..];
        }
    }

    void IXmlSink.CData(ReadOnlySpan<byte> raw, bool last)
    {
        if (raw.IndexOf((byte)'&') >= 0)
            throw new InvalidDataException("The data of the attachment is not base64.");
        ((IXmlSink)this).Text(raw);
    }

    void IXmlSink.StartElement(in XmlStartTag tag)
    {
        if (tag.Depth > 1)
            throw new InvalidDataException("The data of the attachment has elements in it.");
    }

    void IXmlSink.EndElement(in XmlEndTag tag) { }

    void IXmlSink.Comment(ReadOnlySpan<byte> raw, bool last) { }

    void IXmlSink.ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data) { }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _piece.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_piece);
            ArrayPool<byte>.Shared.Return(_letters);
            ArrayPool<byte>.Shared.Return(_content);
            _piece = _letters = _content = [];
        }
        base.Dispose(disposing);
    }
}
