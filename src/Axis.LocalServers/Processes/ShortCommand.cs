using System.Diagnostics;

namespace Axis.LocalServers.Processes;

/// <summary>A command that is expected to end soon.</summary>
internal static class ShortCommand
{
    /// <exception cref="PrivateServersException">It could not be started or did not end with 0; carries its last words.</exception>
    public static async Task RunAsync(
        IEnumerable<string> command,
        IReadOnlyDictionary<string, string>? environment,
        CancellationToken cancellation
    )
    {
        var words = command.ToArray();
        var start = new ProcessStartInfo(words[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in words[1..])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process =
            Process.Start(start)
            ?? throw new PrivateServersException($"{words[0]} could not be started.");
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            var said = string.Join(
                '\n',
                ((await errors) + (await output)).Trim().Split('\n').TakeLast(5)
            );
            throw new PrivateServersException(
                $"{string.Join(' ', words)} ended with {process.ExitCode}: {said}"
            );
        }
    }
}
