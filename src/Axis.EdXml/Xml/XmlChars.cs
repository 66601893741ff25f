using System.Buffers;
using System.Text;
using System.Xml;

namespace Axis.EdXml.Xml;

/// <summary>Character classes of XML 1.0 over UTF-8 bytes. Names take what the platform takes (fourth edition), so that no reader downstream refuses what passed here.</summary>
internal static class XmlChars
{
    private const byte NameStartFlag = 1;
    private const byte NameFlag = 2;
    private const byte SpaceFlag = 4;
    private const byte PlainFlag = 8;

    private static ReadOnlySpan<byte> Flags => AsciiFlags;

    private static readonly byte[] AsciiFlags = MakeFlags();

    /// <summary>ASCII that needs no look in character data: all but &lt; &amp; &gt; and control characters.</summary>
    internal static readonly SearchValues<byte> PlainText = SearchValues.Create([
        .. Ascii().Where(b => b is not ((byte)'<' or (byte)'&' or (byte)'>')),
    ]);

    internal static readonly SearchValues<byte> AnyAscii = SearchValues.Create([.. Ascii()]);
    internal static readonly SearchValues<byte> TagStops = SearchValues.Create("<>\"'"u8);

    private static IEnumerable<byte> Ascii() =>
        Enumerable.Range(0, 128).Select(i => (byte)i).Where(b => b >= 0x20 || b is 9 or 10 or 13);

    private static byte[] MakeFlags()
    {
        var flags = new byte[256];
        for (var c = 0; c < 128; c++)
        {
            if (char.IsAsciiLetter((char)c) || c == '_')
                flags[c] |= NameStartFlag | NameFlag;
            if (char.IsAsciiDigit((char)c) || c is '-' or '.')
                flags[c] |= NameFlag;
            if (c is ' ' or '\t' or '\r' or '\n')
                flags[c] |= SpaceFlag;
            if ((c >= 0x20 || c is 9 or 10 or 13) && c is not ('<' or '&' or '>'))
                flags[c] |= PlainFlag;
        }
        return flags;
    }

    internal static bool IsSpace(byte b) => (Flags[b] & SpaceFlag) != 0;

    internal static bool IsPlain(byte b) => (Flags[b] & PlainFlag) != 0;

    internal static bool IsAsciiNameStart(byte b) => (Flags[b] & NameStartFlag) != 0;

    internal static bool IsAsciiName(byte b) => (Flags[b] & NameFlag) != 0;

    internal static bool IsChar(int c) =>
        c >= 0x20
            ? c <= 0xD7FF || c is (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and <= 0x10FFFF)
            : c is 9 or 10 or 13;

    internal static bool IsNameStart(int c) =>
        c < 128 ? IsAsciiNameStart((byte)c) : c <= 0xFFFF && XmlConvert.IsStartNCNameChar((char)c);

    internal static bool IsName(int c) =>
        c < 128 ? IsAsciiName((byte)c) : c <= 0xFFFF && XmlConvert.IsNCNameChar((char)c);

    /// <summary>Length of the sequence at the start of <paramref name="bytes"/>; 0 when more bytes are needed, -1 when it is not UTF-8.</summary>
    internal static int Decode(ReadOnlySpan<byte> bytes, out int character)
    {
        // Two and three bytes cover all Vietnamese letters; the rest goes the general way.
        if (bytes.Length >= 3)
        {
            int a = bytes[0],
                b = bytes[1],
                c = bytes[2];
            if (a is >= 0xC2 and <= 0xDF && (b & 0xC0) == 0x80)
            {
                character = (a & 0x1F) << 6 | b & 0x3F;
                return 2;
            }
            if (a is >= 0xE1 and <= 0xEC && (b & 0xC0) == 0x80 && (c & 0xC0) == 0x80)
            {
                character = (a & 0x0F) << 12 | (b & 0x3F) << 6 | c & 0x3F;
                return 3;
            }
        }
        var status = Rune.DecodeFromUtf8(bytes, out var rune, out var length);
        character = rune.Value;
        return status switch
        {
            OperationStatus.Done => length,
            OperationStatus.NeedMoreData => 0,
            _ => -1,
        };
    }

    /// <summary>Index of the first byte that is not legal character data in UTF-8; the length when all is well. <paramref name="incomplete"/>: the sequence there is only cut off.</summary>
    internal static int Validate(
        ReadOnlySpan<byte> bytes,
        out XmlErrorKind error,
        out bool incomplete
    )
    {
        error = XmlErrorKind.None;
        incomplete = false;
        var i = 0;
        while (true)
        {
            var n = bytes[i..].IndexOfAnyExcept(AnyAscii);
            if (n < 0)
                return bytes.Length;
            i += n;
            if (bytes[i] < 0x80)
            {
                error = XmlErrorKind.IllegalCharacter;
                return i;
            }
            var length = Decode(bytes[i..], out var c);
            if (length <= 0)
            {
                incomplete = length == 0;
                error = XmlErrorKind.InvalidUtf8;
                return i;
            }
            if (!IsChar(c))
            {
                error = XmlErrorKind.IllegalCharacter;
                return i;
            }
            i += length;
        }
    }

    internal static int CountCharacters(ReadOnlySpan<byte> utf8)
    {
        if (System.Text.Ascii.IsValid(utf8))
            return utf8.Length;
        var count = 0;
        foreach (var b in utf8)
        {
            if ((b & 0xC0) != 0x80)
                count++;
        }
        return count;
    }
}
