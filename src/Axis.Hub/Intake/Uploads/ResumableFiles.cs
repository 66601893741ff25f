using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake.Uploads;

/// <summary>
/// The files of open uploads, in the folder <c>resumable</c> beside the payloads. Whoever writes holds the file alone,
/// over processes too; the lock goes with the process.
/// </summary>
public sealed class ResumableFiles(IOptions<StorageOptions> options)
{
    private readonly string _folder = Path.Combine(options.Value.PayloadFolder, "resumable");

    /// <summary>Null when another request has it.</summary>
    public FileStream? TryOpen(Guid id)
    {
        Directory.CreateDirectory(_folder);
        try
        {
            return new FileStream(
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
    }

    public void Delete(Guid id) => File.Delete(PathOf(id));

    private string PathOf(Guid id) => Path.Combine(_folder, id.ToString("N"));
}
