using System.Text;

namespace Axis.Hub.Storage;

/// <summary>Text from outside as a table takes it, whatever it was.</summary>
internal static class StoredText
{
    /// <summary>
    /// At most so many UTF-16 units, with no control character and no half of a character: PostgreSQL takes neither
    /// U+0000 nor a surrogate that stands alone.
    /// </summary>
    public static string Shortened(string text, int most)
    {
        var kept = new StringBuilder(Math.Min(text.Length, most));
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept.Length + rune.Utf16SequenceLength > most)
            {
                break;
            }
            kept.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }
        return kept.ToString();
    }
}
