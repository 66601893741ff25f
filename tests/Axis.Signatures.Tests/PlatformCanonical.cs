using System.Security.Cryptography.Xml;
using System.Xml;

namespace Axis.Signatures.Tests;

/// <summary>The oracle: canonical bytes by way of the platform's transforms.</summary>
internal sealed class PlatformCanonical
{
    private readonly XmlDocument _document = new()
    {
        PreserveWhitespace = true,
        XmlResolver = null,
    };
    private readonly XmlElement? _signature;

    public PlatformCanonical(byte[] package)
    {
        using var stream = new MemoryStream(package);
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
        };
        using (var reader = XmlReader.Create(stream, settings))
            _document.Load(reader);
        _signature = (XmlElement?)
            _document.GetElementsByTagName("Signature", DsigUris.Namespace)[0];
    }

    /// <summary>SignedInfo as it stands in the package, with the namespaces it inherits.</summary>
    public byte[] SignedInfo(CanonicalForm form)
    {
        var element = (XmlElement)
            _signature!.GetElementsByTagName("SignedInfo", DsigUris.Namespace)[0]!;
        var alone = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        var root = (XmlElement)alone.AppendChild(alone.ImportNode(element, deep: true))!;
        for (
            var outer = element.ParentNode as XmlElement;
            outer is not null;
            outer = outer.ParentNode as XmlElement
        )
        {
            foreach (XmlAttribute attribute in outer.Attributes)
            {
                var inherited =
                    attribute.NamespaceURI == "http://www.w3.org/2000/xmlns/"
                    || attribute.Prefix == "xml";
                if (inherited && !root.HasAttribute(attribute.Name))
                    root.SetAttributeNode((XmlAttribute)alone.ImportNode(attribute, deep: true));
            }
        }
        return Run(form, alone);
    }

    /// <summary>The whole document without its Signature element, which is taken out for good.</summary>
    public byte[] Document(CanonicalForm form)
    {
        _signature?.ParentNode?.RemoveChild(_signature);
        return Run(form, _document);
    }

    private static byte[] Run(CanonicalForm form, XmlDocument input)
    {
        var prefixes = string.Join(
            ' ',
            form.InclusivePrefixes.Select(prefix => prefix.Length == 0 ? "#default" : prefix)
        );
        Transform transform = form.Exclusive
            ? new XmlDsigExcC14NTransform(form.WithComments, prefixes.Length == 0 ? null : prefixes)
            : new XmlDsigC14NTransform(form.WithComments);
        transform.LoadInput(input);
        using var canonical = (Stream)transform.GetOutput(typeof(Stream));
        using var bytes = new MemoryStream();
        canonical.CopyTo(bytes);
        return bytes.ToArray();
    }
}
