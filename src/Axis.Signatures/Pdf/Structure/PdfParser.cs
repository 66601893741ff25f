using System.Globalization;
using System.Text;

namespace Axis.Signatures;

/// <summary>Reads single objects of a PDF file, strictly and within limits.</summary>
/// <param name="file">The file, or what a stream in it unpacks to.</param>
/// <param name="inFile">It is the file.</param>
internal sealed class PdfParser(Stream file, bool inFile = true)
{
    private const int MaxDepth = 32;

    /// <summary>Bytes of one object without its stream: the value of a signature is the longest thing in practice.</summary>
    private const int MaxObjectBytes = 2 * 1024 * 1024;

    private PdfCursor _at = new(file, 0);
    private long _limit;

    /// <summary>Where the reading stands.</summary>
    public long Position => _at.Position;

    /// <summary>Reads "N G obj …": the object that must stand at that place.</summary>
    /// <exception cref="PdfFormatException">It does not.</exception>
    public PdfValue ReadIndirect(long offset, int? number)
    {
        Start(offset);
        if (ReadInteger() is var found && number is not null && found != number)
            throw new PdfFormatException($"Object {number} is not at byte {offset}.");
        ReadInteger();
        Expect("obj");
        var value = ReadValue(0);
        if (value is not PdfDictionary dictionary)
            return value;
        _at.SkipSpace();
        if (_at.Peek() != 's')
            return value;
        Expect("stream");
        if (_at.Peek() == '\r')
            _at.Position++;
        if (_at.Next() != '\n')
            throw new PdfFormatException("A stream does not begin on a line of its own.");
        return dictionary with { DataStart = _at.Position };
    }

    /// <summary>Reads a value at that place.</summary>
    public PdfValue ReadDirect(long offset)
    {
        Start(offset);
        return ReadValue(0);
    }

    /// <summary>Goes to a place, to read words there.</summary>
    public void Start(long offset)
    {
        if (offset < 0 || offset >= file.Length)
            throw new PdfFormatException($"Byte {offset} is outside the file.");
        _at = new PdfCursor(file, offset);
        _limit = offset + MaxObjectBytes;
    }

    public string ReadWord()
    {
        _at.SkipSpace();
        var word = new StringBuilder();
        for (var c = _at.Peek(); c >= 0; c = _at.Peek())
        {
            if (PdfCursor.IsSpace(c) || PdfCursor.IsDelimiter(c) || word.Length > 32)
                break;
            word.Append((char)c);
            _at.Position++;
        }
        return word.ToString();
    }

    public long ReadInteger() =>
        long.TryParse(ReadWord(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new PdfFormatException($"No number before byte {_at.Position}.");

    public void Expect(string word)
    {
        if (ReadWord() != word)
            throw new PdfFormatException($"No {word} before byte {_at.Position}.");
    }

    public PdfValue ReadValue(int depth)
    {
        if (depth > MaxDepth)
            throw new PdfFormatException("Objects are nested too deep.");
        _at.SkipSpace();
        Bound();
        switch (_at.Peek())
        {
            case '/':
                _at.Position++;
                return new PdfName(ReadName());
            case '(':
                return ReadLiteral();
            case '[':
                _at.Position++;
                return ReadArray(depth);
            case '<':
                _at.Position++;
                if (_at.Peek() != '<')
                    return ReadHexadecimal();
                _at.Position++;
                return ReadDictionary(depth);
            default:
                return ReadNumberOrReference();
        }
    }

    private void Bound()
    {
        if (_at.Position > _limit)
            throw new PdfFormatException("An object is too long.");
    }

    private PdfArray ReadArray(int depth)
    {
        var items = new List<PdfValue>();
        while (true)
        {
            _at.SkipSpace();
            if (_at.Peek() == ']')
            {
                _at.Position++;
                return new PdfArray(items);
            }
            items.Add(ReadValue(depth + 1));
        }
    }

    private PdfDictionary ReadDictionary(int depth)
    {
        var entries = new Dictionary<string, PdfValue>(StringComparer.Ordinal);
        while (true)
        {
            _at.SkipSpace();
            var c = _at.Next();
            if (c == '>' && _at.Next() == '>')
                return new PdfDictionary(entries);
            // Two programs could choose different ones of two entries with one name.
            if (c != '/' || !entries.TryAdd(ReadName(), ReadValue(depth + 1)))
                throw new PdfFormatException($"A dictionary is broken at byte {_at.Position}.");
        }
    }

    private string ReadName()
    {
        var name = new StringBuilder();
        for (var c = _at.Peek(); c >= 0; c = _at.Peek())
        {
            if (PdfCursor.IsSpace(c) || PdfCursor.IsDelimiter(c))
                break;
            _at.Position++;
            if (c == '#')
                c = (Hex(_at.Next()) << 4) | Hex(_at.Next());
            name.Append((char)c);
            Bound();
        }
        return name.ToString();
    }

    private static int Hex(int c) =>
        c >= 0 && char.IsAsciiHexDigit((char)c)
            ? Convert.ToInt32(((char)c).ToString(), 16)
            : throw new PdfFormatException("A hexadecimal digit is missing.");

    private PdfText ReadHexadecimal()
    {
        var start = _at.Position - 1;
        var text = new StringBuilder();
        var high = -1;
        while (true)
        {
            var c = _at.Next();
            Bound();
            if (c == '>')
                break;
            if (PdfCursor.IsSpace(c))
                continue;
            var digit = Hex(c);
            if (high < 0)
            {
                high = digit;
                continue;
            }
            text.Append((char)((high << 4) | digit));
            high = -1;
        }
        if (high >= 0)
            text.Append((char)(high << 4));
        return Text(text, start);
    }

    private PdfText ReadLiteral()
    {
        var start = _at.Position;
        var text = new StringBuilder();
        var open = 0;
        while (true)
        {
            var c = _at.Next();
            Bound();
            switch (c)
            {
                case < 0:
                    throw new PdfFormatException("A string does not end.");
                case '\\':
                    ReadEscape(text);
                    continue;
                case '(':
                    open++;
                    break;
                case ')':
                    open--;
                    break;
            }
            if (open == 0)
                return Text(text, start);
            // The delimiters of the whole are no part of it.
            if (c != '(' || open > 1)
                text.Append((char)c);
        }
    }

    /// <summary>Places inside an unpacked stream are no places in the file.</summary>
    private PdfText Text(StringBuilder text, long start) =>
        inFile
            ? new PdfText(text.ToString(), start, _at.Position)
            : new PdfText(text.ToString(), -1, -1);

    private void ReadEscape(StringBuilder text)
    {
        var c = _at.Next();
        switch (c)
        {
            case '\r':
                if (_at.Peek() == '\n')
                    _at.Position++;
                break;
            case '\n':
                break;
            case >= '0' and <= '7':
                var value = c - '0';
                for (var i = 0; i < 2 && _at.Peek() is >= '0' and <= '7'; i++)
                    value = value * 8 + (_at.Next() - '0');
                text.Append((char)(value & 0xFF));
                break;
            default:
                text.Append(
                    c switch
                    {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'b' => '\b',
                        'f' => '\f',
                        < 0 => throw new PdfFormatException("A string does not end."),
                        _ => (char)c,
                    }
                );
                break;
        }
    }

    private PdfValue ReadNumberOrReference()
    {
        var word = new PdfWord(ReadWord());
        if (word.Text.Length == 0)
            throw new PdfFormatException($"No value at byte {_at.Position}.");
        if (word.Integer is not (>= 0 and <= int.MaxValue and var number))
            return word;
        var after = _at.Position;
        _at.SkipSpace();
        if (
            _at.Peek() is >= '0' and <= '9'
            && int.TryParse(
                ReadWord(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var generation
            )
            && ReadWord() == "R"
        )
            return new PdfReference((int)number, generation);
        _at.Position = after;
        return word;
    }
}
