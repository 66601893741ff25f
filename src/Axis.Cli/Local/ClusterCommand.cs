using System.CommandLine;
using System.Text.Json;
using Axis.Cli.Terminal;
using Axis.LocalServers.Processes;

namespace Axis.Cli.Local;

/// <summary><c>axis cluster up</c> and <c>down</c>: the highly available topology, on this machine.</summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StopLimit = TimeSpan.FromMinutes(1);

    private static readonly Option<string?> s_data = new("--data")
    {
        Description =
            "The folder that holds everything (default: .axis/cluster in the repository).",
        HelpName = "DIR",
    };

    public static Command Build()
    {
        var detach = new Option<bool>("--detach")
        {
            Description = "Return when the cluster is ready; stop it with cluster down.",
        };
        var up = new Command(
            "up",
            "Start three RabbitMQ nodes, a PostgreSQL primary with a synchronous standby, and two hubs behind one address. "
                + "They begin with the demo province and nothing else; Ctrl-C stops them and forgets their data."
        )
        {
            s_data,
            detach,
        };
        up.SetAction(
            (parsed, cancellation) =>
            {
                var workspace = Workspace.Find();
                var folder = FolderOf(parsed, workspace);
                return parsed.GetValue(detach)
                    ? StartDetachedAsync(workspace, folder, cancellation)
                    : RunAsync(workspace, folder, cancellation);
            }
        );
        var down = new Command("down", "Stop what cluster up started.") { s_data };
        down.SetAction(
            (parsed, cancellation) => StopAsync(FolderOf(parsed, Workspace.Find()), cancellation)
        );
        return new Command("cluster", "Three brokers, a database with a standby, two hubs.")
        {
            up,
            down,
        };
    }

    private static DataFolder FolderOf(ParseResult parsed, Workspace workspace) =>
        new(
            Path.GetFullPath(
                parsed.GetValue(s_data) ?? Path.Combine(workspace.DefaultDataFolder, "cluster")
            )
        );

    private static async Task<int> RunAsync(
        Workspace workspace,
        DataFolder folder,
        CancellationToken cancellation
    )
    {
        if (await ReadAsync(folder) is { IsAlive: true } other && other.Id != Environment.ProcessId)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"A cluster already runs from {folder.Path}: ./axis cluster down stops it."
            );
        }
        await using var cluster = await ClusterOfHubs.StartAsync(
            workspace,
            folder,
            new ProgressWords(),
            cancellation
        );
        Console.WriteLine(cluster.Description);
        if (!Console.IsOutputRedirected)
        {
            Console.WriteLine("Ctrl-C stops it.");
        }
        await File.WriteAllTextAsync(
            ProcessFile(folder),
            JsonSerializer.Serialize(ProcessIdentity.Of(Environment.ProcessId)),
            cancellation
        );
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopping …");
        }
        finally
        {
            File.Delete(ProcessFile(folder));
        }
        return ExitCodes.Ok;
    }

    /// <summary>The same command once more, as a process that stays.</summary>
    private static async Task<int> StartDetachedAsync(
        Workspace workspace,
        DataFolder folder,
        CancellationToken cancellation
    )
    {
        folder.Create();
        var log = Path.Combine(folder.Path, "cluster.log");
        File.Delete(log);
        using var process = SupervisedProcess.Start(
            new ServerCommand(
                Account: null,
                "TERM",
                log,
                Detached: true,
                [
                    "dotnet",
                    typeof(ClusterCommand).Assembly.Location,
                    "cluster",
                    "up",
                    "--data",
                    folder.Path,
                ],
                new Dictionary<string, string> { ["AXIS_ROOT"] = workspace.Root }
            )
        );
        var start = TimeProvider.System.GetTimestamp();
        while (!File.Exists(ProcessFile(folder)))
        {
            if (!process.Identity.IsAlive || TimeProvider.System.GetElapsedTime(start) > StartLimit)
            {
                throw new CommandFailure(
                    ExitCodes.Unreachable,
                    $"The cluster did not start. Its log: {log}."
                );
            }
            await Task.Delay(200, cancellation);
        }
        Console.WriteLine(await File.ReadAllTextAsync(log, cancellation));
        Console.WriteLine("Stop it with ./axis cluster down.");
        return ExitCodes.Ok;
    }

    private static async Task<int> StopAsync(DataFolder folder, CancellationToken cancellation)
    {
        if (await ReadAsync(folder) is not { IsAlive: true } process)
        {
            Console.WriteLine("No cluster was running.");
            return ExitCodes.Ok;
        }
        await process.EndAsync(Signal.Terminate, StopLimit, cancellation);
        Console.WriteLine("The cluster is stopped.");
        return ExitCodes.Ok;
    }

    private static string ProcessFile(DataFolder folder) =>
        Path.Combine(folder.Path, "cluster.json");

    private static async Task<ProcessIdentity?> ReadAsync(DataFolder folder) =>
        File.Exists(ProcessFile(folder))
            ? JsonSerializer.Deserialize<ProcessIdentity>(
                await File.ReadAllTextAsync(ProcessFile(folder))
            )
            : null;
}
