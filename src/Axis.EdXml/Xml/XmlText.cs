using System.Text;

namespace Axis.EdXml.Xml;

/// <summary>References and the decoding of raw text. Only the five predefined entities and character references exist here.</summary>
public static class XmlText
{
    /// <summary>Longest reference read, from &amp; to ; — leading zeros included.</summary>
    internal const int MaxReferenceBytes = 32;

    /// <summary>The text that raw character data stands for: references resolved, line ends as \n (XML 1.0 section 2.11).</summary>
    public static string Decode(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOfAny((byte)'&', (byte)'\r') < 0)
            return Encoding.UTF8.GetString(raw);
        var text = new StringBuilder(raw.Length);
        while (!raw.IsEmpty)
        {
            var stop = raw.IndexOfAny((byte)'&', (byte)'\r');
            if (stop < 0)
                stop = raw.Length;
            text.Append(Encoding.UTF8.GetString(raw[..stop]));
            raw = raw[stop..];
            if (raw.IsEmpty)
                break;
            if (raw[0] == (byte)'\r')
            {
                text.Append('\n');
                raw = raw[(raw.Length > 1 && raw[1] == (byte)'\n' ? 2 : 1)..];
                continue;
            }
            var end = raw.IndexOf((byte)';');
            if (end < 0 || TryReference(raw[..(end + 1)], out var character) != XmlErrorKind.None)
            {
                text.Append('&');
                raw = raw[1..];
                continue;
            }
            text.Append(new Rune(character).ToString());
            raw = raw[(end + 1)..];
        }
        return text.ToString();
    }

    /// <summary>The normalised value of an attribute that is not declared in a DTD (XML 1.0 section 3.3.3).</summary>
    public static string DecodeAttribute(ReadOnlySpan<byte> raw)
    {
        if (raw.IndexOfAny("&\r\n\t"u8) < 0)
            return Encoding.UTF8.GetString(raw);
        var text = new StringBuilder(raw.Length);
        while (!raw.IsEmpty)
        {
            var stop = raw.IndexOfAny("&\r\n\t"u8);
            if (stop < 0)
                stop = raw.Length;
            text.Append(Encoding.UTF8.GetString(raw[..stop]));
            raw = raw[stop..];
            if (raw.IsEmpty)
                break;
            var used = 1;
            if (raw[0] != (byte)'&')
            {
                text.Append(' ');
                used = raw is [(byte)'\r', (byte)'\n', ..] ? 2 : 1;
            }
            else
            {
                var end = raw.IndexOf((byte)';');
                if (
                    end >= 0
                    && TryReference(raw[..(end + 1)], out var character) == XmlErrorKind.None
                )
                {
                    text.Append(new Rune(character).ToString());
                    used = end + 1;
                }
                else
                {
                    text.Append('&');
                }
            }
            raw = raw[used..];
        }
        return text.ToString();
    }

    /// <summary>Reads one reference.</summary>
    /// <param name="reference">From &amp; to ; inclusive.</param>
    /// <param name="character">The Unicode character it stands for.</param>
    public static XmlErrorKind TryReference(ReadOnlySpan<byte> reference, out int character)
    {
        character = 0;
        if (reference.Length < 3 || reference[^1] != (byte)';')
            return XmlErrorKind.MalformedMarkup;
        var body = reference[1..^1];
        if (body[0] != (byte)'#')
        {
            character =
                body.SequenceEqual("amp"u8) ? '&'
                : body.SequenceEqual("lt"u8) ? '<'
                : body.SequenceEqual("gt"u8) ? '>'
                : body.SequenceEqual("quot"u8) ? '"'
                : body.SequenceEqual("apos"u8) ? '\''
                : 0;
            return character == 0 ? XmlErrorKind.UndefinedEntity : XmlErrorKind.None;
        }
        var hex = body.Length > 1 && body[1] == (byte)'x';
        var digits = body[(hex ? 2 : 1)..];
        if (digits.IsEmpty)
            return XmlErrorKind.MalformedMarkup;
        long value = 0;
        foreach (var b in digits)
        {
            var digit =
                char.IsAsciiDigit((char)b) ? b - '0'
                : hex && char.IsAsciiHexDigit((char)b) ? (b | 0x20) - 'a' + 10
                : -1;
            if (digit < 0)
                return XmlErrorKind.MalformedMarkup;
            value = Math.Min(value * (hex ? 16 : 10) + digit, 0x110000);
        }
        if (!XmlChars.IsChar((int)value))
            return XmlErrorKind.IllegalCharacter;
        character = (int)value;
        return XmlErrorKind.None;
    }
}
