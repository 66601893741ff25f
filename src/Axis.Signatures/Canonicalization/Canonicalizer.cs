using System.Text;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>
/// Canonical XML 1.0 and Exclusive Canonical XML 1.0 of a document, or of one element in its context, event by event
/// in constant memory.
/// </summary>
/// <param name="form">Which canonical form.</param>
/// <param name="output">Receives the canonical bytes.</param>
/// <param name="apexDepth">Depth of the element to canonicalise, the first there; 1 for the whole document. Elements above give only context.</param>
internal sealed class Canonicalizer(CanonicalForm form, CanonicalOutput output, int apexDepth = 1)
    : IXmlSink
{
    private readonly CanonicalText _text = new(output);

    /// <summary>What the output has declared so far.</summary>
    private readonly NamespaceStack _rendered = new();

    /// <summary>What is in scope: down to the apex, and everywhere for the exclusive form, which declares late.</summary>
    private readonly NamespaceStack _context = new();

    /// <summary>Inherited attributes of the xml prefix: name and raw value, nearest last.</summary>
    private readonly List<(byte[] Name, byte[] RawValue)> _inherited = [];
    private readonly byte[][] _inclusivePrefixes =
    [
        .. form.InclusivePrefixes.Select(Encoding.UTF8.GetBytes),
    ];
    private int[] _order = new int[8];
    private int _depth;
    private bool _insideApex;
    private bool _apexEnded;
    private bool _inComment;

    public void StartElement(in XmlStartTag tag)
    {
        _text.EndRun();
        _depth = tag.Depth;
        if (form.Exclusive || tag.Depth <= apexDepth)
            NoteNamespaces(tag);
        if (tag.Depth < apexDepth)
        {
            NoteInherited(tag);
            return;
        }
        if (_apexEnded)
            return;
        _insideApex = true;
        output.Write((byte)'<');
        output.Write(tag.Name);
        var first = _rendered.Count;
        if (tag.Depth == apexDepth)
            InheritNamespaces();
        DeclareNamespaces(tag);
        _rendered.SortFrom(first);
        for (var i = first; i < _rendered.Count; i++)
            WriteDeclaration(_rendered.Prefix(i), _rendered.Uri(i));
        WriteAttributes(tag);
        if (tag.Depth == apexDepth && !form.Exclusive)
            WriteInherited();
        output.Write((byte)'>');
    }

    public void EndElement(in XmlEndTag tag)
    {
        _text.EndRun();
        _depth = tag.Depth - 1;
        if (form.Exclusive)
            _context.Leave(tag.Depth);
        if (!_insideApex)
            return;
        output.Write("</"u8);
        output.Write(tag.Name);
        output.Write((byte)'>');
        _rendered.Leave(tag.Depth);
        if (tag.Depth != apexDepth)
            return;
        _insideApex = false;
        _apexEnded = true;
    }

    public void Text(ReadOnlySpan<byte> raw)
    {
        if (_insideApex)
            _text.WriteText(raw);
    }

    public void CData(ReadOnlySpan<byte> raw, bool last)
    {
        if (_insideApex)
            _text.WriteSection(raw);
        // A line feed behind the section is a line end of its own.
        if (last)
            _text.EndRun();
    }

    public void Comment(ReadOnlySpan<byte> raw, bool last)
    {
        if (!form.WithComments || !Covers())
        {
            _text.EndRun();
            return;
        }
        if (!_inComment)
        {
            _text.EndRun();
            StartOutside();
            output.Write("<!--"u8);
        }
        _inComment = !last;
        _text.WriteVerbatim(raw);
        if (!last)
            return;
        output.Write("-->"u8);
        _text.EndRun();
        EndOutside();
    }

    public void ProcessingInstruction(ReadOnlySpan<byte> target, ReadOnlySpan<byte> data)
    {
        _text.EndRun();
        if (!Covers())
            return;
        StartOutside();
        output.Write("<?"u8);
        output.Write(target);
        if (!data.IsEmpty)
        {
            output.Write((byte)' ');
            _text.WriteVerbatim(data);
        }
        output.Write("?>"u8);
        _text.EndRun();
        EndOutside();
    }

    /// <summary>An element was left out here: text before and after it are two runs.</summary>
    public void SkipElement() => _text.EndRun();

    /// <summary>A document's comments and instructions outside the root belong to it.</summary>
    private bool Covers() => _insideApex || apexDepth == 1;

    /// <summary>Outside the root, comments and instructions stand on lines of their own.</summary>
    private void StartOutside()
    {
        if (_depth == 0 && _apexEnded)
            output.Write((byte)'\n');
    }

    private void EndOutside()
    {
        if (_depth == 0 && !_apexEnded)
            output.Write((byte)'\n');
    }

    private void NoteNamespaces(in XmlStartTag tag)
    {
        for (var i = 0; i < tag.AttributeCount; i++)
        {
            var attribute = tag.GetAttribute(i);
            if (attribute.IsNamespaceDeclaration)
                _context.Push(tag.Depth, DeclaredPrefix(attribute), Resolve(attribute.RawValue));
        }
    }

    private void NoteInherited(in XmlStartTag tag)
    {
        for (var i = 0; i < tag.AttributeCount; i++)
        {
            var attribute = tag.GetAttribute(i);
            if (attribute.Prefix.SequenceEqual("xml"u8))
                _inherited.Add((attribute.Name.ToArray(), attribute.RawValue.ToArray()));
        }
    }

    /// <summary>The apex has no parent in the output: inclusive forms give it all that is in scope.</summary>
    private void InheritNamespaces()
    {
        for (var i = 0; i < _context.Count; i++)
        {
            var prefix = _context.Prefix(i);
            if (Inclusive(prefix))
                Render(apexDepth, prefix, _context.Find(prefix));
        }
    }

    private bool Inclusive(ReadOnlySpan<byte> prefix)
    {
        if (!form.Exclusive)
            return true;
        foreach (var listed in _inclusivePrefixes)
        {
            if (prefix.SequenceEqual(listed))
                return true;
        }
        return false;
    }

    private void DeclareNamespaces(in XmlStartTag tag)
    {
        for (var i = 0; i < tag.AttributeCount; i++)
        {
            var attribute = tag.GetAttribute(i);
            if (attribute.IsNamespaceDeclaration)
            {
                var prefix = DeclaredPrefix(attribute);
                if (Inclusive(prefix))
                    Render(tag.Depth, prefix, Resolve(attribute.RawValue));
            }
            else if (form.Exclusive && !attribute.Prefix.IsEmpty)
            {
                Render(tag.Depth, attribute.Prefix, _context.Find(attribute.Prefix));
            }
        }
        if (form.Exclusive)
            Render(tag.Depth, tag.Prefix, _context.Find(tag.Prefix));
    }

    /// <summary>Renders a binding unless the output says the same already.</summary>
    private void Render(int depth, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> uri)
    {
        if (!prefix.SequenceEqual("xml"u8) && !_rendered.Find(prefix).SequenceEqual(uri))
            _rendered.Push(depth, prefix, uri);
    }

    private void WriteDeclaration(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> uri)
    {
        output.Write(prefix.IsEmpty ? " xmlns"u8 : " xmlns:"u8);
        output.Write(prefix);
        output.Write("=\""u8);
        _text.WriteNamespaceName(uri);
        output.Write((byte)'"');
    }

    /// <summary>Attributes go by namespace name, then local name; those without namespace come first.</summary>
    private void WriteAttributes(in XmlStartTag tag)
    {
        var count = 0;
        if (_order.Length < tag.AttributeCount)
            _order = new int[tag.AttributeCount];
        for (var i = 0; i < tag.AttributeCount; i++)
        {
            var attribute = tag.GetAttribute(i);
            if (attribute.IsNamespaceDeclaration)
                continue;
            var at = count++;
            while (at > 0 && Precedes(attribute, tag.GetAttribute(_order[at - 1])))
            {
                _order[at] = _order[at - 1];
                at--;
            }
            _order[at] = i;
        }
        for (var i = 0; i < count; i++)
        {
            var attribute = tag.GetAttribute(_order[i]);
            WriteAttribute(attribute.Name, attribute.RawValue);
        }
    }

    private static bool Precedes(in XmlAttribute one, in XmlAttribute other)
    {
        var order = one.Namespace.SequenceCompareTo(other.Namespace);
        return order < 0 || order == 0 && one.LocalName.SequenceCompareTo(other.LocalName) < 0;
    }

    private void WriteAttribute(ReadOnlySpan<byte> name, ReadOnlySpan<byte> rawValue)
    {
        output.Write((byte)' ');
        output.Write(name);
        output.Write("=\""u8);
        _text.WriteAttributeValue(rawValue);
        output.Write((byte)'"');
    }

    /// <summary>Inclusive canonicalisation gives the apex the xml: attributes of its ancestors. The profile lets SignedInfo carry none of its own, so they come last.</summary>
    private void WriteInherited()
    {
        var nearest = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, value) in _inherited)
            nearest[Encoding.UTF8.GetString(name)] = value;
        foreach (var (name, value) in nearest)
            WriteAttribute(Encoding.UTF8.GetBytes(name), value);
    }

    private static ReadOnlySpan<byte> DeclaredPrefix(in XmlAttribute declaration) =>
        declaration.Prefix.IsEmpty ? default : declaration.LocalName;

    private static ReadOnlySpan<byte> Resolve(ReadOnlySpan<byte> rawUri) =>
        rawUri.IndexOfAny("&\t\r\n"u8) < 0
            ? rawUri
            : Encoding.UTF8.GetBytes(XmlText.DecodeAttribute(rawUri));
}
