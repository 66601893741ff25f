namespace Axis.Cli.Tests;

/// <summary>A test with a folder that is gone afterwards.</summary>
[NonParallelizable]
public abstract class FolderTest
{
    private DirectoryInfo _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("axis-cli-");

    [TearDown]
    public void RemoveFolder() => _folder.Delete(recursive: true);

    internal string In(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    internal string Write(string name, string text)
    {
        var path = In(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A file of contracts/packages.</summary>
    internal static string Package(params string[] parts)
    {
        for (
            var at = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            at is not null;
            at = at.Parent
        )
        {
            if (File.Exists(Path.Combine(at.FullName, "Axis.sln")))
            {
                return Path.Combine([at.FullName, "contracts", "packages", .. parts]);
            }
        }

        Assert.Ignore("The tests do not run inside the repository.");
        return "";
    }
}
