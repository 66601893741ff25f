using System.Globalization;
using System.Text;

namespace Axis.Cli.Files;

/// <summary>
/// A name for a file on disk out of a name that a stranger chose. What comes out is one name without a folder, visible,
/// allowed on Linux and Windows, and of bounded length.
/// </summary>
internal static class SafeFileName
{
    /// <summary>Bytes of UTF-8. File systems take 255; the rest is for a number that keeps two files apart.</summary>
    public const int MaxBytes = 200;

    private const int MaxExtensionBytes = 20;

    /// <summary>Devices of Windows, whatever their extension.</summary>
    private static readonly HashSet<string> Reserved = new(
        [
            "CON",
            "PRN",
            "AUX",
            "NUL",
            "CONIN$",
            "CONOUT$",
            .. "123456789¹²³".SelectMany(digit => new[] { $"COM{digit}", $"LPT{digit}" }),
        ],
        StringComparer.OrdinalIgnoreCase
    );

    /// <param name="name">What the package calls the file; may be anything.</param>
    /// <param name="fallback">The name when nothing usable is left.</param>
    public static string From(string? name, string fallback)
    {
        var last = (name ?? "").Split('/', '\\')[^1];
        var clean = new StringBuilder(last.Length);
        foreach (var rune in last.EnumerateRunes())
        {
            clean.Append(IsHarmless(rune) ? rune.ToString() : "_");
        }

        // A dot in front hides a file, and Windows drops dots and blanks at the end.
        var trimmed = clean.ToString().Trim().TrimStart('.').TrimEnd('.', ' ');
        if (trimmed.Trim('_', '.', ' ').Length == 0)
        {
            return fallback;
        }

        if (Reserved.Contains(trimmed.Split('.')[0].TrimEnd()))
        {
            trimmed = "_" + trimmed;
        }

        var extension = Path.GetExtension(trimmed);
        if (Encoding.UTF8.GetByteCount(extension) > MaxExtensionBytes)
        {
            extension = "";
        }

        var stem = trimmed[..^extension.Length];
        return Cut(stem, MaxBytes - Encoding.UTF8.GetByteCount(extension)) + extension;
    }

    /// <summary>The same name with a number, for when the first is taken.</summary>
    public static string Numbered(string name, int number) =>
        $"{Path.GetFileNameWithoutExtension(name)} ({number}){Path.GetExtension(name)}";

    /// <summary>Control characters deceive terminals, format characters (right-to-left override) the eye.</summary>
    private static bool IsHarmless(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse
                or UnicodeCategory.Surrogate
                or UnicodeCategory.OtherNotAssigned
            )
        && rune.Value is not ('<' or '>' or ':' or '"' or '|' or '?' or '*')
        && rune != Rune.ReplacementChar;

    private static string Cut(string text, int bytes)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes -= rune.Utf8SequenceLength;
            if (bytes < 0)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.ToString().TrimEnd();
    }
}
