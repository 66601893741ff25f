namespace Axis.Resilience.Tests;

internal static class Repository
{
    public static string Root()
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            if (File.Exists(Path.Combine(folder.FullName, "Axis.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
