namespace Axis.EdXml.Tests;

/// <summary>Real packages that lie beside the project.</summary>
internal static class SampleFiles
{
    internal static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder(), name));

    /// <summary>The same for a name that a test knows; ignores the test when the folder is absent.</summary>
    internal static byte[] Require(string name)
    {
        All();
        return Read(name);
    }

    /// <summary>Names of all samples; ignores the test when there are none.</summary>
    internal static IReadOnlyList<string> All()
    {
        var all = TryAll();
        if (all.Count == 0)
            Assert.Ignore(
                "The folder ../shared/samples is not beside the project; tests on real packages are skipped."
            );
        return all;
    }

    internal static IReadOnlyList<string> TryAll() =>
        TryFolder() is not { } folder
            ? []
            :
            [
                .. Directory
                    .EnumerateFiles(folder, "*.edxml", SearchOption.AllDirectories)
                    .Select(f => Path.GetRelativePath(folder, f))
                    .Order(StringComparer.Ordinal),
            ];

    private static string Folder()
    {
        var folder = TryFolder();
        if (folder is null)
            Assert.Ignore(
                "The folder ../shared/samples is not beside the project; tests on real packages are skipped."
            );
        return folder!;
    }

    private static string? TryFolder()
    {
        for (
            var at = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            at is not null;
            at = at.Parent
        )
        {
            if (!File.Exists(Path.Combine(at.FullName, "Axis.sln")))
                continue;
            var samples = Path.GetFullPath(Path.Combine(at.FullName, "..", "shared", "samples"));
            return Directory.Exists(samples) ? samples : null;
        }
        return null;
    }
}
