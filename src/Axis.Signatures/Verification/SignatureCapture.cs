using System.Text;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>Takes in the Signature element: a tree for the profile, and the bytes for its canonical form.</summary>
internal sealed class SignatureCapture(int maxLength)
{
    private readonly Stack<SignatureNode> _open = new();
    private readonly EventRecord _record = new();

    public SignatureNode? Root { get; private set; }

    /// <summary>The whole element has been seen.</summary>
    public bool Complete => Root is not null && _open.Count == 0;

    /// <summary>The element as it was written.</summary>
    public ReadOnlySpan<byte> Bytes => _record.Bytes;

    /// <exception cref="ProfileException">The element is too large or holds something that is never accepted there.</exception>
    public void StartElement(in XmlStartTag tag)
    {
        _record.StartElement(tag);
        Bound();
        var node = new SignatureNode(Show(tag.LocalName), Show(tag.Namespace));
        for (var i = 0; i < tag.AttributeCount; i++)
        {
            var attribute = tag.GetAttribute(i);
            if (attribute.IsNamespaceDeclaration)
                continue;
            if (attribute.Prefix.IsEmpty)
                node.Attributes[Show(attribute.Name)] = XmlText.DecodeAttribute(attribute.RawValue);
            else
                node.ForeignAttribute = Show(attribute.Name);
        }
        if (_open.TryPeek(out var parent))
            parent.Children.Add(node);
        Root ??= node;
        _open.Push(node);
    }

    public void EndElement(in XmlEndTag tag)
    {
        _record.EndElement(tag);
        _open.Pop();
    }

    public void Text(ReadOnlySpan<byte> raw)
    {
        _record.Text(raw);
        Bound();
        _open.Peek().Text.Append(XmlText.Decode(raw));
    }

    /// <summary>What nobody needs there, and could split a value.</summary>
    public static ProfileException Refused() =>
        ProfileException.Malformed(
            "Comments, CDATA sections and processing instructions are not accepted inside Signature.",
            "Không chấp nhận chú thích, CDATA hoặc chỉ thị xử lý bên trong Signature."
        );

    private void Bound()
    {
        if (_record.Length <= maxLength)
            return;
        throw ProfileException.Malformed(
            $"The Signature element is larger than {maxLength} bytes.",
            $"Phần tử Signature lớn hơn {maxLength} byte."
        );
    }

    private static string Show(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
