using System.Text;
using Axis.EdXml.Xml;

namespace Axis.Signatures;

/// <summary>Local names of the open elements, and whether they lead to edXML/edXMLEnvelope/edXMLHeader.</summary>
internal sealed class ElementPath
{
    private byte[] _names = new byte[256];
    private int[] _ends = new int[16];
    private int _depth;

    /// <summary>How many of the open elements, from the root on, are those of the way to the header.</summary>
    private int _matching;

    /// <summary>The innermost open element is the header.</summary>
    public bool AtHeader => _depth == 3 && _matching == 3;

    public void Enter(in XmlStartTag tag)
    {
        var name = tag.LocalName;
        var start = _depth == 0 ? 0 : _ends[_depth - 1];
        if (start + name.Length > _names.Length)
            Array.Resize(ref _names, Math.Max(_names.Length * 2, start + name.Length));
        if (_depth == _ends.Length)
            Array.Resize(ref _ends, _depth * 2);
        name.CopyTo(_names.AsSpan(start));
        if (_matching == _depth && IsOnTheWay(_depth, name))
            _matching++;
        _ends[_depth++] = start + name.Length;
    }

    public void Leave() => _matching = Math.Min(_matching, --_depth);

    public string Show(ReadOnlySpan<byte> name)
    {
        var path = new StringBuilder();
        for (var i = 0; i < _depth; i++)
        {
            var start = i == 0 ? 0 : _ends[i - 1];
            path.Append(Encoding.UTF8.GetString(_names.AsSpan(start.._ends[i]))).Append('/');
        }
        return path.Append(Encoding.UTF8.GetString(name)).ToString();
    }

    private static bool IsOnTheWay(int depth, ReadOnlySpan<byte> name) =>
        depth switch
        {
            0 => name.SequenceEqual("edXML"u8),
            1 => name.SequenceEqual("edXMLEnvelope"u8),
            2 => name.SequenceEqual("edXMLHeader"u8),
            _ => false,
        };
}
