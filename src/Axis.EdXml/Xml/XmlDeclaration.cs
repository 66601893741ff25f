using System.Text;

namespace Axis.EdXml.Xml;

/// <summary>The pseudo-attributes of the XML declaration (XML 1.0 section 2.8).</summary>
internal static class XmlDeclaration
{
    /// <param name="attributes">What follows "&lt;?xml".</param>
    /// <param name="detail">The offending part.</param>
    internal static XmlErrorKind Check(ReadOnlySpan<byte> attributes, out string? detail)
    {
        detail = null;
        var rest = attributes;
        if (!Take(ref rest, "version"u8, out var version) || !version.SequenceEqual("1.0"u8))
        {
            detail = "version";
            return XmlErrorKind.MisplacedDeclaration;
        }
        if (Take(ref rest, "encoding"u8, out var encoding))
        {
            if (
                !System.Text.Ascii.EqualsIgnoreCase(encoding, "UTF-8"u8)
                && !System.Text.Ascii.EqualsIgnoreCase(encoding, "US-ASCII"u8)
            )
            {
                detail = Encoding.UTF8.GetString(encoding);
                return XmlErrorKind.UnsupportedEncoding;
            }
        }
        if (
            Take(ref rest, "standalone"u8, out var standalone)
            && !standalone.SequenceEqual("yes"u8)
            && !standalone.SequenceEqual("no"u8)
        )
        {
            detail = "standalone";
            return XmlErrorKind.MisplacedDeclaration;
        }
        if (!rest.Trim(" \t\r\n"u8).IsEmpty)
        {
            detail = "<?xml";
            return XmlErrorKind.MisplacedDeclaration;
        }
        return XmlErrorKind.None;
    }

    private static bool Take(
        ref ReadOnlySpan<byte> rest,
        ReadOnlySpan<byte> name,
        out ReadOnlySpan<byte> value
    )
    {
        value = default;
        var at = rest.TrimStart(" \t\r\n"u8);
        if (at.Length == rest.Length || !at.StartsWith(name))
            return false;
        at = at[name.Length..].TrimStart(" \t\r\n"u8);
        if (at.IsEmpty || at[0] != (byte)'=')
            return false;
        at = at[1..].TrimStart(" \t\r\n"u8);
        if (at.IsEmpty || at[0] is not ((byte)'"' or (byte)'\''))
            return false;
        var end = at[1..].IndexOf(at[0]);
        if (end < 0)
            return false;
        value = at.Slice(1, end);
        rest = at[(end + 2)..];
        return true;
    }
}
