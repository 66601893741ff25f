namespace Axis.LocalServers.Processes;

/// <summary>
/// PostgreSQL refuses to run as root, and RabbitMQ should not: as root, each server runs as the user its package made.
/// </summary>
internal static class Accounts
{
    /// <summary>The account to use for a server, or null to stay who we are.</summary>
    public static string? For(string packageUser) =>
        Environment.IsPrivilegedProcess ? packageUser : null;

    /// <summary>The words before a command that make it run as <paramref name="account"/>.</summary>
    public static string[] Prefix(string? account) =>
        account is null
            ? []
            : ["setpriv", $"--reuid={account}", $"--regid={account}", "--init-groups", "--"];

    /// <summary>Makes a folder that only <paramref name="account"/> can enter.</summary>
    public static async Task MakeFolderAsync(
        string path,
        string? account,
        CancellationToken cancellation
    )
    {
        string[] owner = account is null ? [] : ["-o", account, "-g", account];
        await ShortCommand.RunAsync(
            ["install", "-d", "-m", "700", .. owner, path],
            null,
            cancellation
        );
    }

    /// <summary>Writes a file that only <paramref name="account"/> can read.</summary>
    public static async Task WriteFileAsync(
        string path,
        string content,
        string? account,
        CancellationToken cancellation
    )
    {
        // Removed first, because a file's mode is set only when it is made.
        File.Delete(path);
        await using (
            var file = new FileStream(
                path,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            )
        )
        {
            await using var writer = new StreamWriter(file);
            await writer.WriteAsync(content.AsMemory(), cancellation);
        }

        if (account is not null)
        {
            await ShortCommand.RunAsync(
                ["chown", $"{account}:{account}", path],
                null,
                cancellation
            );
        }
    }
}
