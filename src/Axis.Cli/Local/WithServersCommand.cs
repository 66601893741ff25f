using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Axis.Cli.Terminal;

namespace Axis.Cli.Local;

internal static class WithServersCommand
{
    public static Command Build()
    {
        var words = new Argument<string[]>("command")
        {
            Description = "The command and its arguments, after --.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "with-servers",
            "Run a command with a fresh PostgreSQL and RabbitMQ, named in AXIS_POSTGRES, AXIS_AMQP, "
                + "AXIS_AMQP_MANAGEMENT and AXIS_BROKER_AUTH_PORT; they are gone when it ends. "
                + "Where these are set already, only the command runs."
        )
        {
            words,
        };
        command.SetAction(
            (parsed, cancellation) =>
                FreshServers.WithAsync(
                    Workspace.Find(),
                    variables => RunAsync(parsed.GetValue(words)!, variables, cancellation),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        string[] words,
        IReadOnlyDictionary<string, string> variables,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo(words[0], words[1..]);
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            try
            {
                await process.WaitForExitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                // Ctrl-C reached it too; the servers wait for its end.
                await process.WaitForExitAsync(CancellationToken.None);
            }

            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            throw new CommandFailure(ExitCodes.Usage, $"There is no command {words[0]}.");
        }
    }
}
