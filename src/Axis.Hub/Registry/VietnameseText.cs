using System.Text;

namespace Axis.Hub.Registry;

/// <summary>
/// Vietnamese without its accents, in lower case, as people type when they search: "Sở Xây dựng" is "so xay dung". The
/// same as the database's <c>fold_vietnamese</c>; a test holds the two together.
/// </summary>
public static class VietnameseText
{
    private const string Accented =
        "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
        + "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ";
    private const string Plain =
        "aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd"
        + "aaaaaaaaaaaaaaaaaeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyd";

    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        // Two ways to write an accent: in the letter, or as a mark behind it.
        const string Marks = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031B";
        foreach (var letter in text)
        {
            var at = letter < 0x80 ? -1 : Accented.IndexOf(letter, StringComparison.Ordinal);
            if (at >= 0)
            {
                folded.Append(Plain[at]);
            }
            else if (!Marks.Contains(letter, StringComparison.Ordinal))
            {
                folded.Append(char.ToLowerInvariant(letter));
            }
        }
        return folded.ToString();
    }
}
