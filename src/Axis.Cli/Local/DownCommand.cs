using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.LocalServers;

namespace Axis.Cli.Local;

internal static class DownCommand
{
    public static Command Build()
    {
        var purge = new Option<bool>("--purge")
        {
            Description = "Also forget the data: database, queues, packages, keys and credentials.",
        };
        var command = new Command("down", "Stop what ./axis up started.") { UpCommand.Data, purge };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var folder = UpCommand.FolderOf(parsed, Workspace.Find());
                var stopped =
                    Directory.Exists(folder.Path) && await LocalHub.StopAsync(folder, cancellation);
                Console.WriteLine(stopped ? "Axis is stopped." : "Axis was not running.");
                if (parsed.GetValue(purge) && Directory.Exists(folder.Path))
                {
                    await PrivateServers.PurgeAsync(folder.Path, cancellation);
                    folder.Forget();
                    Console.WriteLine($"Its data in {folder.Path} is gone.");
                }

                return ExitCodes.Ok;
            }
        );
        return command;
    }
}
