using System.Buffers.Text;

namespace Axis.Signatures;

/// <summary>The byte range of a PDF signature (ISO 32000-2 section 12.8.1): two runs with the signature value between them.</summary>
internal sealed record PdfByteRange(
    long FirstStart,
    long FirstLength,
    long SecondStart,
    long SecondLength
)
{
    /// <summary>No array of four numbers is longer.</summary>
    public const int MaxLength = 256;

    public long GapStart => FirstStart + FirstLength;
    public long GapLength => SecondStart - GapStart;
    public long End => SecondStart + SecondLength;

    /// <summary>Reads the array that follows the name ByteRange; null when it is none.</summary>
    public static PdfByteRange? Read(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(PdfWhiteSpace);
        if (text.IsEmpty || text[0] != (byte)'[')
            return null;
        text = text[1..];
        Span<long> numbers = stackalloc long[4];
        for (var i = 0; i < 4; i++)
        {
            text = text.TrimStart(PdfWhiteSpace);
            // Signs are refused: nothing here is negative.
            if (text.IsEmpty || text[0] is < (byte)'0' or > (byte)'9')
                return null;
            if (!Utf8Parser.TryParse(text, out numbers[i], out var used))
                return null;
            text = text[used..];
        }
        text = text.TrimStart(PdfWhiteSpace);
        return !text.IsEmpty && text[0] == (byte)']'
            ? new PdfByteRange(numbers[0], numbers[1], numbers[2], numbers[3])
            : null;
    }

    public static ReadOnlySpan<byte> PdfWhiteSpace => " \t\r\n\f\0"u8;
}
