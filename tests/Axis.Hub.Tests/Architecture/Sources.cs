namespace Axis.Hub.Tests.Architecture;

/// <summary>A source file of this repository.</summary>
/// <param name="Path">From the root of the repository.</param>
internal sealed record SourceFile(string Path, string Text)
{
    public int Lines => Text.AsSpan().Count('\n');
}

internal static class Sources
{
    /// <summary>The C# files below a folder, without what the build makes.</summary>
    public static IReadOnlyList<SourceFile> In(string folder)
    {
        var root = Documents.Root();
        return
        [
            .. from path in Directory.EnumerateFiles(
                Path.Combine(root, folder),
                "*.cs",
                SearchOption.AllDirectories
            )
            let relative = Path.GetRelativePath(root, path)
            where !relative.Split('/').Intersect(["bin", "obj"]).Any()
            select new SourceFile(relative, File.ReadAllText(path)),
        ];
    }

    /// <summary>Whether a text says a name, as a whole word.</summary>
    public static bool Names(string text, string name)
    {
        for (
            var at = text.IndexOf(name, StringComparison.Ordinal);
            at >= 0;
            at = text.IndexOf(name, at + 1, StringComparison.Ordinal)
        )
        {
            var end = at + name.Length;
            if (
                (at == 0 || !IsOfWord(text[at - 1])) && (end == text.Length || !IsOfWord(text[end]))
            )
            {
                return true;
            }
        }
        return false;

        static bool IsOfWord(char letter) => char.IsLetterOrDigit(letter) || letter == '_';
    }
}
