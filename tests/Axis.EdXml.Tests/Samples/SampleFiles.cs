namespace Axis.EdXml.Tests;

/// <summary>Real packages that lie beside the project.</summary>
internal static class SampleFiles
{
    internal static byte[] Read(string name)
    {
        var path = Path.Combine(Folder(), name);
        if (!File.Exists(path))
            Assert.Ignore($"The sample {name} is not there.");
        return File.ReadAllBytes(path);
    }

    internal static string[] All()
    {
        var folder = Folder();
        return
        [
            .. Directory
                .EnumerateFiles(folder, "*.edxml", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(folder, f))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string Folder()
    {
        for (
            var at = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            at is not null;
            at = at.Parent
        )
        {
            if (!File.Exists(Path.Combine(at.FullName, "Axis.sln")))
                continue;
            var samples = Path.Combine(at.FullName, "..", "shared", "samples");
            if (Directory.Exists(samples))
                return Path.GetFullPath(samples);
            break;
        }
        Assert.Ignore(
            "The folder ../shared/samples is not beside the project; tests on real packages are skipped."
        );
        return "";
    }
}
