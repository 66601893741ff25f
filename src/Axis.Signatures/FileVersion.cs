namespace Axis.Signatures;

/// <summary>
/// What a file holds at a moment, told apart by size and time, for files that are read again when they change. Of a link
/// it is what the link leads to, over links among the folders too: a name in a mounted Secret of Kubernetes stays the
/// same link for ever, and what changes is a link above it.
/// </summary>
/// <param name="Length">Bytes.</param>
/// <param name="WrittenAt">UTC.</param>
public readonly record struct FileVersion(long Length, DateTime WrittenAt)
{
    /// <exception cref="IOException">There is no such file, or it cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileVersion Of(string path)
    {
        // The open file and not its name: File.GetLastWriteTimeUtc(path) is the link's own time.
        using var file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        return new FileVersion(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
    }
}
