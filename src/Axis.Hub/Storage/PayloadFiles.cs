using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Storage;

/// <summary>
/// The folder of the payload files: <c>ab/abcd….edxml</c> by SHA-256, <c>.axe</c> when encrypted; <c>uploads/</c> for
/// what is on its way in, <c>orphans/</c> for what no row names and is about to go. One file system, so that every move
/// is one step.
/// </summary>
public sealed class PayloadFiles(IOptions<StorageOptions> options)
{
    private const string Plain = ".edxml";
    private const string Sealed = ".axe";
    private const int NameLength = 64;

    private readonly string _folder = options.Value.PayloadFolder;

    // Whose own entries this process has synced.
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    private string Uploads => Path.Combine(_folder, "uploads");
    private string Orphans => Path.Combine(_folder, "orphans");

    internal FileStream CreateUpload()
    {
        Directory.CreateDirectory(Uploads);
        return new FileStream(
            Path.Combine(Uploads, Guid.CreateVersion7().ToString("N") + ".part"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                // Signatures inside it are judged before it is kept.
                Share = FileShare.Read,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
            }
        );
    }

    /// <summary>Gives a synced file its content address; durable when it returns.</summary>
    internal void Place(string file, ReadOnlySpan<byte> sha256, bool isSealed)
    {
        var final = PathOf(sha256, isSealed);
        var folder = Path.GetDirectoryName(final)!;
        var isKnown = _known.ContainsKey(folder) && Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        File.Move(file, final, overwrite: true);
        // The folder's own entry, once: also when somebody else made the folder, who may not have synced it yet. Then
        // the entry of the file in it.
        if (!isKnown)
        {
            FolderSync.Flush(Path.GetDirectoryName(folder)!);
            _known[folder] = true;
        }
        FolderSync.Flush(folder);
    }

    /// <summary>Null when it is not there. What is in quarantine is still found.</summary>
    internal (FileStream File, bool IsSealed)? Open(ReadOnlySpan<byte> sha256)
    {
        foreach (var isSealed in (bool[])[false, true])
        {
            var path = PathOf(sha256, isSealed);
            foreach (var place in (string[])[path, Path.Combine(Orphans, Path.GetFileName(path))])
            {
                try
                {
                    return (
                        new FileStream(
                            place,
                            new FileStreamOptions
                            {
                                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                                // The sweep may move what is being read.
                                Share = FileShare.ReadWrite | FileShare.Delete,
                                BufferSize = 0,
                            }
                        ),
                        isSealed
                    );
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    continue;
                }
            }
        }
        return null;
    }

    /// <summary>Payload files that were last written before an instant, with the SHA-256 of their names.</summary>
    internal IEnumerable<(FileInfo File, byte[] Sha256)> OlderThan(DateTimeOffset instant) =>
        Directory.Exists(_folder)
            ? Named(
                new DirectoryInfo(_folder)
                    .EnumerateDirectories()
                    .Where(folder => folder.Name.Length == 2)
                    .SelectMany(folder => folder.EnumerateFiles()),
                instant
            )
            : [];

    internal IEnumerable<(FileInfo File, byte[] Sha256)> InQuarantineSince(
        DateTimeOffset instant
    ) =>
        Directory.Exists(Orphans)
            ? Named(new DirectoryInfo(Orphans).EnumerateFiles(), instant)
            : [];

    /// <summary>Sets a file aside; from now on its time of writing is when that was.</summary>
    internal void Quarantine(FileInfo file, DateTimeOffset now)
    {
        Directory.CreateDirectory(Orphans);
        var aside = Path.Combine(Orphans, file.Name);
        File.Move(file.FullName, aside, overwrite: true);
        File.SetLastWriteTimeUtc(aside, now.UtcDateTime);
    }

    /// <summary>A row names it after all.</summary>
    internal void Restore(FileInfo file, ReadOnlySpan<byte> sha256) =>
        Place(file.FullName, sha256, file.Extension == Sealed);

    /// <summary>Uploads that a crash cut off. Run before any upload starts.</summary>
    public void ClearUploads()
    {
        var uploads = new DirectoryInfo(Uploads);
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

    private static IEnumerable<(FileInfo, byte[])> Named(
        IEnumerable<FileInfo> files,
        DateTimeOffset instant
    ) =>
        from file in files
        where file.LastWriteTimeUtc < instant.UtcDateTime
        let name = Path.GetFileNameWithoutExtension(file.Name)
        where
            file.Extension is Plain or Sealed
            && name.Length == NameLength
            && name.All(char.IsAsciiHexDigitLower)
        select (file, Convert.FromHexString(name));

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

    private string PathOf(ReadOnlySpan<byte> sha256, bool isSealed)
    {
        var name = Convert.ToHexStringLower(sha256);
        return Path.Combine(_folder, name[..2], name + (isSealed ? Sealed : Plain));
    }
}
