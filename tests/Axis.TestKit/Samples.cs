namespace Axis.TestKit;

/// <summary>Real packages of the field, which lie beside the repository and may be absent.</summary>
public static class Samples
{
    /// <summary>The files of one folder of the samples; empty when there are none on this machine.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Axis.sln")))
            {
                var samples = Path.Combine(at.FullName, "..", "shared", "samples", folder);
                return Directory.Exists(samples)
                    ?
                    [
                        .. Directory
                            .EnumerateFiles(samples, "*.edxml")
                            .Order(StringComparer.Ordinal),
                    ]
                    : [];
            }
        }
        return [];
    }
}
