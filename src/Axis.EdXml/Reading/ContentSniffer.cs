using System.Text.Unicode;

namespace Axis.EdXml;

/// <summary>Tells what a file is by its first and last bytes, and damage that shows there.</summary>
internal static class ContentSniffer
{
    private static ReadOnlySpan<byte> Replacement => [0xEF, 0xBF, 0xBD];
    private static ReadOnlySpan<byte> OleMagic => [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

    /// <summary>One replacement character can be chance in four kilobytes of binary data; three are a text conversion.</summary>
    private const int ReplacementsOfDamage = 3;

    /// <param name="head">Up to 4 KB from the start.</param>
    /// <param name="tail">Up to 1.5 KB from the end; may overlap the head.</param>
    /// <param name="size">Bytes of the whole content.</param>
    /// <param name="replacements">U+FFFD counted in the whole content, where it was decoded.</param>
    internal static (ContentKind Kind, AttachmentDamage Damage) Look(
        ReadOnlySpan<byte> head,
        ReadOnlySpan<byte> tail,
        long size,
        int replacements
    )
    {
        if (size == 0)
            return (ContentKind.Empty, AttachmentDamage.None);
        var kind = KindOf(head);
        var damage = AttachmentDamage.None;
        var binary = kind is not (ContentKind.Text or ContentKind.Xml or ContentKind.Unknown);
        if (binary && Math.Max(replacements, CountReplacements(head)) >= ReplacementsOfDamage)
            damage |= AttachmentDamage.Utf8Damaged;
        if (kind == ContentKind.Pdf && tail.IndexOf("%%EOF"u8) < 0)
            damage |= AttachmentDamage.TruncatedPdf;
        if (kind is ContentKind.Zip or ContentKind.Ooxml && !HasZipEnd(tail, size))
            damage |= AttachmentDamage.CorruptZip;
        return (kind, damage);
    }

    private static ContentKind KindOf(ReadOnlySpan<byte> head)
    {
        // Readers accept a PDF header anywhere in the first 1024 bytes (ISO 32000-1 Annex H, note 13).
        if (head[..Math.Min(head.Length, 1024)].IndexOf("%PDF-"u8) >= 0)
            return ContentKind.Pdf;
        if (head.StartsWith("PK\x03\x04"u8))
            return IsOoxml(head) ? ContentKind.Ooxml : ContentKind.Zip;
        if (head.StartsWith("PK\x05\x06"u8))
            return ContentKind.Zip;
        if (
            head.StartsWith(OleMagic)
            || head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBF, 0xBD, 0xEF, 0xBF, 0xBD, 0x11])
        )
            return ContentKind.Ole;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return ContentKind.Png;
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return ContentKind.Jpeg;
        if (!IsText(head))
            return ContentKind.Unknown;
        var start = head.TrimStart(" \t\r\n"u8);
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            start = start[3..];
        return start.StartsWith("<?xml"u8) ? ContentKind.Xml : ContentKind.Text;
    }

    /// <summary>Office writers put [Content_Types].xml or _rels/ first; others name word/, xl/ or ppt/ early.</summary>
    private static bool IsOoxml(ReadOnlySpan<byte> head) =>
        head.IndexOf("[Content_Types].xml"u8) >= 0
        || head.IndexOf("word/"u8) >= 0
        || head.IndexOf("xl/"u8) >= 0
        || head.IndexOf("ppt/"u8) >= 0;

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var b in head)
        {
            if (b < 0x20 && b is not (9 or 10 or 12 or 13))
                return false;
        }
        // The head may end inside a character.
        for (var cut = 0; cut < 4 && cut <= head.Length; cut++)
        {
            if (Utf8.IsValid(head[..^cut]))
                return true;
        }
        return false;
    }

    /// <summary>The end record stands in the last 22 bytes unless a comment follows; a comment longer than the tail is taken on trust.</summary>
    private static bool HasZipEnd(ReadOnlySpan<byte> tail, long size)
    {
        var at = tail.LastIndexOf("PK\x05\x06"u8);
        if (at < 0)
            return false;
        var record = tail[at..];
        if (record.Length < 22)
            return false;
        var directorySize = BitConverter.ToUInt32(record[12..]);
        var directoryStart = BitConverter.ToUInt32(record[16..]);
        var endAt = size - record.Length;
        return directoryStart == uint.MaxValue || directoryStart + (long)directorySize <= endAt;
    }

    internal static int CountReplacements(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        for (var at = bytes.IndexOf(Replacement); at >= 0; at = bytes.IndexOf(Replacement))
        {
            count++;
            bytes = bytes[(at + 3)..];
        }
        return count;
    }
}
