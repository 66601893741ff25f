using System.Buffers;

namespace Axis.Signatures;

/// <summary>A place in a PDF file where a byte range is written: a signature, or why it is none.</summary>
internal sealed record PdfFound(long Offset, PdfSigned? Signed, SignatureVerdict? Problem);

/// <summary>Finds the signatures of a PDF file by their byte ranges, wherever they stand.</summary>
internal static class PdfSignatureSearch
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Each one costs a pass over the file.</summary>
    private const int MaxSignatures = 32;

    /// <summary>Hex digits of one signature value.</summary>
    private const int MaxValueDigits = 1024 * 1024;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create(
        "0123456789abcdefABCDEF"u8
    );

    private static ReadOnlySpan<byte> Name => "/ByteRange"u8;

    public static List<PdfFound> Find(Stream pdf)
    {
        var found = new List<PdfFound>();
        foreach (var offset in FindRanges(pdf))
        {
            try
            {
                if (found.Count == MaxSignatures)
                    throw TooMany();
                var range = ReadRange(pdf, offset);
                var value = ReadValue(pdf, range);
                found.Add(new PdfFound(offset, PdfSigned.Read(pdf, offset, range, value), null));
            }
            catch (ProfileException e)
            {
                found.Add(new PdfFound(offset, null, e.Verdict));
            }
        }
        return found;
    }

    private static ProfileException TooMany() =>
        ProfileException.Unsupported(
            $"The PDF has more than {MaxSignatures} signatures; the others were not judged.",
            $"Tệp PDF có hơn {MaxSignatures} chữ ký; các chữ ký còn lại không được kiểm tra."
        );

    private static List<long> FindRanges(Stream pdf)
    {
        var found = new List<long>();
        var piece = new byte[PieceBytes];
        var kept = 0;
        pdf.Position = 0;
        // One more than is judged, so that the verdicts can say that there are more.
        const int enough = MaxSignatures + 1;
        for (long start = 0; ; )
        {
            var length = pdf.ReadAtLeast(piece.AsSpan(kept), 1, throwOnEndOfStream: false);
            if (length == 0 || found.Count == enough)
                return found;
            var bytes = piece.AsSpan(0, kept + length);
            var at = 0;
            for (var next = bytes.IndexOf(Name); next >= 0; next = bytes[at..].IndexOf(Name))
            {
                at += next + Name.Length;
                if (found.Count < enough)
                    found.Add(start + at - Name.Length);
            }
            kept = Math.Min(Name.Length - 1, bytes.Length - at);
            start += bytes.Length - kept;
            bytes[^kept..].CopyTo(piece);
        }
    }

    private static PdfByteRange ReadRange(Stream pdf, long offset)
    {
        Span<byte> text = stackalloc byte[PdfByteRange.MaxLength];
        pdf.Position = offset + Name.Length;
        text = text[..pdf.ReadAtLeast(text, text.Length, throwOnEndOfStream: false)];
        var range = PdfByteRange.Read(text);
        // The first run starts with the file, and nothing but the value lies between the two.
        var sound =
            range is not null
            && range.FirstStart == 0
            && range.FirstLength is > 0 and < int.MaxValue
            && range.SecondStart < int.MaxValue
            && range.GapLength is > 2 and <= MaxValueDigits
            && range.SecondLength <= pdf.Length - range.SecondStart
            // What states the range must itself be signed.
            && offset < range.End
            && (offset < range.GapStart || offset >= range.SecondStart);
        return sound
            ? range!
            : throw ProfileException.Malformed(
                $"The ByteRange at byte {offset} is not that of a signature of this file.",
                $"ByteRange tại byte {offset} không phải là phạm vi chữ ký của tệp này."
            );
    }

    private static byte[] ReadValue(Stream pdf, PdfByteRange range)
    {
        var gap = new byte[range.GapLength];
        pdf.Position = range.GapStart;
        pdf.ReadExactly(gap);
        var digits = gap.AsSpan(1..^1);
        if (
            gap[0] == (byte)'<'
            && gap[^1] == (byte)'>'
            && digits.Length % 2 == 0
            && !digits.ContainsAnyExcept(HexDigits)
        )
            return Convert.FromHexString(digits);
        throw ProfileException.Malformed(
            "Between the two runs of the ByteRange lies something else than a signature value: it would not be signed.",
            "Giữa hai đoạn của ByteRange có nội dung không phải giá trị chữ ký: phần này không được ký."
        );
    }
}
