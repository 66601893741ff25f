using System.Diagnostics;
using Axis.Cli.Local;

namespace Axis.Cli.Testing;

/// <summary>Whether CSharpier would change a source file.</summary>
internal static class SourceFormat
{
    public static async Task<bool> CheckAsync(Workspace workspace, CancellationToken cancellation)
    {
        Console.Error.WriteLine("Checking the format …");
        // The restore asks a server of packages, which may be away for a moment.
        return (
                await RunAsync(workspace, ["tool", "restore"], cancellation)
                || await RunAsync(workspace, ["tool", "restore"], cancellation)
            ) && await RunAsync(workspace, ["csharpier", "check", "."], cancellation);
    }

    private static async Task<bool> RunAsync(
        Workspace workspace,
        string[] words,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo("dotnet", words)
        {
            WorkingDirectory = workspace.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode == 0)
        {
            return true;
        }
        Console.Error.WriteLine(await output + await errors);
        return false;
    }
}
