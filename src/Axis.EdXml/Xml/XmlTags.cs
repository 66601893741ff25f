namespace Axis.EdXml.Xml;

/// <summary>A start tag. An empty element gives a start and an end.</summary>
public readonly ref struct XmlStartTag
{
    private readonly XmlTokenizer _tokenizer;
    private readonly ReadOnlySpan<byte> _before;
    private readonly int _prefixLength;
    private readonly int _nameLength;

    internal XmlStartTag(
        XmlTokenizer tokenizer,
        ReadOnlySpan<byte> raw,
        ReadOnlySpan<byte> before,
        int nameLength,
        int prefixLength,
        ReadOnlySpan<byte> elementNamespace,
        long start
    )
    {
        _tokenizer = tokenizer;
        _before = before;
        _nameLength = nameLength;
        _prefixLength = prefixLength;
        Raw = raw;
        Namespace = elementNamespace;
        Start = start;
    }

    /// <summary>From &lt; to &gt;, as in the package.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>The namespace name, references resolved; empty for none.</summary>
    public ReadOnlySpan<byte> Namespace { get; }
    public ReadOnlySpan<byte> Name => Raw.Slice(1, _nameLength);
    public ReadOnlySpan<byte> Prefix => Raw.Slice(1, _prefixLength);
    public ReadOnlySpan<byte> LocalName => XmlTokenizer.Local(Name, _prefixLength);
    public bool IsEmptyElement => Raw[^2] == (byte)'/';

    /// <summary>1 for the root.</summary>
    public int Depth => _tokenizer.Depth;

    /// <summary>Byte offset of &lt;.</summary>
    public long Start { get; }

    /// <summary>Byte offset after &gt;.</summary>
    public long End => Start + Raw.Length;

    /// <summary>Line and column of &lt;, worked out on demand.</summary>
    public XmlPosition Position => _tokenizer.PositionOf(_before, Start);

    /// <summary>Number of attributes, namespace declarations included.</summary>
    public int AttributeCount => _tokenizer.AttributeCount;

    /// <summary>The attribute at <paramref name="index"/>, in the order of the tag.</summary>
    public XmlAttribute GetAttribute(int index) => _tokenizer.GetAttribute(Raw, index);
}

/// <summary>An attribute or namespace declaration.</summary>
public readonly ref struct XmlAttribute
{
    public ReadOnlySpan<byte> Name { get; internal init; }
    public ReadOnlySpan<byte> Prefix { get; internal init; }
    public ReadOnlySpan<byte> LocalName { get; internal init; }

    /// <summary>The namespace name, empty for none: an attribute without prefix is in no namespace.</summary>
    public ReadOnlySpan<byte> Namespace { get; internal init; }

    /// <summary>As written between the quotes; see <see cref="XmlText.DecodeAttribute"/>.</summary>
    public ReadOnlySpan<byte> RawValue { get; internal init; }

    /// <summary>xmlns or xmlns:prefix.</summary>
    public bool IsNamespaceDeclaration { get; internal init; }
}

/// <summary>An end tag, or the end of an empty element (then <see cref="Raw"/> is empty).</summary>
public readonly ref struct XmlEndTag
{
    internal XmlEndTag(
        ReadOnlySpan<byte> raw,
        ReadOnlySpan<byte> name,
        int prefixLength,
        int depth,
        long start
    )
    {
        Raw = raw;
        Name = name;
        LocalName = XmlTokenizer.Local(name, prefixLength);
        Depth = depth;
        Start = start;
    }

    public ReadOnlySpan<byte> Raw { get; }
    public ReadOnlySpan<byte> Name { get; }
    public ReadOnlySpan<byte> LocalName { get; }

    /// <summary>The same as that of the start tag.</summary>
    public int Depth { get; }

    /// <summary>Byte offset of the end tag; for an empty element, of the byte after it.</summary>
    public long Start { get; }
    public long End => Start + Raw.Length;
}
