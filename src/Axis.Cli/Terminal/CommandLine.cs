using System.CommandLine;
using Axis.Client;
using Axis.LocalServers;

namespace Axis.Cli.Terminal;

internal static class CommandLine
{
    /// <summary>Servers and hub need some seconds for an orderly stop after Ctrl-C.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);

    private const string TraceVariable = "AXIS_TRACE";

    /// <summary>Runs the command and turns expected failures into a sentence and an exit code.</summary>
    /// <param name="root">With all commands.</param>
    /// <param name="args">The words behind the program.</param>
    /// <param name="cancellation">Ends the command as Ctrl-C does.</param>
    public static async Task<int> RunAsync(
        RootCommand root,
        string[] args,
        CancellationToken cancellation = default
    )
    {
        var parsed = root.Parse(args);
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = StopPatience,
        };
        try
        {
            var code = await parsed.InvokeAsync(configuration, cancellation);
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : code;
        }
        catch (CommandFailure e)
        {
            return Say(e.Message, e.ExitCode);
        }
        catch (AxisRefusedException e)
        {
            var problems = e.Problem.Errors.Select(error =>
                $"  {error.Code}  {error.Path}{Place(error)}\n    {error.MessageVi}\n    {error.Message}"
            );
            return Say(
                string.Join(
                    '\n',
                    problems.Prepend($"The hub refused ({e.Problem.Status}): {e.Problem.Title}")
                ),
                ExitCodes.Refused
            );
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException)
        {
            return Say($"The hub is out of reach: {e.Message}", ExitCodes.Unreachable);
        }
        catch (PrivateServersException e)
        {
            return Say(e.Message, ExitCodes.Unreachable);
        }
        catch (OperationCanceledException)
        {
            return Say("Interrupted.", ExitCodes.Refused);
        }
        catch (Exception e) when (Environment.GetEnvironmentVariable(TraceVariable) is null)
        {
            return Say(
                $"Unexpected: {e.GetType().Name}: {e.Message} ({TraceVariable}=1 shows where.)",
                ExitCodes.Refused
            );
        }
    }

    private static string Place(ErrorItem error) =>
        error.Line is null ? "" : $"  line {error.Line}, column {error.Column}";

    private static int Say(string message, int code)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
