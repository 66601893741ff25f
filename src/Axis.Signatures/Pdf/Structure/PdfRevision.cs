namespace Axis.Signatures;

/// <summary>The objects of a file as one of its revisions has them.</summary>
internal sealed class PdfRevision(Stream file, PdfStreams streams, Func<int, PdfPlace?> find)
{
    private readonly PdfParser _parser = new(file);

    /// <summary>The compressed stream unpacked last; objects that are read in its order cost it once.</summary>
    private (int Number, Dictionary<int, long> Places, MemoryStream Bytes)? _container;

    /// <summary>An object; null when it does not exist or was freed.</summary>
    /// <exception cref="PdfFormatException">It cannot be read.</exception>
    public PdfValue? Read(int number)
    {
        if (find(number) is not { IsFree: false } place)
            return null;
        if (place.Container > 0)
            return ReadCompressed(number, place.Container);
        var value = _parser.ReadIndirect(place.Offset, number);
        streams.Budget.Parsed(_parser.Position - place.Offset);
        return value;
    }

    /// <summary>What a value stands for: itself, or the object that it refers to.</summary>
    public PdfValue? Resolve(PdfValue? value) =>
        value is PdfReference reference ? Read(reference.Number) : value;

    private PdfValue ReadCompressed(int number, int container)
    {
        if (_container?.Number != container)
            _container = Unpack(container);
        var (_, places, bytes) = _container.Value;
        if (!places.TryGetValue(number, out var offset))
            throw new PdfFormatException($"Object {number} is not in its stream {container}.");
        var parser = new PdfParser(bytes, inFile: false);
        var value = parser.ReadDirect(offset);
        streams.Budget.Parsed(parser.Position - offset);
        return value;
    }

    private (int, Dictionary<int, long>, MemoryStream) Unpack(int container)
    {
        if (
            find(container) is not { Offset: >= 0 } place
            || _parser.ReadIndirect(place.Offset, container) is not PdfDictionary stream
            || stream.Name("Type") != "ObjStm"
            || stream.Integer("First") is not (>= 0 and var first)
            || stream.Integer("N") is not (>= 0 and var count)
        )
            throw new PdfFormatException($"Object {container} is no stream of objects.");
        var bytes = new MemoryStream(streams.Unpack(stream));
        var parser = new PdfParser(bytes, inFile: false);
        var places = new Dictionary<int, long>();
        if (count > 0)
            parser.Start(0);
        for (var i = 0; i < count; i++)
        {
            streams.Budget.Listed();
            var number = parser.ReadInteger();
            var offset = first + parser.ReadInteger();
            if (number > int.MaxValue || !places.TryAdd((int)number, offset))
                throw new PdfFormatException($"The stream of objects {container} is broken.");
        }
        return (container, places, bytes);
    }
}
