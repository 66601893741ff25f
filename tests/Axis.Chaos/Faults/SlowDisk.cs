using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Axis.Chaos.Faults;

/// <summary>
/// A library that is put before libc in a server's process and lets it wait for its syncs. Compiled here when the
/// machine has a C compiler; without one this fault is left out, and the run says so.
/// </summary>
public sealed class SlowDisk
{
    private readonly string _folder;
    private readonly string? _library;

    private SlowDisk(string folder, string? library)
    {
        _folder = folder;
        _library = library;
    }

    public bool IsPossible => _library is not null;

    /// <param name="folder">Every account must be able to read it.</param>
    public static async Task<SlowDisk> PrepareAsync(string folder, CancellationToken cancellation)
    {
        var library = Path.Combine(folder, "slow_fsync.so");
        var source = Path.Combine(AppContext.BaseDirectory, "Faults", "slow_fsync.c");
        try
        {
            using var compiler = Process.Start(
                new ProcessStartInfo(
                    "cc",
                    ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
                )
                {
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            )!;
            await compiler.WaitForExitAsync(cancellation);
            return new SlowDisk(folder, compiler.ExitCode == 0 ? library : null);
        }
        catch (Win32Exception)
        {
            return new SlowDisk(folder, null);
        }
    }

    /// <summary>The variables that put a server under this fault.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentOf(string server)
    {
        if (_library is null)
        {
            return new Dictionary<string, string>();
        }
        Set(server, TimeSpan.Zero);
        return new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = _library,
            ["AXIS_SLOW_FSYNC"] = FileOf(server),
        };
    }

    /// <summary>How long each sync of the server waits from now on.</summary>
    public void Set(string server, TimeSpan pause)
    {
        var next = FileOf(server) + ".new";
        File.WriteAllText(
            next,
            ((long)pause.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                next,
                UnixFileMode.UserRead
                    | UnixFileMode.UserWrite
                    | UnixFileMode.GroupRead
                    | UnixFileMode.OtherRead
            );
        }
        File.Move(next, FileOf(server), overwrite: true);
    }

    private string FileOf(string server) => Path.Combine(_folder, $"slow-{server}");
}
