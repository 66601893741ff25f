using System.Text;

namespace Axis.Signatures;

/// <summary>An element inside the Signature element, as read from the package.</summary>
internal sealed class SignatureNode(string localName, string namespaceUri)
{
    public string LocalName { get; } = localName;
    public string NamespaceUri { get; } = namespaceUri;

    /// <summary>Attributes without a prefix; namespace declarations are no attributes here.</summary>
    public Dictionary<string, string> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>An attribute in a namespace: the profile knows none.</summary>
    public string? ForeignAttribute { get; set; }
    public List<SignatureNode> Children { get; } = [];
    public StringBuilder Text { get; } = new();

    public SignatureNode? Child(string localName) =>
        Children.Find(child => string.Equals(child.LocalName, localName, StringComparison.Ordinal));

    /// <summary>All elements with that name at any depth, by local name alone.</summary>
    public IEnumerable<SignatureNode> Descendants(string localName)
    {
        foreach (var child in Children)
        {
            if (string.Equals(child.LocalName, localName, StringComparison.Ordinal))
                yield return child;
            foreach (var deeper in child.Descendants(localName))
                yield return deeper;
        }
    }
}
