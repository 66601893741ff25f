namespace Axis.EdXml.Xml;

public sealed partial class XmlTokenizer
{
    /// <summary>Markup that began in an earlier piece; empty while markup lies whole in the current one.</summary>
    private byte[] _carry = [];
    private int _carryLength;
    private XmlPosition _carryPosition;

    /// <summary>How far the markup at hand was searched for its end, and the open quote there.</summary>
    private int _scanned;
    private byte _quote;
    private XmlErrorKind _markupError;

    private const int NeedMore = -1;
    private const int Broken = -2;

    private int ReadMarkup(ReadOnlySpan<byte> piece, int at)
    {
        var rest = piece[at..];
        if (_carryLength == 0)
        {
            var end = FindMarkupEnd(rest);
            if (end == NeedMore && rest.Length < _limits.MaxTagBytes)
            {
                MoveAnchor(piece, at);
                _carryPosition = _anchor;
                AddToCarry(rest);
                return piece.Length;
            }
            if (end < 0 || end > _limits.MaxTagBytes)
                return Fail(
                    end == Broken ? _markupError : XmlErrorKind.TagTooLong,
                    piece,
                    at,
                    null
                );
            HandleMarkup(rest[..end], piece, at);
            _scanned = 0;
            return at + end;
        }

        var taken = Math.Min(rest.Length, _limits.MaxTagBytes - _carryLength);
        var before = _carryLength;
        AddToCarry(rest[..taken]);
        var found = FindMarkupEnd(_carry.AsSpan(0, _carryLength));
        if (found == NeedMore && taken == rest.Length && _carryLength < _limits.MaxTagBytes)
            return piece.Length;
        if (found < 0)
        {
            Error = new XmlError(
                found == Broken ? _markupError : XmlErrorKind.TagTooLong,
                _carryPosition,
                null
            );
            return piece.Length;
        }
        HandleMarkup(_carry.AsSpan(0, found), [], -1);
        _carryLength = 0;
        _scanned = 0;
        return at + found - before;
    }

    private void AddToCarry(ReadOnlySpan<byte> bytes)
    {
        if (_carry.Length < _carryLength + bytes.Length)
            Array.Resize(
                ref _carry,
                Math.Max(512, Math.Max(_carry.Length * 2, _carryLength + bytes.Length))
            );
        bytes.CopyTo(_carry.AsSpan(_carryLength));
        _carryLength += bytes.Length;
    }

    private int Break(XmlErrorKind kind)
    {
        _markupError = kind;
        return Broken;
    }

    /// <summary>Length of the markup at the start of <paramref name="markup"/>: a whole tag or instruction, or only the opening delimiter of a comment or CDATA section.</summary>
    private int FindMarkupEnd(ReadOnlySpan<byte> markup)
    {
        if (markup.Length < 2)
            return NeedMore;
        switch (markup[1])
        {
            case (byte)'/':
            {
                var end = markup[2..].IndexOf((byte)'>');
                return end < 0 ? NeedMore : end + 3;
            }
            case (byte)'?':
            {
                var from = Math.Max(2, _scanned - 1);
                var end = markup[from..].IndexOf("?>"u8);
                _scanned = markup.Length;
                return end < 0 ? NeedMore : from + end + 2;
            }
            case (byte)'!':
                return FindDeclarationEnd(markup);
            case 0:
                return Break(XmlErrorKind.UnsupportedEncoding);
            default:
                return FindTagEnd(markup);
        }
    }

    private int FindDeclarationEnd(ReadOnlySpan<byte> markup)
    {
        var comment = "<!--"u8;
        var section = "<![CDATA["u8;
        var doctype = "<!DOCTYPE"u8;
        if (markup.StartsWith(comment))
            return comment.Length;
        if (markup.StartsWith(section))
            return section.Length;
        if (markup.StartsWith(doctype))
            return Break(XmlErrorKind.Dtd);
        return
            comment.StartsWith(markup) || section.StartsWith(markup) || doctype.StartsWith(markup)
            ? NeedMore
            : Break(XmlErrorKind.MalformedMarkup);
    }

    private int FindTagEnd(ReadOnlySpan<byte> markup)
    {
        var at = Math.Max(1, _scanned);
        while (at < markup.Length)
        {
            int n;
            if (_quote != 0)
            {
                n = markup[at..].IndexOfAny(_quote, (byte)'<');
                if (n < 0)
                    break;
                at += n;
                if (markup[at] == (byte)'<')
                    return Break(XmlErrorKind.MalformedAttribute);
                _quote = 0;
                at++;
                continue;
            }
            n = markup[at..].IndexOfAny(XmlChars.TagStops);
            if (n < 0)
                break;
            at += n;
            switch (markup[at])
            {
                case (byte)'>':
                    return at + 1;
                case (byte)'<':
                    return Break(XmlErrorKind.MalformedMarkup);
                default:
                    _quote = markup[at++];
                    break;
            }
        }
        _scanned = markup.Length;
        return NeedMore;
    }

    /// <param name="markup">The whole markup.</param>
    /// <param name="piece">The current piece when the markup lies in it, else empty.</param>
    /// <param name="at">Where in the piece.</param>
    private void HandleMarkup(ReadOnlySpan<byte> markup, ReadOnlySpan<byte> piece, int at)
    {
        _lexeme = Lexeme.Text;
        _held = 0;
        switch (markup[1])
        {
            case (byte)'/':
                HandleEndTag(markup, piece, at);
                break;
            case (byte)'?':
                HandleInstruction(markup, piece, at);
                break;
            case (byte)'!' when markup[2] == (byte)'-':
                _lexeme = Lexeme.Comment;
                break;
            case (byte)'!':
                if (_depth == 0)
                    FailMarkup(XmlErrorKind.TextOutsideRoot, markup, 0, piece, at, "<![CDATA[");
                else
                    _lexeme = Lexeme.CData;
                break;
            default:
                HandleStartTag(markup, piece, at);
                break;
        }
    }

    private void FailMarkup(
        XmlErrorKind kind,
        ReadOnlySpan<byte> markup,
        int index,
        ReadOnlySpan<byte> piece,
        int at,
        string? detail
    )
    {
        if (at >= 0)
            MoveAnchor(piece, at);
        var start = at >= 0 ? _anchor : _carryPosition;
        Error = new XmlError(kind, start.Over(markup[..index]), detail);
    }

    private void HandleInstruction(ReadOnlySpan<byte> markup, ReadOnlySpan<byte> piece, int at)
    {
        var body = markup[2..^2];
        var good = XmlChars.Validate(body, out var kind, out _);
        if (good < body.Length)
        {
            FailMarkup(kind, markup, 2 + good, piece, at, null);
            return;
        }
        var length = MeasureName(body, out var prefixLength, out _);
        if (
            length <= 0
            || prefixLength > 0
            || (length < body.Length && !XmlChars.IsSpace(body[length]))
        )
        {
            FailMarkup(XmlErrorKind.MalformedName, markup, 2, piece, at, null);
            return;
        }
        var target = body[..length];
        var data = body[length..].TrimStart(" \t\r\n"u8);
        if (!System.Text.Ascii.EqualsIgnoreCase(target, "xml"u8))
        {
            _sink.ProcessingInstruction(target, data);
            return;
        }
        var offset = at >= 0 ? Offset0(at) : _carryPosition.Offset;
        if (!target.SequenceEqual("xml"u8) || offset != _contentStart)
        {
            FailMarkup(XmlErrorKind.MisplacedDeclaration, markup, 0, piece, at, null);
            return;
        }
        var problem = XmlDeclaration.Check(body[length..], out var detail);
        if (problem != XmlErrorKind.None)
            FailMarkup(problem, markup, 0, piece, at, detail);
    }
}
