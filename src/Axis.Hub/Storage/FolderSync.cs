using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Axis.Hub.Storage;

/// <summary>
/// Makes the entries of a folder durable. POSIX lets a file's content survive a power cut while its name does not;
/// .NET opens no folders, so the two calls are made directly.
/// </summary>
internal static partial class FolderSync
{
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS journals folder entries with the file's own flush.
            return;
        }
        const int ReadOnly = 0;
        var descriptor = Open(folder, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"Cannot open {folder} to sync it", new Win32Exception());
        }
        var result = Fsync(descriptor);
        var failure = result < 0 ? new Win32Exception() : null;
        _ = Close(descriptor);
        if (failure is not null)
        {
            throw new IOException($"Cannot sync {folder}", failure);
        }
    }

    [LibraryImport(
        "libc",
        EntryPoint = "open",
        SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8
    )]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
