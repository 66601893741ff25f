using System.CommandLine;
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
    public static async Task<CliRun> OfAsync(params string[] arguments)
    {
        var (output, error) = (Console.Out, Console.Error);
        using var newOutput = new StringWriter();
        using var newError = new StringWriter();
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
                AuditCommand.Build(),
                AgenciesCommand.Build(),
                SystemsCommand.Build(),
                CertificatesCommand.Build(),
                PoliciesCommand.Build(),
                WatchCommand.Build(),
                WebhooksCommand.Build(),
                NoticesCommand.Build(),
                DeadlineCommands.Deadlines(),
                DeadlineCommands.FollowUp(),
                DeadlineCommands.Extension(),
                NationalCommand.Build(),
                SimCommand.Build(),
            };
            var code = await CommandLine.RunAsync(root, arguments);
            return new CliRun(code, newOutput.ToString(), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
