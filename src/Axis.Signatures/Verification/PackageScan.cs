using System.Xml;

namespace Axis.Signatures;

/// <summary>Finds the Signature element of a package without building a tree of the rest.</summary>
internal static class PackageScan
{
    public static XmlReaderSettings Settings(VerificationOptions options) =>
        new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = options.MaxPackageBytes,
            CloseInput = false,
        };

    /// <summary>Null when the package carries no signature.</summary>
    /// <exception cref="ProfileException">The signature is out of place, or there is more than one.</exception>
    /// <exception cref="XmlException">The package is not well-formed.</exception>
    public static SignatureNode? Find(Stream package, VerificationOptions options)
    {
        using var reader = XmlReader.Create(package, Settings(options));
        SignatureNode? signature = null;
        var path = new Stack<string>();
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.EndElement)
                path.Pop();
            if (reader.NodeType != XmlNodeType.Element)
                continue;
            if (reader.Depth >= options.MaxDepth)
                throw TooDeep(options);
            if (reader.LocalName == "Signature")
            {
                RequirePlace(path, reader.Name);
                if (signature is not null)
                    throw Second();
                signature = ReadSignature(reader, options);
            }
            else if (!reader.IsEmptyElement)
            {
                path.Push(reader.LocalName);
            }
        }
        return signature;
    }

    private static void RequirePlace(Stack<string> path, string name)
    {
        if (path.SequenceEqual(["edXMLHeader", "edXMLEnvelope", "edXML"], StringComparer.Ordinal))
            return;
        var place = string.Join('/', path.Reverse().Append(name));
        throw ProfileException.Malformed(
            $"A Signature element stands at {place}; its place is edXML/edXMLEnvelope/edXMLHeader/Signature.",
            $"Phần tử Signature nằm tại {place}; vị trí đúng là edXML/edXMLEnvelope/edXMLHeader/Signature."
        );
    }

    private static ProfileException Second() =>
        ProfileException.Malformed(
            "The package has more than one Signature element.",
            "Gói tin có nhiều hơn một phần tử Signature."
        );

    private static ProfileException TooDeep(VerificationOptions options) =>
        ProfileException.Malformed(
            $"Elements are nested deeper than {options.MaxDepth}.",
            $"Các phần tử lồng nhau quá {options.MaxDepth} cấp."
        );

    private static SignatureNode ReadSignature(XmlReader reader, VerificationOptions options)
    {
        var open = new Stack<SignatureNode>();
        var length = 0;
        SignatureNode? root = null;
        do
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    if (open.Count > 0 && reader.LocalName == "Signature")
                        throw Second();
                    if (reader.Depth >= options.MaxDepth)
                        throw TooDeep(options);
                    var empty = reader.IsEmptyElement;
                    var node = new SignatureNode(reader.LocalName, reader.NamespaceURI);
                    length += reader.Name.Length + ReadAttributes(reader, node);
                    if (open.TryPeek(out var parent))
                        parent.Children.Add(node);
                    root ??= node;
                    if (!empty)
                        open.Push(node);
                    break;
                case XmlNodeType.EndElement:
                    open.Pop();
                    break;
                case XmlNodeType.Comment or XmlNodeType.ProcessingInstruction:
                    throw ProfileException.Malformed(
                        "Comments and processing instructions are not accepted inside Signature.",
                        "Không chấp nhận chú thích hoặc chỉ thị xử lý bên trong Signature."
                    );
                default:
                    length += reader.Value.Length;
                    open.Peek().Text.Append(reader.Value);
                    break;
            }
            if (length > options.MaxSignatureLength)
            {
                throw ProfileException.Malformed(
                    $"The Signature element is larger than {options.MaxSignatureLength} characters.",
                    $"Phần tử Signature dài quá {options.MaxSignatureLength} ký tự."
                );
            }
        } while (open.Count > 0 && reader.Read());
        return root!;
    }

    private static int ReadAttributes(XmlReader reader, SignatureNode node)
    {
        var length = 0;
        while (reader.MoveToNextAttribute())
        {
            length += reader.Name.Length + reader.Value.Length;
            if (reader.NamespaceURI == "http://www.w3.org/2000/xmlns/")
                continue;
            if (reader.NamespaceURI.Length == 0)
                node.Attributes[reader.LocalName] = reader.Value;
            else
                node.ForeignAttribute = reader.Name;
        }
        reader.MoveToElement();
        return length;
    }
}
