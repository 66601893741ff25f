namespace Axis.Signatures;

/// <summary>A place in a file from which bytes are taken one after the other.</summary>
internal sealed class PdfCursor(Stream file, long position)
{
    private readonly byte[] _piece = new byte[4096];
    private long _pieceStart = -1;
    private int _pieceLength;

    public long Position { get; set; } = position;

    /// <summary>The byte here; -1 at the end of the file.</summary>
    public int Peek()
    {
        var index = Position - _pieceStart;
        if (_pieceStart < 0 || index < 0 || index >= _pieceLength)
        {
            if (Position < 0 || Position >= file.Length)
                return -1;
            file.Position = Position;
            _pieceStart = Position;
            _pieceLength = file.ReadAtLeast(_piece, _piece.Length, throwOnEndOfStream: false);
            index = 0;
            if (_pieceLength == 0)
                return -1;
        }
        return _piece[index];
    }

    public int Next()
    {
        var value = Peek();
        if (value >= 0)
            Position++;
        return value;
    }

    /// <summary>Passes over white space and comments (ISO 32000-2 section 7.2).</summary>
    public void SkipSpace()
    {
        for (var c = Peek(); c >= 0; c = Peek())
        {
            if (c == '%')
            {
                while (Peek() is not (-1 or '\r' or '\n'))
                    Position++;
            }
            else if (IsSpace(c))
            {
                Position++;
            }
            else
            {
                return;
            }
        }
    }

    public static bool IsSpace(int c) => c is 0 or '\t' or '\n' or '\f' or '\r' or ' ';

    public static bool IsDelimiter(int c) =>
        c is '(' or ')' or '<' or '>' or '[' or ']' or '{' or '}' or '/' or '%';
}
