using System.Text;

namespace Axis.EdXml.Xml;

/// <summary>
/// A push tokenizer for namespaced XML 1.0 in UTF-8 without a DTD. It reports the bytes as they stand, in one pass
/// and constant memory, and stops at the first violation of well-formedness.
/// </summary>
public sealed partial class XmlTokenizer
{
    private enum Lexeme : byte
    {
        ByteOrderMark,
        Text,
        Markup,
        Comment,
        CData,
    }

    private readonly IXmlSink _sink;
    private readonly XmlLimits _limits;
    private Lexeme _lexeme;

    /// <summary>Brackets at the end of the last text piece, or delimiter bytes held back in a comment or CDATA section.</summary>
    private int _held;
    private bool _rootSeen;
    private bool _completed;

    /// <summary>Where the XML declaration may stand: 0, or 3 after a byte order mark.</summary>
    private long _contentStart;

    /// <summary>Offset of the first byte of the piece that is being fed.</summary>
    private long _pieceOffset;

    /// <summary>A place whose line and column are known; never behind the current piece.</summary>
    private XmlPosition _anchor = new(0, 1, 1);

    /// <summary>A UTF-8 sequence or reference that was cut off by the end of a piece.</summary>
    private readonly byte[] _tail = new byte[XmlText.MaxReferenceBytes];
    private int _tailLength;

    /// <param name="sink">Receives the events.</param>
    /// <param name="limits">What is accepted; null for the defaults.</param>
    public XmlTokenizer(IXmlSink sink, XmlLimits? limits = null)
    {
        _sink = sink;
        _limits = limits ?? XmlLimits.Default;
    }

    /// <summary>Kind is <see cref="XmlErrorKind.None"/> as long as all is well.</summary>
    public XmlError Error { get; private set; }
    public bool Failed => Error.Kind != XmlErrorKind.None;

    /// <summary>Bytes taken so far.</summary>
    public long Offset { get; private set; }

    internal int Depth => _depth;

    /// <summary>Takes the next bytes, in pieces of any size. After an error they are ignored.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (Failed || _completed || bytes.IsEmpty)
            return;
        _pieceOffset = Offset;
        Offset += bytes.Length;
        var at = 0;
        while (at < bytes.Length && !Failed)
        {
            at = _lexeme switch
            {
                Lexeme.Text => ReadText(bytes, at),
                Lexeme.Markup => ReadMarkup(bytes, at),
                Lexeme.ByteOrderMark => ReadByteOrderMark(bytes, at),
                _ => ReadDelimited(bytes, at),
            };
        }
        if (!Failed)
            MoveAnchor(bytes, bytes.Length);
    }

    /// <summary>Tells that the document has ended.</summary>
    public void Complete()
    {
        if (_completed || Failed)
            return;
        _completed = true;
        if (!_rootSeen && _depth == 0 && _lexeme is Lexeme.Text or Lexeme.ByteOrderMark)
            Error = new XmlError(XmlErrorKind.Empty, _anchor, null);
        else if (_lexeme != Lexeme.Text || _tailLength > 0 || _depth > 0)
            Error = new XmlError(XmlErrorKind.UnexpectedEnd, _anchor, null)
            {
                Expected = _depth == 0 ? null : $"</{OpenElement()}>",
            };
    }

    private string? OpenElement() => _depth == 0 ? null : Encoding.UTF8.GetString(TopName());

    private int ReadByteOrderMark(ReadOnlySpan<byte> bytes, int at)
    {
        var b = bytes[at];
        if (Offset0(at) == 0 && b is 0xFE or 0xFF or 0x00)
            return Fail(XmlErrorKind.UnsupportedEncoding, bytes, at, "UTF-16");
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        var index = (int)Offset0(at);
        if (b == mark[index])
        {
            if (index == 2)
            {
                _contentStart = 3;
                _lexeme = Lexeme.Text;
                // The mark is no character: the first column stays 1.
                _anchor = new XmlPosition(3, 1, 1);
            }
            return at + 1;
        }
        if (index > 0)
            return Fail(XmlErrorKind.TextOutsideRoot, bytes, at, null);
        _lexeme = Lexeme.Text;
        return at;
    }

    private long Offset0(int at) => _pieceOffset + at;

    private int ReadText(ReadOnlySpan<byte> bytes, int at)
    {
        if (_tailLength > 0)
            return CompleteTail(bytes, at);
        if (_depth == 0)
            return ReadOutsideRoot(bytes, at);
        var start = at;
        while (true)
        {
            at = SkipPlain(bytes, at);
            if (at == bytes.Length)
                break;
            var b = bytes[at];
            if (b == (byte)'<')
                break;
            var length = b switch
            {
                (byte)'&' => MeasureReference(bytes, at),
                (byte)'>' => CheckSectionEnd(bytes, start, at),
                >= 0x80 => MeasureCharacter(bytes, at),
                _ => Fail(XmlErrorKind.IllegalCharacter, bytes, at, $"0x{b:X2}"),
            };
            if (Failed)
                return bytes.Length;
            if (length == 0)
            {
                EmitText(bytes[start..at]);
                bytes[at..].CopyTo(_tail);
                _tailLength = bytes.Length - at;
                return bytes.Length;
            }
            at += length;
        }
        EmitText(bytes[start..at]);
        if (at < bytes.Length)
        {
            _held = 0;
            _lexeme = Lexeme.Markup;
        }
        return at;
    }

    /// <summary>Prose alternates between ASCII and other letters every few bytes; vectors pay only on long runs such as base64.</summary>
    private static int SkipPlain(ReadOnlySpan<byte> bytes, int at)
    {
        var end = Math.Min(bytes.Length, at + 16);
        while (at < end)
        {
            if (!XmlChars.IsPlain(bytes[at]))
                return at;
            at++;
        }
        var n = bytes[at..].IndexOfAnyExcept(XmlChars.PlainText);
        return n < 0 ? bytes.Length : at + n;
    }

    private int ReadOutsideRoot(ReadOnlySpan<byte> bytes, int at)
    {
        while (at < bytes.Length && XmlChars.IsSpace(bytes[at]))
            at++;
        if (at == bytes.Length)
            return at;
        if (bytes[at] != (byte)'<')
            return Fail(XmlErrorKind.TextOutsideRoot, bytes, at, null);
        _lexeme = Lexeme.Markup;
        return at;
    }

    private void EmitText(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return;
        _held =
            text[^1] != (byte)']' ? 0
            : text.Length == 1 ? Math.Min(_held + 1, 2)
            : text[^2] == (byte)']' ? 2
            : 1;
        _sink.Text(text);
    }

    /// <summary>0 when the reference is cut off by the end of the piece.</summary>
    private int MeasureReference(ReadOnlySpan<byte> bytes, int at)
    {
        var rest = bytes[at..Math.Min(bytes.Length, at + XmlText.MaxReferenceBytes)];
        var end = 1 + rest[1..].IndexOfAny((byte)';', (byte)'<', (byte)'&');
        if (end == 0)
        {
            return rest.Length == XmlText.MaxReferenceBytes
                ? Fail(XmlErrorKind.MalformedMarkup, bytes, at, "&")
                : 0;
        }
        var kind = XmlText.TryReference(rest[..(end + 1)], out _);
        return kind == XmlErrorKind.None ? end + 1 : Fail(kind, bytes, at, Show(rest[..(end + 1)]));
    }

    private int MeasureCharacter(ReadOnlySpan<byte> bytes, int at)
    {
        var length = XmlChars.Decode(bytes[at..], out var c);
        if (length < 0)
            return Fail(XmlErrorKind.InvalidUtf8, bytes, at, $"0x{bytes[at]:X2}");
        return length > 0 && !XmlChars.IsChar(c)
            ? Fail(XmlErrorKind.IllegalCharacter, bytes, at, $"U+{c:X4}")
            : length;
    }

    /// <summary>The end of a CDATA section may not stand in text (XML 1.0 section 2.4).</summary>
    private int CheckSectionEnd(ReadOnlySpan<byte> bytes, int start, int at)
    {
        var brackets = (at - start) switch
        {
            0 => _held,
            1 => bytes[at - 1] == (byte)']' ? 1 + Math.Min(_held, 1) : 0,
            _ => bytes[at - 1] == (byte)']' && bytes[at - 2] == (byte)']' ? 2 : 0,
        };
        return brackets >= 2 ? Fail(XmlErrorKind.MalformedMarkup, bytes, at, "]]>") : 1;
    }

    private int CompleteTail(ReadOnlySpan<byte> bytes, int at)
    {
        var reference = _tail[0] == (byte)'&';
        while (at < bytes.Length)
        {
            _tail[_tailLength++] = bytes[at++];
            var tail = _tail.AsSpan(0, _tailLength);
            bool done;
            XmlErrorKind kind;
            if (reference)
            {
                done = tail[^1] == (byte)';';
                kind =
                    done ? XmlText.TryReference(tail, out _)
                    : tail[^1] is (byte)'<' or (byte)'&' || _tailLength == _tail.Length
                        ? XmlErrorKind.MalformedMarkup
                    : XmlErrorKind.None;
            }
            else
            {
                var length = XmlChars.Decode(tail, out var c);
                done = length > 0;
                kind =
                    length < 0 ? XmlErrorKind.InvalidUtf8
                    : done && !XmlChars.IsChar(c) ? XmlErrorKind.IllegalCharacter
                    : XmlErrorKind.None;
            }
            if (kind != XmlErrorKind.None)
                return Fail(kind, bytes, at - 1, reference ? Show(tail) : $"0x{tail[0]:X2}");
            if (!done)
                continue;
            _tailLength = 0;
            if (_lexeme == Lexeme.Text)
                EmitText(tail);
            else
                EmitDelimited(tail);
            break;
        }
        return at;
    }

    /// <summary>Comments and CDATA sections: both end with a doubled byte and &gt;.</summary>
    private int ReadDelimited(ReadOnlySpan<byte> bytes, int at)
    {
        if (_tailLength > 0)
            return CompleteTail(bytes, at);
        var comment = _lexeme == Lexeme.Comment;
        var delimiter = comment ? (byte)'-' : (byte)']';
        if (_held == 0)
        {
            var rest = bytes[at..];
            var length = rest.IndexOf(delimiter);
            var run = length < 0 ? rest : rest[..length];
            var good = XmlChars.Validate(run, out var kind, out var incomplete);
            EmitDelimited(run[..good]);
            if (good < run.Length)
            {
                if (!incomplete || length >= 0)
                    return Fail(kind, bytes, at + good, $"0x{run[good]:X2}");
                run[good..].CopyTo(_tail);
                _tailLength = run.Length - good;
                return bytes.Length;
            }
            if (length < 0)
                return bytes.Length;
            _held = 1;
            return at + length + 1;
        }
        var b = bytes[at];
        if (_held == 2 && b == (byte)'>')
        {
            if (comment)
                _sink.Comment([], last: true);
            else
                _sink.CData([], last: true);
            _held = 0;
            _lexeme = Lexeme.Text;
            return at + 1;
        }
        if (comment && _held == 2)
            return Fail(XmlErrorKind.MalformedMarkup, bytes, at, "--");
        if (b == delimiter)
        {
            if (_held == 2)
                EmitDelimited([delimiter]);
            else
                _held = 2;
            return at + 1;
        }
        EmitDelimited(_held == 2 ? [delimiter, delimiter] : [delimiter]);
        _held = 0;
        return at;
    }

    private void EmitDelimited(ReadOnlySpan<byte> run)
    {
        if (run.IsEmpty)
            return;
        if (_lexeme == Lexeme.Comment)
            _sink.Comment(run, last: false);
        else
            _sink.CData(run, last: false);
    }

    private void MoveAnchor(ReadOnlySpan<byte> piece, int at)
    {
        var from = (int)(_anchor.Offset - _pieceOffset);
        if (at > from)
            _anchor = _anchor.Over(piece[from..at]);
    }

    internal XmlPosition PositionOf(ReadOnlySpan<byte> before, long offset)
    {
        if (offset < _anchor.Offset)
            return _carryPosition;
        if (offset > _anchor.Offset)
            _anchor = _anchor.Over(before[^(int)(offset - _anchor.Offset)..]);
        return _anchor;
    }

    private int Fail(XmlErrorKind kind, ReadOnlySpan<byte> piece, int at, string? detail)
    {
        MoveAnchor(piece, at);
        Error = new XmlError(kind, _anchor, detail);
        return piece.Length;
    }

    private static string Show(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes.Length > 80 ? bytes[..80] : bytes);
}
