using System.CommandLine;
using Axis.Cli.Terminal;

namespace Axis.Cli.Local;

internal static class UpCommand
{
    public static readonly Option<string?> Data = new("--data")
    {
        Description = "The folder that holds everything (default: .axis in the repository).",
        HelpName = "DIR",
    };

    public static readonly Option<bool> WithNationalSim = new("--with-national-sim")
    {
        Description =
            "With a simulated national axis, so that letters to the rest of the country go out and come back.",
    };

    public static DataFolder FolderOf(ParseResult parsed, Workspace workspace) =>
        new(Path.GetFullPath(parsed.GetValue(Data) ?? workspace.DefaultDataFolder));

    public static Command Build()
    {
        var detach = new Option<bool>("--detach")
        {
            Description = "Return when the hub is ready; stop it with down.",
        };
        var port = new Option<int>("--port")
        {
            Description =
                "The hub's HTTP port on loopback (default: 8080 or, when taken, another).",
            HelpName = "N",
        };
        port.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 65535)
            {
                result.AddError("--port takes a number from 1 to 65535.");
            }
        });
        var command = new Command(
            "up",
            "Start PostgreSQL, RabbitMQ and the hub with a demo province on this machine; Ctrl-C stops them."
        )
        {
            detach,
            Data,
            port,
            WithNationalSim,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var workspace = Workspace.Find();
                return RunAsync(
                    new LocalHubOptions(
                        workspace,
                        FolderOf(parsed, workspace),
                        parsed.GetValue(port),
                        parsed.GetValue(detach),
                        parsed.GetValue(WithNationalSim)
                    ),
                    cancellation
                );
            }
        );
        return command;
    }

    private static async Task<int> RunAsync(LocalHubOptions options, CancellationToken cancellation)
    {
        await using var hub = await LocalHub.StartAsync(options, new ProgressWords(), cancellation);
        Console.WriteLine(
            hub.StartedHere ? "Axis is ready."
            : await hub.IsReadyAsync(cancellation) ? "Axis already runs."
            : $"Axis runs already, but is not ready: {hub.State.Ops}health/ready says why. ./axis down and ./axis up begin anew with the same data."
        );
        Console.WriteLine($"  hub          {hub.State.Hub}");
        Console.WriteLine($"  broker       {hub.State.Broker}");
        Console.WriteLine($"  operations   {hub.State.Ops}");
        if (hub.State.SimPort is { } port)
        {
            Console.WriteLine(
                $"  national     {new SimProcess(options.Folder, port).Control} (simulated)"
            );
        }

        Console.WriteLine($"  credentials  {options.Folder.DemoCredentials}");
        Console.WriteLine($"  signing keys {options.Folder.DemoKeys}");
        Console.WriteLine($"  log          {options.Folder.HubLog}");
        if (!hub.StartedHere || options.Detached)
        {
            Console.WriteLine("Stop it with ./axis down.");
            return ExitCodes.Ok;
        }

        Console.WriteLine("Ctrl-C stops it.");
        try
        {
            await hub.WaitForExitAsync(cancellation);
            Console.Error.WriteLine($"The hub ended; see {options.Folder.HubLog}.");
            return ExitCodes.Refused;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopping …");
            return ExitCodes.Ok;
        }
    }
}
