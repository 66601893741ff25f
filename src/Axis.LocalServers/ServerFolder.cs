using System.Security.Cryptography;
using System.Text;

namespace Axis.LocalServers;

/// <summary>Where the servers' own files go.</summary>
internal static class ServerFolder
{
    /// <summary>
    /// Below the data folder; or, when we are root and a folder above it is closed to the servers' users (a home of
    /// mode 700), a folder in /var/tmp named after it.
    /// </summary>
    public static string For(string dataFolder, IProgress<string> progress)
    {
        if (!Environment.IsPrivilegedProcess || ClosedFolder(dataFolder) is not { } closed)
        {
            return dataFolder;
        }

        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[
            ..12
        ];
        var elsewhere = $"/var/tmp/axis-{mark}";
        progress.Report(
            $"{closed} is closed to the users postgres and rabbitmq: their data goes to {elsewhere}."
        );
        return elsewhere;
    }

    /// <summary>Deletes a folder whose servers were killed: what they started may write in it for a moment more.</summary>
    public static async Task DeleteAsync(string folder, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
                when (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(100, cancellation);
            }
        }
    }

    private static string? ClosedFolder(string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            if (!folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
