using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Operations.Doctor;

/// <summary>The folder of the payload files: a file system that keeps what was synced, with room, and one for all of it.</summary>
public sealed class PayloadExamination(IOptions<StorageOptions> options) : IExamination
{
    private const long LeastFree = 1L << 30;
    private const double LittleFree = 0.1;

    // What they hold is gone with the power.
    private static readonly string[] Volatile = ["tmpfs", "ramfs", "devtmpfs"];
    private static readonly string[] Remote = ["nfs", "nfs4", "cifs", "smb3", "fuse", "9p"];

    public string Subject => "payloads";

    public Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(options.Value.PayloadFolder);
        var findings = new List<Finding> { Writable(folder) };
        if (findings[0].Health == Health.Ok)
        {
            findings.Add(Room(new DriveInfo(folder)));
            findings.AddRange(Mounts(folder));
        }
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private static Finding Writable(string folder)
    {
        var probe = Path.Combine(folder, $".doctor-{Guid.CreateVersion7():n}");
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = new FileStream(probe, FileMode.CreateNew))
            {
                file.WriteByte(1);
                file.Flush(flushToDisk: true);
            }
            File.Move(probe, probe + ".moved");
            FolderSync.Flush(folder);
            File.Delete(probe + ".moved");
            return Finding.Ok("payloads.folder", $"{folder} can be written and synced");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Unsafe(
                "payloads.folder",
                $"{folder} cannot be written: {e.Message}",
                "Give the hub's account the folder, on a disk that works."
            );
        }
    }

    private static Finding Room(DriveInfo drive) => Room(drive.AvailableFreeSpace, drive.TotalSize);

    public static Finding Room(long free, long total)
    {
        var said = $"{free / (double)(1 << 30):0.0} of {total / (double)(1 << 30):0.0} GiB free";
        return free < LeastFree
                ? Finding.Unsafe(
                    "payloads.room",
                    said,
                    "Make room now: large packages are refused when it is full."
                )
            : free < total * LittleFree
                ? Finding.Warning(
                    "payloads.room",
                    said,
                    "Make room, or shorten the retention (docs/operations.md, Retention)."
                )
            : Finding.Ok("payloads.room", said);
    }

    private static IEnumerable<Finding> Mounts(string folder)
    {
        const string Table = "/proc/self/mounts";
        if (!File.Exists(Table))
        {
            yield break;
        }
        var mounts = File.ReadAllLines(Table);
        var own = MountOf(mounts, folder);
        yield return Judge(own);
        var uploads = MountOf(mounts, Path.Combine(folder, "uploads"));
        if (uploads.Point != own.Point)
        {
            yield return Finding.Unsafe(
                "payloads.uploads",
                $"{uploads.Point} is a file system of its own: a finished upload cannot be moved into place",
                "Take that mount away; the payload folder and its uploads are one file system."
            );
        }
    }

    public static Finding Judge(Mount mount) =>
        Volatile.Contains(mount.Type)
            ? Finding.Unsafe(
                "payloads.filesystem",
                $"{mount.Type} at {mount.Point}: it is in memory",
                "Put Storage:PayloadFolder on a disk."
            )
        : Remote.Any(type => mount.Type.StartsWith(type, StringComparison.Ordinal))
            ? Finding.Warning(
                "payloads.filesystem",
                $"{mount.Type} at {mount.Point}: fsync is as good as the server's promise",
                "Make sure that the server syncs (for NFS: export with sync, mount hard)."
            )
        : Finding.Ok("payloads.filesystem", $"{mount.Type} at {mount.Point}");

    /// <summary>The mount with the longest point above the path, from the lines of <c>/proc/self/mounts</c>.</summary>
    public static Mount MountOf(IEnumerable<string> lines, string path) =>
        lines
            .Select(line => line.Split(' '))
            .Where(words => words.Length > 2)
            .Select(words => new Mount(
                words[1].Replace("\\040", " ", StringComparison.Ordinal),
                words[2]
            ))
            .Where(mount =>
                mount.Point == "/"
                || path == mount.Point
                || path.StartsWith(mount.Point + "/", StringComparison.Ordinal)
            )
            // The later of two on one point hides the earlier.
            .Aggregate(
                new Mount("/", "unknown"),
                (best, next) => next.Point.Length >= best.Point.Length ? next : best
            );

    public sealed record Mount(string Point, string Type);
}
