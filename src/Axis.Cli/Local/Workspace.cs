using Axis.Cli.Terminal;

namespace Axis.Cli.Local;

/// <summary>The checked-out repository that the command was built from.</summary>
internal sealed record Workspace(string Root)
{
    public string DefaultDataFolder => Path.Combine(Root, ".axis");
    public string DemoProvince => Path.Combine(Root, "contracts", "demo-province");

    /// <summary>The script sets AXIS_ROOT; a CLI started otherwise finds the repository above itself.</summary>
    public static Workspace Find()
    {
        if (Environment.GetEnvironmentVariable("AXIS_ROOT") is { Length: > 0 } root)
        {
            return new Workspace(root);
        }

        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            if (File.Exists(Path.Combine(folder.FullName, "Axis.sln")))
            {
                return new Workspace(folder.FullName);
            }
        }

        throw new CommandFailure(
            ExitCodes.Usage,
            "This command needs the Axis repository: run it as ./axis there."
        );
    }

    /// <summary>The hub as the script builds it.</summary>
    public string HubAssembly
    {
        get
        {
            var path = Path.Combine(
                Root,
                "src",
                "Axis.Hub",
                "bin",
                "Release",
                "net10.0",
                "Axis.Hub.dll"
            );
            return File.Exists(path)
                ? path
                : throw new CommandFailure(
                    ExitCodes.Unreachable,
                    "The hub is not built: run ./axis up."
                );
        }
    }
}
