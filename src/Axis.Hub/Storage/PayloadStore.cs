using System.Data;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// Where the bytes of a package rest: inline in PostgreSQL up to a size, above it in a file named by the SHA-256 of its
/// content. A file is complete and synced, and so is the folder entry that names it, before the row that relies on it
/// is committed; so a committed package always has its bytes. A crash in between leaves a file nobody names: harmless,
/// and the same content takes its place on the next try.
/// </summary>
public sealed class PayloadStore(
    NpgsqlDataSource database,
    IOptions<StorageOptions> options,
    ICrashPoints crash
)
{
    private readonly string _folder = options.Value.PayloadFolder;

    public int InlineLimitBytes { get; } = options.Value.InlineLimitBytes;

    /// <summary>A new file for a package on its way in, on the same file system as its final place.</summary>
    public FileStream CreateUpload()
    {
        var uploads = Directory.CreateDirectory(Path.Combine(_folder, "uploads"));
        var upload = new FileStream(
            Path.Combine(uploads.FullName, Guid.CreateVersion7().ToString("N") + ".part"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
            }
        );
        crash.Pass(CrashPoint.UploadBegun);
        return upload;
    }

    /// <summary>Keeps bytes that are in memory as a file, as <see cref="Keep"/> does an upload.</summary>
    public async Task KeepAsync(
        ReadOnlyMemory<byte> bytes,
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        await using var upload = CreateUpload();
        await upload.WriteAsync(bytes, cancellationToken);
        Keep(upload, sha256.Span);
    }

    /// <summary>Moves a finished upload to its content address and returns when it would survive a power cut.</summary>
    public void Keep(FileStream upload, ReadOnlySpan<byte> sha256)
    {
        upload.Flush(flushToDisk: true);
        var final = PathOf(sha256);
        var folder = Path.GetDirectoryName(final)!;
        Directory.CreateDirectory(folder);
        File.Move(upload.Name, final, overwrite: true);
        // The new folder's own entry, then the entry of the file in it.
        FolderSync.Flush(Path.GetDirectoryName(folder)!);
        FolderSync.Flush(folder);
        crash.Pass(CrashPoint.PayloadKept);
    }

    /// <summary>The bytes of a stored package; null when there is no such package.</summary>
    public async Task<Stream?> OpenAsync(
        Guid packageId,
        ReadOnlyMemory<byte> sha256,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "SELECT bytes FROM payload WHERE package_id = $1"
        );
        command.Parameters.Add(new() { Value = packageId });
        await using var reader = await command.ExecuteReaderAsync(
            CommandBehavior.SingleRow,
            cancellationToken
        );
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }
        if (!await reader.IsDBNullAsync(0, cancellationToken))
        {
            return new MemoryStream(reader.GetFieldValue<byte[]>(0), writable: false);
        }
        return new FileStream(
            PathOf(sha256.Span),
            new FileStreamOptions
            {
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            }
        );
    }

    /// <summary>Uploads that a crash cut off. Run before any upload starts.</summary>
    public void ClearUploads()
    {
        var uploads = new DirectoryInfo(Path.Combine(_folder, "uploads"));
        if (!uploads.Exists)
        {
            return;
        }
        // Another node may share the folder: only what no upload is still writing to.
        foreach (var file in uploads.EnumerateFiles("*.part").Where(file => !IsInUse(file)))
        {
            file.Delete();
        }
    }

    private static bool IsInUse(FileInfo file)
    {
        try
        {
            using var handle = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private string PathOf(ReadOnlySpan<byte> sha256)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(_folder, name[..2], name + ".edxml");
    }
}
