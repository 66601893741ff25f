using System.Runtime.InteropServices;

namespace Axis.Signatures;

/// <summary>Where an object is: at a place in the file, or as part of a compressed stream. Neither: it was freed.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PdfPlace(long Offset, int Container)
{
    public static PdfPlace Free => new(-1, 0);
    public bool IsFree => Offset < 0 && Container == 0;
}

/// <summary>
/// The cross-references of a file, tables and streams alike, from the newest on back (ISO 32000-2 sections 7.5.4 to
/// 7.5.8).
/// </summary>
internal sealed class PdfCrossReference
{
    private const int MaxSections = 256;

    /// <summary>More objects are not compared.</summary>
    private const int MaxObjects = 200_000;

    private readonly Stream _file;
    private readonly PdfStreams _streams;
    private readonly PdfParser _parser;
    private readonly Dictionary<int, PdfPlace> _places = [];

    private PdfCrossReference(Stream file, PdfStreams streams)
    {
        _file = file;
        _streams = streams;
        _parser = new PdfParser(file);
    }

    public IReadOnlyDictionary<int, PdfPlace> Places => _places;

    /// <summary>The newest trailer.</summary>
    public PdfDictionary Trailer { get; private set; } = new(new Dictionary<string, PdfValue>());

    /// <summary>Where the first section lies that was not read because it stands before the boundary; null when there is none.</summary>
    public long? Continues { get; private set; }

    /// <summary>Reads sections from one on back, as long as they stand at or behind a boundary.</summary>
    /// <exception cref="PdfFormatException">They cannot be read, or not within the limits.</exception>
    public static PdfCrossReference Read(
        Stream file,
        PdfStreams streams,
        long start,
        long boundary = 0
    )
    {
        var result = new PdfCrossReference(file, streams);
        var seen = new HashSet<long>();
        for (long? section = start; section is { } offset; )
        {
            if (offset < boundary)
            {
                result.Continues = offset;
                return result;
            }
            if (!seen.Add(offset) || seen.Count > MaxSections)
                throw new PdfFormatException("The cross-references lead in a circle or are many.");
            var trailer = result.ReadSection(offset);
            if (seen.Count == 1)
                result.Trailer = trailer;
            section = trailer.Integer("Prev");
        }
        return result;
    }

    /// <summary>The number behind the last "startxref" before a byte: where the newest section of that revision is.</summary>
    public static long FindStart(Stream file, long end)
    {
        var tail = new byte[(int)Math.Min(1024, end)];
        file.Position = end - tail.Length;
        file.ReadExactly(tail);
        var at = tail.AsSpan().LastIndexOf("startxref"u8);
        if (at < 0)
            throw new PdfFormatException("A revision does not end with startxref.");
        var parser = new PdfParser(file);
        parser.Start(end - tail.Length + at);
        parser.Expect("startxref");
        return parser.ReadInteger();
    }

    private PdfDictionary ReadSection(long offset)
    {
        _parser.Start(offset);
        if (_parser.ReadWord() != "xref")
            return ReadStream(offset);
        for (var word = _parser.ReadWord(); word != "trailer"; word = _parser.ReadWord())
        {
            if (!int.TryParse(word, out var first) || first < 0)
                throw new PdfFormatException("A cross-reference table is broken.");
            var count = _parser.ReadInteger();
            for (var i = 0; i < count; i++)
            {
                var place = _parser.ReadInteger();
                _parser.ReadInteger();
                var inUse = _parser.ReadWord() == "n";
                Add(first + i, inUse ? new PdfPlace(place, 0) : PdfPlace.Free);
            }
        }
        if (_parser.ReadDirect(_parser.Position) is not PdfDictionary trailer)
            throw new PdfFormatException("A cross-reference table has no trailer.");
        if (trailer.Integer("XRefStm") is { } hybrid)
            ReadStream(hybrid);
        return trailer;
    }

    private PdfDictionary ReadStream(long offset)
    {
        if (
            _parser.ReadIndirect(offset, null) is not PdfDictionary stream
            || stream.Name("Type") != "XRef"
            || stream.Get("W") is not PdfArray { Items: [PdfWord a, PdfWord b, PdfWord c] }
        )
            throw new PdfFormatException($"No cross-reference at byte {offset}.");
        int[] widths = [Width(a), Width(b), Width(c)];
        var bytes = _streams.Unpack(stream);
        var at = 0;
        foreach (var (first, count) in Subsections(stream))
        {
            for (var i = 0; i < count; i++)
            {
                if (widths.Sum() == 0 || at + widths.Sum() > bytes.Length)
                    throw new PdfFormatException("A cross-reference stream is too short.");
                var type = widths[0] == 0 ? 1 : Field(bytes, ref at, widths[0]);
                var second = Field(bytes, ref at, widths[1]);
                Field(bytes, ref at, widths[2]);
                Add(
                    first + i,
                    type switch
                    {
                        1 => new PdfPlace(second, 0),
                        2 when second is > 0 and < int.MaxValue => new PdfPlace(-1, (int)second),
                        _ => PdfPlace.Free,
                    }
                );
            }
        }
        return stream;
    }

    private static int Width(PdfWord width) =>
        width.Integer is >= 0 and <= 7 and var value
            ? (int)value
            : throw new PdfFormatException("A cross-reference stream has an unusual width.");

    private static long Field(byte[] bytes, ref int at, int width)
    {
        long value = 0;
        for (var i = 0; i < width; i++)
            value = (value << 8) | bytes[at++];
        return value;
    }

    private static IEnumerable<(int First, int Count)> Subsections(PdfDictionary stream)
    {
        var index = stream.Get("Index") is PdfArray array
            ? array.Items.Select(item => (item as PdfWord)?.Integer ?? -1).ToList()
            : [0, stream.Integer("Size") ?? -1];
        if (index.Count % 2 != 0 || index.Exists(number => number is < 0 or > int.MaxValue / 2))
            throw new PdfFormatException("A cross-reference stream has a broken index.");
        for (var i = 0; i < index.Count; i += 2)
            yield return ((int)index[i], (int)index[i + 1]);
    }

    /// <summary>Newer sections come first: what they say stays.</summary>
    private void Add(int number, PdfPlace place)
    {
        _streams.Budget.Listed();
        if (place.Offset >= _file.Length)
            throw new PdfFormatException($"Object {number} lies outside the file.");
        if (_places.TryAdd(number, place) && _places.Count > MaxObjects)
            throw new PdfFormatException($"There are more than {MaxObjects} objects.");
    }
}
