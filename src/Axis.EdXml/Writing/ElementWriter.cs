using System.Buffers;
using System.Text;

namespace Axis.EdXml;

/// <summary>Writes indented elements with the prefix edXML, or without one outside the envelope.</summary>
internal sealed class ElementWriter(bool indent = true)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly string _lineEnd = indent ? "\n" : "";
    private int _depth;

    internal ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    internal void Clear() => _buffer.ResetWrittenCount();

    internal void Raw(string text) => Encoding.UTF8.GetBytes(text, _buffer);

    /// <param name="tag">Qualified name, with attributes where needed.</param>
    internal void Open(string tag)
    {
        Indent();
        Raw($"<{tag}>{_lineEnd}");
        _depth++;
    }

    internal void Close(string name)
    {
        _depth--;
        Indent();
        Raw($"</{name}>{_lineEnd}");
    }

    /// <summary>Writes nothing for null: an absent element and an empty one say the same.</summary>
    /// <exception cref="ArgumentException">The value has a character that XML cannot carry.</exception>
    internal void Leaf(string name, string? value)
    {
        if (value is null)
            return;
        Indent();
        Raw($"<{name}>");
        Text(name, value);
        Raw($"</{name}>{_lineEnd}");
    }

    internal void Indent()
    {
        if (indent)
            Raw(new string(' ', _depth * 2));
    }

    private void Text(string name, string value)
    {
        var from = 0;
        for (var i = 0; i < value.Length; i++)
        {
            var escape = value[i] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                // A bare CR would come back as LF (XML 1.0 section 2.11).
                '\r' => "&#13;",
                _ => null,
            };
            if (escape is null)
            {
                i += CheckCharacter(name, value, i);
                continue;
            }
            Encoding.UTF8.GetBytes(value.AsSpan(from, i - from), _buffer);
            Raw(escape);
            from = i + 1;
        }
        Encoding.UTF8.GetBytes(value.AsSpan(from), _buffer);
    }

    /// <summary>How many more characters belong to the one at <paramref name="index"/>.</summary>
    private static int CheckCharacter(string name, string value, int index)
    {
        var c = value[index];
        if (
            char.IsHighSurrogate(c)
            && index + 1 < value.Length
            && char.IsLowSurrogate(value[index + 1])
        )
            return 1;
        if (!Xml.XmlChars.IsChar(c))
            throw new ArgumentException(
                $"{name} has the character U+{(int)c:X4}, which XML cannot carry.",
                nameof(value)
            );
        return 0;
    }
}
