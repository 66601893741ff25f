using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake.Uploads;

/// <summary>
/// The files of open uploads, in the folder <c>resumable</c> beside the payloads. Whoever writes holds the file alone,
/// over processes too; the lock goes with the process.
/// </summary>
public sealed class ResumableFiles(IOptions<StorageOptions> options)
{
    private readonly string _folder = Path.Combine(
        Path.GetFullPath(options.Value.PayloadFolder),
        "resumable"
    );

    /// <summary>Null when another request has it. Made, durably, when it is not there.</summary>
    public FileStream? TryOpen(Guid id)
    {
        Directory.CreateDirectory(_folder);
        FileStream file;
        try
        {
            file = new FileStream(
                PathOf(id),
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    BufferSize = 0,
                    Options = FileOptions.Asynchronous,
                }
            );
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            return null;
        }
        if (file.Length == 0)
        {
            SyncName(file);
        }
        return file;
    }

    public void Delete(Guid id) => File.Delete(PathOf(id));

    /// <summary>Files that were last written before an instant, with the uploads that they are of.</summary>
    public IEnumerable<(FileInfo File, Guid Id)> OlderThan(DateTimeOffset instant) =>
        Directory.Exists(_folder)
            ? from file in new DirectoryInfo(_folder).EnumerateFiles()
            where file.LastWriteTimeUtc < instant.UtcDateTime
            let id = Guid.TryParseExact(file.Name, "N", out var name) ? name : Guid.Empty
            where id != Guid.Empty
            select (file, id)
            : [];

    // Before a byte of it is promised: a power cut keeps synced bytes, but not a name that its folder had not synced.
    private void SyncName(FileStream file)
    {
        try
        {
            FolderSync.Flush(Path.GetDirectoryName(_folder)!);
            FolderSync.Flush(_folder);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private string PathOf(Guid id) => Path.Combine(_folder, id.ToString("N"));
}
