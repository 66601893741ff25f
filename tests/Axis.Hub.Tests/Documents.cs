namespace Axis.Hub.Tests;

/// <summary>Pages that are written from the code. AXIS_WRITE_DOCS=1 writes them anew instead of comparing.</summary>
internal static class Documents
{
    public static void AssertIs(string path, string expected)
    {
        var file = Path.Combine(Root(), path);
        if (Environment.GetEnvironmentVariable("AXIS_WRITE_DOCS") == "1")
        {
            File.WriteAllText(file, expected);
        }
        Assert.That(
            File.Exists(file) ? File.ReadAllText(file) : "",
            Is.EqualTo(expected),
            $"{path} is out of date: run the tests once with AXIS_WRITE_DOCS=1"
        );
    }

    /// <summary>The part of a page between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c>.</summary>
    public static void AssertPartIs(string path, string name, string expected)
    {
        var page = File.ReadAllText(Path.Combine(Root(), path));
        var (open, close) = ($"<!-- {name} -->\n", $"<!-- /{name} -->");
        var from = page.IndexOf(open, StringComparison.Ordinal) + open.Length;
        var to = page.IndexOf(close, StringComparison.Ordinal);
        Assert.That(from >= open.Length && to >= from, Is.True, $"{path} has no part {name}");
        AssertIs(path, page[..from] + expected + page[to..]);
    }

    public static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Axis.sln")))
        {
            at = at.Parent ?? throw new InvalidOperationException("Axis.sln is above the tests");
        }
        return at.FullName;
    }
}
