using System.Buffers;
using System.Runtime.InteropServices;

namespace Axis.EdXml;

/// <summary>One element outside attachment data.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct TreeNode
{
    /// <summary>The <see cref="ElementSpec"/>, or the local name of an unknown element.</summary>
    internal object Key;

    /// <summary>Trimmed text, references resolved; null when empty.</summary>
    internal string? Text;
    internal int Parent;

    /// <summary>Index after the last descendant.</summary>
    internal int End;
    internal int Line;
    internal int Column;

    internal readonly ElementSpec? Spec => Key as ElementSpec;
    internal readonly string Name => Spec?.Name ?? (string)Key;
}

/// <summary>
/// The elements of a package in document order, flat: where every value stands and what it says, attachment data
/// excepted. Node 0 stands above the root.
/// </summary>
internal sealed class PackageTree
{
    private TreeNode[] _nodes;
    private bool _rented;
    private int[]? _ordinals;

    internal PackageTree()
    {
        _nodes = ArrayPool<TreeNode>.Shared.Rent(128);
        _rented = true;
        Add(PackageSchema.Document, -1, 0, 0);
    }

    internal int Count { get; private set; }

    internal ref TreeNode this[int index] => ref _nodes[index];

    internal int Add(object key, int parent, int line, int column)
    {
        if (Count == _nodes.Length)
        {
            var larger = ArrayPool<TreeNode>.Shared.Rent(Count * 2);
            _nodes.AsSpan(0, Count).CopyTo(larger);
            ArrayPool<TreeNode>.Shared.Return(_nodes, clearArray: true);
            _nodes = larger;
        }
        _nodes[Count] = new TreeNode
        {
            Key = key,
            Parent = parent,
            End = Count + 1,
            Line = line,
            Column = column,
        };
        return Count++;
    }

    /// <summary>Closes what is still open at <paramref name="current"/>, gives the pooled memory back and keeps an exact copy.</summary>
    internal void Seal(int current)
    {
        if (!_rented)
            return;
        for (var i = current; i >= 0; i = _nodes[i].Parent)
            _nodes[i].End = Count;
        var exact = _nodes.AsSpan(0, Count).ToArray();
        ArrayPool<TreeNode>.Shared.Return(_nodes, clearArray: true);
        _nodes = exact;
        _rented = false;
    }

    internal ChildEnumerator Children(int node) => new(this, node);

    /// <summary>The first child of that name, or -1.</summary>
    internal int Find(int node, string name)
    {
        if (node < 0)
            return -1;
        foreach (var child in Children(node))
        {
            if (_nodes[child].Spec?.Name == name)
                return child;
        }
        return -1;
    }

    /// <summary>The node reached by first children of these names, or -1.</summary>
    internal int Find(int node, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            node = Find(node, name);
        return node;
    }

    /// <summary>Text of the first child of that name; null when absent, empty, or the literal "null" that some producers write for nothing.</summary>
    internal string? Value(int node, string name)
    {
        var child = Find(node, name);
        return child < 0 ? null : Meaning(_nodes[child].Text);
    }

    internal static string? Meaning(string? text) => text == "null" ? null : text;

    /// <summary>Path from the section down, e.g. MessageHeader/To[2]/OrganId. To be asked when the tree is complete.</summary>
    internal string PathOf(int node)
    {
        var parts = new Stack<string>();
        for (var i = node; i > 0; i = _nodes[i].Parent)
        {
            var isFrame = _nodes[i].Spec is { IsFrame: true };
            // The frame above a section says nothing new; above an unknown element it says where that stands.
            if (isFrame && i != node && (parts.Count > 1 || _nodes[node].Spec is not null))
                break;
            parts.Push(Step(i));
            if (isFrame)
                break;
        }
        return string.Join('/', parts);
    }

    private string Step(int node)
    {
        _ordinals ??= CountOrdinals();
        var ordinal = _ordinals[node];
        var name = _nodes[node].Name;
        return ordinal > 0 ? $"{name}[{ordinal}]" : name;
    }

    /// <summary>The place of every element among its namesakes, from 1; 0 for the only one of a name that does not repeat.</summary>
    private int[] CountOrdinals()
    {
        var ordinals = new int[Count];
        var counts = new Dictionary<(int Parent, object Key), int>();
        for (var i = 1; i < Count; i++)
            ordinals[i] =
                CollectionsMarshal.GetValueRefOrAddDefault(
                    counts,
                    (_nodes[i].Parent, _nodes[i].Key),
                    out _
                )++ + 1;
        for (var i = 1; i < Count; i++)
        {
            if (
                _nodes[i].Spec is not { Repeats: true }
                && counts[(_nodes[i].Parent, _nodes[i].Key)] == 1
            )
                ordinals[i] = 0;
        }
        return ordinals;
    }

    [StructLayout(LayoutKind.Auto)]
    internal struct ChildEnumerator(PackageTree tree, int node)
    {
        private readonly int _end = node < 0 ? 0 : tree._nodes[node].End;
        private int _next = node + 1;

        public int Current { get; private set; } = -1;

        public readonly ChildEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_next >= _end)
                return false;
            Current = _next;
            _next = tree._nodes[_next].End;
            return true;
        }
    }
}
