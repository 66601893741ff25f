namespace Axis.EdXml.Tests;

/// <summary>Files of the repository that tests hold against the code.</summary>
internal static class Repository
{
    internal static string Root()
    {
        for (
            var at = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            at is not null;
            at = at.Parent
        )
        {
            if (System.IO.File.Exists(Path.Combine(at.FullName, "Axis.sln")))
                return at.FullName;
        }
        Assert.Ignore("The tests do not run inside the repository.");
        return "";
    }

    internal static string File(params string[] parts) =>
        System.IO.Path.Combine([Root(), .. parts]);
}
