using System.CommandLine;
using Axis.Cli.Local;
using Axis.Cli.Terminal;

var root = new RootCommand(
    "Axis: the hub that carries official letters between the agencies of a province."
)
{
    UpCommand.Build(),
    DownCommand.Build(),
    WithServersCommand.Build(),
};
return await CommandLine.RunAsync(root, args);
