using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Axis.Cli.Terminal;
using Axis.LocalServers;

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
                RunAsync(Workspace.Find(), parsed.GetValue(words)!, cancellation)
        );
        return command;
    }

    private static async Task<int> RunAsync(
        Workspace workspace,
        string[] words,
        CancellationToken cancellation
    )
    {
        if (
            Environment.GetEnvironmentVariable(SharedTestServers.PostgresVariable) is
            { Length: > 0 }
        )
        {
            return await RunCommandAsync(words, servers: null, cancellation);
        }

        var folder = Path.Combine(workspace.DefaultDataFolder, $"servers-{Environment.ProcessId}");
        try
        {
            await using var servers = await PrivateServers.StartAsync(
                new PrivateServersOptions(folder, WithManagement: true),
                new ProgressWords(),
                cancellation
            );
            var code = await RunCommandAsync(words, servers, cancellation);
            await PrivateServers.PurgeAsync(folder, CancellationToken.None);
            return code;
        }
        finally
        {
            if (Directory.Exists(folder))
            {
                await PrivateServers.PurgeAsync(folder, CancellationToken.None);
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static async Task<int> RunCommandAsync(
        string[] words,
        PrivateServers? servers,
        CancellationToken cancellation
    )
    {
        var start = new ProcessStartInfo(words[0]);
        foreach (var word in words[1..])
        {
            start.ArgumentList.Add(word);
        }

        if (servers is not null)
        {
            start.Environment[SharedTestServers.PostgresVariable] =
                servers.PostgresConnectionString;
            start.Environment[SharedTestServers.AmqpVariable] = servers.AmqpUri.AbsoluteUri;
            start.Environment[SharedTestServers.ManagementVariable] = servers
                .ManagementUri
                .AbsoluteUri;
            start.Environment[SharedTestServers.BrokerAuthPortVariable] =
                $"{servers.BrokerAuthPort}";
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
