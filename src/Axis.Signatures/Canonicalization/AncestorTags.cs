using System.Buffers;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>
/// The start tags under which a Signature stands: edXML, edXMLEnvelope and edXMLHeader. Of each depth the tag that began
/// last is kept: while an element is open, that is its own and those of the elements around it, whatever stood before.
/// </summary>
internal sealed class AncestorTags
{
    private readonly ArrayBufferWriter<byte>[] _tags = [new(), new(), new()];

    public void StartElement(in XmlStartTag tag)
    {
        if (tag.Depth > _tags.Length)
            return;
        var kept = _tags[tag.Depth - 1];
        kept.ResetWrittenCount();
        kept.Write(tag.Raw);
    }

    /// <summary>One after the other, from the root on.</summary>
    public byte[] ToBytes() =>
        [.. _tags[0].WrittenSpan, .. _tags[1].WrittenSpan, .. _tags[2].WrittenSpan];
}
