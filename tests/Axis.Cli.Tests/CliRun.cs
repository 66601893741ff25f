using System.CommandLine;
using Axis.Benchmarks;
using Axis.Cli.Files;
using Axis.Cli.Make;
using Axis.Cli.National;
using Axis.Cli.Ops;
using Axis.Cli.Registry;
using Axis.Cli.Remote;
using Axis.Cli.Terminal;
using Spectre.Console;

namespace Axis.Cli.Tests;

/// <summary>One run of the command line in this process, with a folder of its own; the console is one for all, so no two at once.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static Task<CliRun> OfAsync(params string[] arguments) =>
        OfAsync(arguments, (_, _) => Task.CompletedTask);

    /// <param name="arguments">The words behind the program.</param>
    /// <param name="meanwhile">
    /// Runs beside the command, with what it has printed so far, and may end it; the run waits for both.
    /// </param>
    public static async Task<CliRun> OfAsync(
        string[] arguments,
        Func<Func<string>, CancellationTokenSource, Task> meanwhile
    )
    {
        var (output, error) = (Console.Out, Console.Error);
        using var outputText = new StringWriter();
        using var errorText = new StringWriter();
        var (newOutput, newError) = (
            TextWriter.Synchronized(outputText),
            TextWriter.Synchronized(errorText)
        );
        using var end = new CancellationTokenSource();
        Console.SetOut(newOutput);
        Console.SetError(newError);
        // It would go on writing to the console of the run before.
        AnsiConsole.Console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(newOutput) }
        );
        try
        {
            var root = new RootCommand
            {
                CheckCommand.Build(),
                InspectCommand.Build(),
                MakeCommand.Build(),
                SignCommand.Build(),
                VerifyCommand.Build(),
                PingCommand.Build(),
                DeliveriesCommand.Build(),
                RoutesCommand.Build(),
                AuditCommand.Build(),
                AgenciesCommand.Build(),
                SystemsCommand.Build(),
                CertificatesCommand.Build(),
                PoliciesCommand.Build(),
                LettersCommand.Build(),
                TrackCommand.Build(),
                WatchCommand.Build(),
                WebhooksCommand.Build(),
                NoticesCommand.Build(),
                DeadlineCommands.Deadlines(),
                DeadlineCommands.FollowUp(),
                DeadlineCommands.Extension(),
                NationalCommand.Build(),
                SimCommand.Build(),
                SyntheticMonthCommand.Build(),
            };
            var running = CommandLine.RunAsync(root, arguments, end.Token);
            try
            {
                await meanwhile(Printed, end);
            }
            catch
            {
                await end.CancelAsync();
                await running;
                throw;
            }
            var code = await running;
            return new CliRun(code, Printed(), errorText.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }

        // A synchronized writer locks itself.
        string Printed()
        {
            lock (newOutput)
            {
                return outputText.ToString();
            }
        }
    }
}
