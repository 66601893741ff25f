using System.Text;
using Axis.Hub.Registry;

namespace Axis.Hub.Letters;

/// <summary>
/// The words of a subject by which it is found: without accents, in lower case, cut at whatever is neither letter nor
/// digit ("15/UBND-VP" is three). Row and question go through the same; the database's <c>letter_words</c> does it for
/// rows that come without, and a test holds the two together.
/// </summary>
public static class SubjectWords
{
    // A row must be writable whatever the sender wrote; nobody looks for a longer word.
    private const int LongestWord = 64;

    /// <summary>
    /// Words of one subject by which it is found; those behind them are not looked at. No subject has so many, and a
    /// sender must not be able to make one letter as dear as a thousand.
    /// </summary>
    public const int MostWords = 500;

    /// <summary>As PostgreSQL reads a <c>tsvector</c>: the words with blanks between. No word needs quoting.</summary>
    public static string ForRow(string subject) => string.Join(' ', Of(subject));

    /// <summary>As PostgreSQL reads a <c>tsquery</c>: all of the words; null when there is none in it.</summary>
    public static string? ForQuestion(string text) =>
        Of(text) is { Count: > 0 } words ? string.Join(" & ", words) : null;

    /// <summary>Each once, in the order in which they first occur, the first <see cref="MostWords"/>.</summary>
    public static IReadOnlyCollection<string> Of(string text)
    {
        var words = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var word = new StringBuilder();
        foreach (var letter in VietnameseText.Fold(text))
        {
            if (IsOfWord(letter))
            {
                word.Append(letter);
                continue;
            }
            End();
            if (words.Count == MostWords)
            {
                return words;
            }
        }
        End();
        return words;

        void End()
        {
            if (word.Length == 0)
            {
                return;
            }
            // Not in the middle of a pair of surrogates.
            if (word.Length > LongestWord)
            {
                word.Length = char.IsHighSurrogate(word[LongestWord - 1])
                    ? LongestWord - 1
                    : LongestWord;
            }
            var ended = word.ToString();
            word.Clear();
            if (known.Add(ended))
            {
                words.Add(ended);
            }
        }
    }

    // Beyond ASCII everything is a letter but blanks, dashes, quotation marks and dots.
    private static bool IsOfWord(char letter) =>
        letter
            is (>= '0' and <= '9')
                or (>= 'a' and <= 'z')
                or (
                    > '\u00A0'
                    and not '\u00AB'
                    and not '\u00B7'
                    and not '\u00BB'
                    and not (>= '\u2000' and <= '\u205F')
                    and not '\u3000'
                );
}
