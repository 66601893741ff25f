using System.Runtime.InteropServices;

namespace Axis.EdXml.Xml;

/// <summary>Receives the events of <see cref="XmlTokenizer"/>. Spans are valid only during the call.</summary>
public interface IXmlSink
{
    void StartElement(in XmlStartTag tag);

    void EndElement(in XmlEndTag tag);

    /// <summary>Raw character data, possibly in several pieces; never splits a UTF-8 sequence or a reference. References stand as written.</summary>
    void Text(ReadOnlySpan<byte> raw);

    /// <summary>The content of a CDATA section, possibly in several pieces.</summary>
    void CData(ReadOnlySpan<byte> raw);

    /// <summary>The content between the comment's delimiters, whole.</summary>
    void Comment(ReadOnlySpan<byte> raw);

    /// <summary>A processing instruction, not the XML declaration.</summary>
    void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data);
}

/// <summary>A position in the package: byte offset from 0, line and column (in characters) from 1.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct XmlPosition(long Offset, int Line, int Column);

/// <summary>A start tag. An empty element gives a start and an end.</summary>
public readonly ref struct XmlStartTag
{
    /// <summary>From &lt; to &gt;, as in the package.</summary>
    public ReadOnlySpan<byte> Raw { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public ReadOnlySpan<byte> Prefix { get; init; }
    public ReadOnlySpan<byte> LocalName { get; init; }

    /// <summary>The namespace name, decoded; empty for none.</summary>
    public ReadOnlySpan<byte> Namespace { get; init; }
    public bool IsEmptyElement { get; init; }

    /// <summary>1 for the root.</summary>
    public int Depth { get; init; }

    /// <summary>Offset of &lt;.</summary>
    public long Start { get; init; }

    /// <summary>Offset after &gt;.</summary>
    public long End { get; init; }
    public int AttributeCount { get; init; }
}

/// <summary>An end tag, or the end of an empty element (then <see cref="Raw"/> is empty).</summary>
public readonly ref struct XmlEndTag
{
    public ReadOnlySpan<byte> Raw { get; init; }
    public ReadOnlySpan<byte> Name { get; init; }
    public ReadOnlySpan<byte> LocalName { get; init; }
    public int Depth { get; init; }
    public long Start { get; init; }
    public long End { get; init; }
}
