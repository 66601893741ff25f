namespace Axis.Hub.National;

/// <summary>
/// A call carries a letter to many, and the far side refuses it because of one. Who that is stands in words for people
/// at best, so the call is parted until the one is alone: by the codes that the words name, else in halves.
/// </summary>
internal static class RefusedRecipients
{
    /// <summary>Of n recipients, by index, two parts that hold all of them; null for a single one.</summary>
    public static (int[] First, int[] Second)? Part(IReadOnlyList<string> recipients, string words)
    {
        if (recipients.Count < 2)
        {
            return null;
        }
        var all = Enumerable.Range(0, recipients.Count).ToArray();
        var named = all.Where(i => Names(words, recipients[i])).ToArray();
        return named.Length > 0 && named.Length < all.Length
            ? (named, [.. all.Except(named)])
            : (all[..(all.Length / 2)], all[(all.Length / 2)..]);
    }

    /// <summary>As a word of its own: H99 does not stand in H99.01, and may end a sentence.</summary>
    private static bool Names(string words, string code)
    {
        for (
            var at = words.IndexOf(code, StringComparison.OrdinalIgnoreCase);
            at >= 0;
            at = words.IndexOf(code, at + 1, StringComparison.OrdinalIgnoreCase)
        )
        {
            var end = at + code.Length;
            if (
                (at == 0 || !IsOfCode(words[at - 1]))
                && !(
                    end < words.Length
                    && (
                        char.IsLetterOrDigit(words[end])
                        || (
                            words[end] == '.'
                            && end + 1 < words.Length
                            && char.IsLetterOrDigit(words[end + 1])
                        )
                    )
                )
            )
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsOfCode(char letter) => char.IsLetterOrDigit(letter) || letter == '.';
}
