using System.ComponentModel;
using System.Diagnostics;
using Axis.Cli.Local;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary>The hub's own program, for verbs that need its settings and not a hub that runs.</summary>
internal static class HubProgram
{
    /// <summary>By this setting the environment shows that it has the hub's.</summary>
    public const string Setting = "Storage__ConnectionString";

    public static bool HasSettings =>
        Environment.GetEnvironmentVariable(Setting) is { Length: > 0 };

    public static async Task<int> RunAsync(
        IEnumerable<string> words,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo("dotnet");
        start.ArgumentList.Add(Workspace.Find().HubAssembly);
        foreach (var word in words)
        {
            start.ArgumentList.Add(word);
        }

        // Its own lines about what it did are no part of the answer.
        start.Environment["Logging__LogLevel__Default"] = "Critical";
        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            throw new CommandFailure(
                ExitCodes.Unreachable,
                "There is no dotnet to run the hub with."
            );
        }
    }
}
