using System.Runtime.InteropServices;

namespace Axis.Signatures;

/// <summary>Prefix bindings by element depth, as bytes in one growing buffer. The empty prefix is the default namespace.</summary>
internal sealed class NamespaceStack
{
    private Binding[] _bindings = new Binding[8];
    private byte[] _bytes = new byte[256];
    private int _used;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Binding(int Depth, int Start, int PrefixLength, int UriLength);

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Prefix(int index) =>
        _bytes.AsSpan(_bindings[index].Start, _bindings[index].PrefixLength);

    public ReadOnlySpan<byte> Uri(int index) =>
        _bytes.AsSpan(
            _bindings[index].Start + _bindings[index].PrefixLength,
            _bindings[index].UriLength
        );

    /// <summary>What the prefix is bound to; empty for nothing.</summary>
    public ReadOnlySpan<byte> Find(ReadOnlySpan<byte> prefix)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            if (Prefix(i).SequenceEqual(prefix))
                return Uri(i);
        }
        return default;
    }

    public void Push(int depth, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> uri)
    {
        var size = prefix.Length + uri.Length;
        if (_used + size > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + size));
        if (Count == _bindings.Length)
            Array.Resize(ref _bindings, Count * 2);
        prefix.CopyTo(_bytes.AsSpan(_used));
        uri.CopyTo(_bytes.AsSpan(_used + prefix.Length));
        _bindings[Count++] = new Binding(depth, _used, prefix.Length, uri.Length);
        _used += size;
    }

    /// <summary>Forgets the bindings of elements at that depth and deeper.</summary>
    public void Leave(int depth)
    {
        while (Count > 0 && _bindings[Count - 1].Depth >= depth)
            _used = Math.Min(_used, _bindings[--Count].Start);
    }

    /// <summary>Sorts the newest bindings by prefix, from <paramref name="first"/> on. Their prefixes must differ.</summary>
    public void SortFrom(int first)
    {
        for (var i = first + 1; i < Count; i++)
        {
            for (var j = i; j > first && Prefix(j).SequenceCompareTo(Prefix(j - 1)) < 0; j--)
                (_bindings[j], _bindings[j - 1]) = (_bindings[j - 1], _bindings[j]);
        }
    }
}
