using System.CommandLine;
using Axis.LocalServers;

namespace Axis.Cli.Terminal;

internal static class CommandLine
{
    /// <summary>Servers and hub need some seconds for an orderly stop after Ctrl-C.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);

    /// <summary>Runs the command and turns expected failures into a sentence and an exit code.</summary>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopPatience,
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration);
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (CommandFailure e)
        {
            return Say(e.Message, e.ExitCode);
        }
        catch (PrivateServersException e)
        {
            return Say(e.Message, ExitCodes.Unreachable);
        }
        catch (OperationCanceledException)
        {
            return Say("Interrupted.", ExitCodes.Refused);
        }
    }

    private static int Say(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
