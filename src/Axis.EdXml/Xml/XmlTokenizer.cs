namespace Axis.EdXml.Xml;

/// <summary>A push tokenizer for namespaced, DTD-free XML 1.0 in UTF-8.</summary>
public sealed class XmlTokenizer
{
    public XmlTokenizer(IXmlSink sink) => throw new NotSupportedException();

    public void Feed(ReadOnlySpan<byte> bytes) => throw new NotSupportedException();

    public void Complete() => throw new NotSupportedException();
}
