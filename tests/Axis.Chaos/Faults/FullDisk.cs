using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Axis.Chaos.Faults;

/// <summary>
/// A payload folder on a file system of its own in memory, which shrinks to what it holds: full, as the system calls
/// see it. Needs the right to mount; without it this fault is left out, and the run says so.
/// </summary>
public sealed class FullDisk : IAsyncDisposable
{
    private const long Roomy = 4L << 30;

    private FullDisk(string folder, bool isPossible)
    {
        Folder = folder;
        IsPossible = isPossible;
    }

    public string Folder { get; }

    public bool IsPossible { get; }

    public static async Task<FullDisk> PrepareAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        return new FullDisk(
            folder,
            Environment.IsPrivilegedProcess
                && await RunAsync("mount", "-t", "tmpfs", "-o", Size(Roomy), "axis-chaos", folder)
        );
    }

    /// <summary>Leaves room for nothing but a page or two.</summary>
    public async Task FillAsync()
    {
        var drive = new DriveInfo(Folder);
        var used = drive.TotalSize - drive.AvailableFreeSpace;
        await RunAsync("mount", "-o", $"remount,{Size(used + (16 << 10))}", Folder);
    }

    public Task EmptyAsync() => RunAsync("mount", "-o", $"remount,{Size(Roomy)}", Folder);

    public async ValueTask DisposeAsync()
    {
        if (IsPossible)
        {
            await RunAsync("umount", "--lazy", Folder);
        }
    }

    private static string Size(long bytes) =>
        "size=" + bytes.ToString(CultureInfo.InvariantCulture);

    private static async Task<bool> RunAsync(string program, params string[] words)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, words)
                {
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            )!;
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
