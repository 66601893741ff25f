using System.Text;

namespace Axis.EdXml;

/// <summary>What a leaf element holds.</summary>
internal enum ValueKind
{
    /// <summary>Not a leaf: holds elements.</summary>
    None,
    Text,
    Identifier,
    Number,
    Date,
    Timestamp,

    /// <summary>Base64, never kept.</summary>
    Data,
}

/// <summary>A known element at one place of the format, with the demands of the standard on its value.</summary>
internal sealed class ElementSpec
{
    private readonly byte[] _utf8;

    internal ElementSpec(
        string name,
        ValueKind kind,
        int maxLength,
        bool repeats,
        ElementSpec[] children
    )
    {
        Name = name;
        Kind = kind;
        MaxLength = maxLength;
        Repeats = repeats;
        Children = children;
        _utf8 = Encoding.UTF8.GetBytes(name);
    }

    internal string Name { get; }
    internal ValueKind Kind { get; }

    /// <summary>Longest value by the standard, in characters; 0: unlimited.</summary>
    internal int MaxLength { get; }
    internal bool Repeats { get; }
    internal ElementSpec[] Children { get; }

    /// <summary>Structure above the sections that paths begin with.</summary>
    internal bool IsFrame { get; init; }
    internal bool IsLeaf => Kind != ValueKind.None;

    internal ElementSpec? Child(ReadOnlySpan<byte> localName)
    {
        foreach (var child in Children)
        {
            if (child._utf8.AsSpan().SequenceEqual(localName))
                return child;
        }
        return null;
    }

    /// <summary>The child meant by a name that differs in case only.</summary>
    internal ElementSpec? Misspelt(string localName) =>
        Array.Find(Children, c => c.Name.Equals(localName, StringComparison.OrdinalIgnoreCase));

    public override string ToString() => Name;
}
