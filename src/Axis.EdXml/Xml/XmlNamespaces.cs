using System.Runtime.InteropServices;

namespace Axis.EdXml.Xml;

/// <summary>The namespace declarations in scope, as bytes in one growing buffer.</summary>
internal sealed class XmlNamespaces
{
    internal static ReadOnlySpan<byte> XmlUri => "http://www.w3.org/XML/1998/namespace"u8;
    internal static ReadOnlySpan<byte> XmlnsUri => "http://www.w3.org/2000/xmlns/"u8;

    private Declaration[] _declarations = new Declaration[4];
    private byte[] _bytes = new byte[192];
    private int _used;

    /// <summary>The prefix xml is bound from the start (Namespaces in XML 1.0 section 3).</summary>
    internal XmlNamespaces() => Declare("xml"u8, XmlUri);

    internal int Count { get; private set; }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Declaration(int Start, int PrefixLength, int UriLength);

    internal void Declare(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> uri)
    {
        var size = prefix.Length + uri.Length;
        if (_used + size > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + size));
        if (Count == _declarations.Length)
            Array.Resize(ref _declarations, Count * 2);
        prefix.CopyTo(_bytes.AsSpan(_used));
        uri.CopyTo(_bytes.AsSpan(_used + prefix.Length));
        _declarations[Count++] = new Declaration(_used, prefix.Length, uri.Length);
        _used += size;
    }

    /// <summary>Forgets all but the first <paramref name="count"/> declarations.</summary>
    internal void Forget(int count)
    {
        if (count == Count)
            return;
        Count = count;
        _used = 0;
        if (count > 0)
        {
            var last = _declarations[count - 1];
            _used = last.Start + last.PrefixLength + last.UriLength;
        }
    }

    /// <summary>Index of the declaration that binds the prefix, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> prefix)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            var d = _declarations[i];
            if (
                d.PrefixLength == prefix.Length
                && _bytes.AsSpan(d.Start, d.PrefixLength).SequenceEqual(prefix)
            )
                return i;
        }
        return -1;
    }

    internal ReadOnlySpan<byte> Uri(int declaration)
    {
        var d = _declarations[declaration];
        return _bytes.AsSpan(d.Start + d.PrefixLength, d.UriLength);
    }

    /// <summary>False when the prefix is not bound. The empty prefix is always resolvable.</summary>
    internal bool TryResolve(ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> uri)
    {
        var found = Find(prefix);
        uri = found < 0 ? default : Uri(found);
        return found >= 0 || prefix.IsEmpty;
    }
}
