using System.Buffers;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>Writes XML events down as the bytes they came from, so that they can be read again.</summary>
internal sealed class EventRecord : IXmlSink
{
    /// <summary>What is read again was accepted once: only the first reading has limits.</summary>
    private static readonly XmlLimits NoLimits = new()
    {
        MaxDepth = int.MaxValue,
        MaxTagBytes = int.MaxValue,
        MaxAttributes = int.MaxValue,
        MaxNamespaces = int.MaxValue,
    };

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private bool _inSection;
    private int _sectionStart;
    private bool _inComment;

    public int Length => _bytes.WrittenCount;

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Gives the events to a sink, as the beginning of a document that is not complete yet.</summary>
    public void Replay(IXmlSink sink)
    {
        var tokenizer = new XmlTokenizer(sink, NoLimits);
        tokenizer.Feed(_bytes.WrittenSpan);
        // What may begin the end of an unfinished comment or section is held back until it is known what follows.
        if (_inComment && _bytes.WrittenSpan[^1] == (byte)'-')
            sink.Comment("-"u8, last: false);
        if (_inSection)
        {
            var brackets = _bytes.WrittenSpan[_sectionStart..];
            brackets = brackets[(brackets.LastIndexOfAnyExcept((byte)']') + 1)..];
            if (!brackets.IsEmpty)
                sink.CData(brackets[..Math.Min(2, brackets.Length)], last: false);
        }
        if (tokenizer.Failed)
            throw new InvalidOperationException(
                $"The record does not read as the package did: {tokenizer.Error}."
            );
    }

    public void StartElement(in XmlStartTag tag) => Append(tag.Raw);

    public void EndElement(in XmlEndTag tag) => Append(tag.Raw);

    public void Text(ReadOnlySpan<byte> raw) => Append(raw);

    public void CData(ReadOnlySpan<byte> raw, bool last)
    {
        if (!_inSection)
        {
            Append("<![CDATA["u8);
            _sectionStart = _bytes.WrittenCount;
        }
        _inSection = !last;
        _bytes.Write(raw);
        if (last)
            _bytes.Write("]]>"u8);
    }

    public void Comment(ReadOnlySpan<byte> raw, bool last)
    {
        if (!_inComment)
            Append("<!--"u8);
        _inComment = !last;
        _bytes.Write(raw);
        if (last)
            _bytes.Write("-->"u8);
    }

    public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data)
    {
        Append("<?"u8);
        _bytes.Write(target);
        _bytes.Write(" "u8);
        _bytes.Write(data);
        _bytes.Write("?>"u8);
    }

    public void Append(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);
}
