namespace Axis.Signatures;

/// <summary>The dictionary of a signature (ISO 32000-2 section 12.8.1) in whose midst a byte range was found.</summary>
internal static class PdfSignatureDictionary
{
    /// <summary>How far before the byte range, or before the value, its object may begin.</summary>
    private const int MaxBefore = 64 * 1024;

    /// <summary>Words that look like the start of an object and are none, as in the text of a reason.</summary>
    private const int MaxCandidates = 4;

    /// <summary>
    /// The SubFilter. The dictionary must really be one, directly in the file, hold this byte range, and its Contents
    /// must be exactly what the range leaves out: otherwise something else would be left out.
    /// </summary>
    /// <exception cref="ProfileException">There is no such dictionary.</exception>
    public static string ReadSubFilter(Stream pdf, long offset, PdfByteRange range)
    {
        var from = Math.Min(offset, range.GapStart);
        var before = new byte[(int)Math.Min(MaxBefore, from)];
        pdf.Position = from - before.Length;
        pdf.ReadExactly(before);
        var parser = new PdfParser(pdf);
        var rest = before.AsSpan();
        for (var i = 0; i < MaxCandidates; i++)
        {
            var at = rest.LastIndexOf("obj"u8);
            if (at < 0)
                break;
            rest = rest[..at];
            var start = StartOfNumbers(rest);
            if (start < 0)
                continue;
            try
            {
                if (
                    parser.ReadIndirect(from - before.Length + start, null)
                        is PdfDictionary dictionary
                    && Fits(dictionary, range)
                )
                    return dictionary.Name("SubFilter") ?? "";
            }
            catch (PdfFormatException)
            {
                // Not an object; an earlier word may begin one.
            }
        }
        throw ProfileException.Malformed(
            $"The ByteRange at byte {offset} is not in a signature dictionary whose Contents it leaves out.",
            $"ByteRange tại byte {offset} không nằm trong từ điển chữ ký có Contents ứng với phần được chừa ra."
        );
    }

    private static bool Fits(PdfDictionary dictionary, PdfByteRange range) =>
        dictionary.Get("ByteRange")
            is PdfArray { Items: [PdfWord a, PdfWord b, PdfWord c, PdfWord d] }
        && range
            == new PdfByteRange(a.Integer ?? -1, b.Integer ?? -1, c.Integer ?? -1, d.Integer ?? -1)
        && dictionary.Get("Contents") is PdfText value
        && value.Start == range.GapStart
        && value.End == range.SecondStart;

    /// <summary>Where "N G " begins at the end of the text; -1 when it does not end so.</summary>
    private static int StartOfNumbers(ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < 2; i++)
        {
            var trimmed = text.TrimEnd(PdfByteRange.PdfWhiteSpace);
            var digits = trimmed.TrimEnd("0123456789"u8);
            if (trimmed.Length == text.Length && i > 0 || digits.Length == trimmed.Length)
                return -1;
            if (i == 1)
                return digits.Length;
            text = digits;
        }
        return -1;
    }
}
