using System.Buffers;
using System.Text;
using Axis.EdXml.Xml;

namespace Axis.EdXml;

/// <summary>Turns the events of one pass into the tree of elements, the facts of attachments and the place of signatures.</summary>
internal sealed class PackageCapture : IXmlSink, IDisposable
{
    private static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    private readonly ReadLimits _limits;
    private readonly AttachmentProbe _probe;
    private byte[]? _text;
    private int _textLength;
    private bool _textTooLong;
    private int _current;

    /// <summary>Values with elements in their midst, by node, until the node ends. Joined once, or each piece would copy all before it.</summary>
    private Dictionary<int, BrokenValue>? _broken;

    /// <summary>Depth of the opaque element being passed over, 0 when none is.</summary>
    private int _opaqueDepth;
    private int _signatureDepth;
    private bool _stopped;
    private long _dataBytes;
    private int _recipients;
    private int _attachments;
    private int _dataNode = -1;
    private long _dataStart;

    internal PackageCapture(ReadLimits limits)
    {
        _limits = limits;
        _probe = new AttachmentProbe(limits.AttachmentDetail);
    }

    internal bool Stopped => _stopped;

    /// <summary>The element that was open last.</summary>
    internal int Current => _current;

    internal PackageTree Tree { get; } = new();

    /// <summary>What was noticed, by node: paths are made when the tree is complete.</summary>
    internal List<(Rule Rule, int Node, string? Value, string? Expected)> Noted { get; } = [];

    /// <summary>Data of attachments by the node of their data element.</summary>
    internal List<(int Node, AttachmentData Data)> Data { get; } = [];
    internal EnvelopeForm Form { get; private set; }
    internal NamespaceVariants Namespaces { get; private set; }
    internal int SignatureCount { get; private set; }
    internal long SignatureStart { get; private set; } = -1;
    internal long SignatureEnd { get; private set; } = -1;
    internal bool SignatureInHeader { get; private set; }
    internal long HeaderEnd { get; private set; } = -1;
    internal long TraceEnd { get; private set; } = -1;
    internal string TracePrefix { get; private set; } = "";

    public void StartElement(in XmlStartTag tag)
    {
        if (_stopped)
            return;
        if (tag.Depth > 1 && tag.LocalName.SequenceEqual("Signature"u8))
            StartSignature(tag);
        if (_opaqueDepth > 0)
            return;
        FlushText();
        if (Exceeds(tag))
            return;
        var position = tag.Position;

        var known = KnownNamespaces.Identify(tag.Namespace);
        Namespaces |= known;
        ref var parent = ref Tree[_current];
        var spec = known == NamespaceVariants.Foreign ? null : parent.Spec?.Child(tag.LocalName);
        if (tag.Depth == 1)
            spec = RecogniseRoot(tag, known, spec);
        object key = spec ?? (object)Encoding.UTF8.GetString(tag.LocalName);
        _current = Tree.Add(key, _current, position.Line, position.Column);
        if (spec is not null)
            StartKnown(tag, spec);
    }

    private void StartKnown(in XmlStartTag tag, ElementSpec spec)
    {
        switch (spec.Name)
        {
            case "edXMLEnvelope" when Form is EnvelopeForm.Standard && tag.Prefix.IsEmpty:
                Form = EnvelopeForm.Unprefixed;
                break;
            case "To" when ++_recipients > _limits.MaxRecipients:
                Stop(Rules.TooManyRecipients, _limits.MaxRecipients);
                break;
            case "Reference":
                Tree[_current].Text = Href(tag);
                break;
            case "Attachment" when ++_attachments > _limits.MaxAttachments:
                Stop(Rules.TooManyAttachments, _limits.MaxAttachments);
                break;
        }
        if (spec.Kind == ValueKind.Data)
        {
            _dataNode = _current;
            _dataStart = tag.End;
            _probe.Begin();
        }
    }

    /// <summary>Older producers name the attachment in xlink:href; the reference's own node keeps it.</summary>
    private static string? Href(in XmlStartTag tag)
    {
        for (var i = 0; i < tag.AttributeCount; i++)
        {
            var attribute = tag.GetAttribute(i);
            if (attribute.LocalName.SequenceEqual("href"u8) && !attribute.RawValue.IsEmpty)
                return XmlText.DecodeAttribute(attribute.RawValue);
        }
        return null;
    }

    /// <summary>An unknown root still gives a tree, so that findings can name it; only its kind stays open.</summary>
    private ElementSpec? RecogniseRoot(
        in XmlStartTag tag,
        NamespaceVariants known,
        ElementSpec? spec
    )
    {
        Form = (spec?.Name, known) switch
        {
            ("edXML", NamespaceVariants.Standard or NamespaceVariants.Colon) =>
                EnvelopeForm.Standard,
            ("Envelope", NamespaceVariants.Soap) => EnvelopeForm.Soap2803,
            ("EdXMLEnvelope", NamespaceVariants.GoVn) => EnvelopeForm.FlatGoVn,
            _ => EnvelopeForm.Unknown,
        };
        // The flat form is seen with several spellings of its root.
        if (
            known == NamespaceVariants.GoVn
            && System.Text.Ascii.EqualsIgnoreCase(tag.LocalName, "EdXMLEnvelope"u8)
        )
        {
            Form = EnvelopeForm.FlatGoVn;
            return Tree[0].Spec!.Child("EdXMLEnvelope"u8);
        }
        if (Form == EnvelopeForm.Unknown)
        {
            var name = Encoding.UTF8.GetString(tag.LocalName);
            var value = tag.Namespace.IsEmpty
                ? name
                : $"{name} ({Encoding.UTF8.GetString(tag.Namespace)})";
            // The root is the next node.
            Noted.Add((Rules.UnrecognisedRoot, Tree.Count, value, KnownNamespaces.Standard));
        }
        return spec;
    }

    /// <summary>A signature is located, not read.</summary>
    private void StartSignature(in XmlStartTag tag)
    {
        SignatureCount++;
        if (SignatureStart < 0)
        {
            SignatureStart = tag.Start;
            SignatureInHeader = Tree[_current].Spec?.Name is "edXMLHeader" or "Header";
            _signatureDepth = tag.Depth;
        }
        if (_opaqueDepth > 0)
            return;
        FlushText();
        _opaqueDepth = tag.Depth;
    }

    public void EndElement(in XmlEndTag tag)
    {
        if (_stopped)
            return;
        if (_signatureDepth == tag.Depth)
        {
            _signatureDepth = 0;
            SignatureEnd = tag.End;
        }
        if (_opaqueDepth > 0)
        {
            if (_opaqueDepth == tag.Depth)
                _opaqueDepth = 0;
            return;
        }
        if (_dataNode == _current && _current > 0)
        {
            EndData(tag);
        }
        else
        {
            FlushText();
        }
        ref var node = ref Tree[_current];
        node.End = Tree.Count;
        if (_broken is not null && _broken.Remove(_current, out var broken))
            node.Text = broken.Text.ToString();
        if (node.Spec is { IsLeaf: false } spec && !tag.Raw.IsEmpty)
            NotePlaces(tag, spec);
        _current = node.Parent;
    }

    private void NotePlaces(in XmlEndTag tag, ElementSpec spec)
    {
        if (spec.Name is "edXMLHeader" or "Header" && HeaderEnd < 0)
        {
            HeaderEnd = tag.Start;
        }
        else if (spec.Name == "TraceHeaderList" && TraceEnd < 0)
        {
            TraceEnd = tag.Start;
            var prefixLength = tag.Name.Length - tag.LocalName.Length - 1;
            TracePrefix = prefixLength > 0 ? Encoding.UTF8.GetString(tag.Name[..prefixLength]) : "";
        }
    }

    private void EndData(in XmlEndTag tag)
    {
        var data = _probe.End(_dataStart, tag.Start);
        _dataBytes += data.End - data.Start;
        Data.Add((_current, data));
        _dataNode = -1;
    }

    public void Text(ReadOnlySpan<byte> raw)
    {
        if (_stopped || _opaqueDepth > 0)
            return;
        if (_dataNode == _current && _current > 0)
        {
            _probe.Append(raw);
            return;
        }
        if (_textLength == 0)
        {
            raw = raw.TrimStart(Blanks);
            if (raw.IsEmpty)
                return;
        }
        AppendText(raw);
    }

    public void CData(ReadOnlySpan<byte> raw, bool last)
    {
        if (_stopped || _opaqueDepth > 0)
            return;
        if (_dataNode == _current && _current > 0)
        {
            _probe.Append(raw);
            return;
        }
        // Collected text is decoded later; an ampersand of a CDATA section must survive that.
        while (!raw.IsEmpty)
        {
            var stop = raw.IndexOf((byte)'&');
            AppendText(stop < 0 ? raw : raw[..stop]);
            if (stop < 0)
                break;
            AppendText("&amp;"u8);
            raw = raw[(stop + 1)..];
        }
    }

    public void Comment(ReadOnlySpan<byte> raw, bool last) { }

    public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data) { }

    private void AppendText(ReadOnlySpan<byte> raw)
    {
        if (_textLength + raw.Length > _limits.MaxValueBytes)
        {
            _textTooLong = true;
            return;
        }
        if (_text is null || _textLength + raw.Length > _text.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(
                Math.Max(1024, (_textLength + raw.Length) * 2)
            );
            if (_text is not null)
            {
                _text.AsSpan(0, _textLength).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_text);
            }
            _text = larger;
        }
        raw.CopyTo(_text.AsSpan(_textLength));
        _textLength += raw.Length;
    }

    /// <summary>Gives the collected text to the current element; text between elements of a group is reported, not lost.</summary>
    private void FlushText()
    {
        if (_textTooLong)
        {
            Note(Rules.ValueTooLong, null, _limits.MaxValueBytes.ToString());
            _textTooLong = false;
            _textLength = 0;
            return;
        }
        if (_textLength == 0)
            return;
        var raw = _text.AsSpan(0, _textLength);
        _textLength = 0;
        var text = XmlText.Decode(((ReadOnlySpan<byte>)raw).TrimEnd(Blanks)).Trim();
        if (text.Length == 0)
            return;
        ref var node = ref Tree[_current];
        if (node.Spec is { IsLeaf: false })
            Note(Rules.StrayText, text, null);
        else if (node.Text is null)
            node.Text = text;
        else
            Continue(node.Text, text);
    }

    /// <summary>A value goes on behind an element that stands in it; its limit is that of the whole.</summary>
    private void Continue(string first, string more)
    {
        _broken ??= [];
        if (!_broken.TryGetValue(_current, out var value))
            _broken[_current] = value = new BrokenValue(first);
        if (value.IsTooLong)
            return;
        value.Append(more);
        value.IsTooLong = value.Bytes > _limits.MaxValueBytes;
        if (value.IsTooLong)
            Note(Rules.ValueTooLong, null, _limits.MaxValueBytes.ToString());
    }

    private bool Exceeds(in XmlStartTag tag)
    {
        if (Tree.Count > _limits.MaxHeaderElements)
            Stop(Rules.TooManyElements, _limits.MaxHeaderElements);
        else if (tag.End - _dataBytes > _limits.MaxHeaderBytes)
            Stop(Rules.HeaderTooLarge, _limits.MaxHeaderBytes);
        return _stopped;
    }

    private void Stop(Rule rule, int limit)
    {
        Note(rule, null, limit.ToString());
        _stopped = true;
    }

    private void Note(Rule rule, string? value, string? expected)
    {
        // Only stray text can come by the thousand; what stops the reader is never dropped.
        if (rule != Rules.StrayText || Noted.Count < PackageRules.MaxFindings)
            Noted.Add((rule, _current, Finding.Shorten(value), expected));
    }

    public void Dispose()
    {
        _probe.Dispose();
        if (_text is not null)
            ArrayPool<byte>.Shared.Return(_text);
        _text = null;
    }

    private sealed class BrokenValue(string first)
    {
        public StringBuilder Text { get; } = new(first);
        public int Bytes { get; private set; } = Encoding.UTF8.GetByteCount(first);
        public bool IsTooLong { get; set; }

        public void Append(string more)
        {
            Text.Append(more);
            Bytes += Encoding.UTF8.GetByteCount(more);
        }
    }
}
