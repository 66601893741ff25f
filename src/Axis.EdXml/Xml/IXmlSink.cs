namespace Axis.EdXml.Xml;

/// <summary>Receives the events of <see cref="XmlTokenizer"/>. Spans are valid only during the call. After an error no further event comes.</summary>
public interface IXmlSink
{
    void StartElement(in XmlStartTag tag);

    void EndElement(in XmlEndTag tag);

    /// <summary>Raw character data, possibly in several pieces; no piece splits a UTF-8 sequence or a reference (a CR LF pair may be split). References stand as written.</summary>
    void Text(ReadOnlySpan<byte> raw);

    /// <summary>The content of a CDATA section, possibly in several pieces.</summary>
    /// <param name="raw">The next piece.</param>
    /// <param name="last">True once per section, with an empty piece: adjacent sections are told apart.</param>
    void CData(ReadOnlySpan<byte> raw, bool last);

    /// <summary>Content of a comment, possibly in several pieces.</summary>
    /// <param name="raw">The next piece.</param>
    /// <param name="last">True once per comment, with an empty piece.</param>
    void Comment(ReadOnlySpan<byte> raw, bool last);

    /// <summary>A processing instruction; the XML declaration is none.</summary>
    void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data);
}
