using Axis.Cli.Terminal;

namespace Axis.Cli.Files;

/// <summary>Files and folders as given on the command line, unfolded.</summary>
internal static class PackageFiles
{
    private const string Pattern = "*.edxml";

    /// <summary>A file counts whatever its name is; a folder stands for every *.edxml in it and below, hidden ones and links left out.</summary>
    /// <exception cref="CommandFailure">A path does not exist, or a folder holds nothing to check: a check of nothing must not look like a success.</exception>
    public static IReadOnlyList<FileInfo> Find(IReadOnlyList<FileSystemInfo> paths)
    {
        var files = new List<FileInfo>();
        foreach (var path in paths)
        {
            switch (path)
            {
                case DirectoryInfo { Exists: true } folder:
                    var inside = Inside(folder);
                    if (inside.Count == 0)
                    {
                        throw new CommandFailure(
                            ExitCodes.Usage,
                            $"There is no {Pattern} in {folder.FullName}."
                        );
                    }

                    files.AddRange(inside);
                    break;
                case FileInfo { Exists: true } file:
                    files.Add(file);
                    break;
                default:
                    throw new CommandFailure(
                        ExitCodes.Usage,
                        $"There is no file or folder {path.FullName}."
                    );
            }
        }

        return [.. files.DistinctBy(file => file.FullName)];
    }

    private static List<FileInfo> Inside(DirectoryInfo folder) =>
        [
            .. folder
                .EnumerateFiles(
                    Pattern,
                    new EnumerationOptions
                    {
                        RecurseSubdirectories = true,
                        MatchCasing = MatchCasing.CaseInsensitive,
                        IgnoreInaccessible = false,
                        AttributesToSkip =
                            FileAttributes.Hidden
                            | FileAttributes.System
                            | FileAttributes.ReparsePoint,
                    }
                )
                .OrderBy(file => file.FullName, StringComparer.Ordinal),
        ];
}
