using System.CommandLine;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary><c>archive export|verify|import|release</c>: a month as a folder that stands alone, and back.</summary>
internal static class ArchiveCommand
{
    public static Command Build()
    {
        var month = new Argument<string>("month") { HelpName = "YYYY-MM" };
        var into = new Argument<DirectoryInfo>("folder")
        {
            Description = "The archive becomes a folder YYYY-MM in it.",
            HelpName = "DIR",
        };
        var export = new Command("export", "Write a month as an archive; drops nothing.")
        {
            month,
            into,
        };
        export.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    needsSettings: true,
                    ["archive", "export", parsed.GetValue(month)!, parsed.GetValue(into)!.FullName],
                    cancellation
                )
        );
        var released = new Argument<string>("month") { HelpName = "YYYY-MM" };
        var release = new Command(
            "release",
            "Let an imported month leave the database again, if the hub's retention says so."
        )
        {
            released,
        };
        release.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    needsSettings: true,
                    ["archive", "release", parsed.GetValue(released)!],
                    cancellation
                )
        );
        return new Command(
            "archive",
            $"Months in archives. export, import and release need the hub's settings in the environment ({HubProgram.Setting}, …)."
        )
        {
            export,
            release,
            OfFolder(
                "verify",
                "Hold an archive against its sums and its manifest; needs no database.",
                needsSettings: false
            ),
            OfFolder(
                "import",
                "Put an archived month back; what is there stays as it is.",
                needsSettings: true
            ),
        };
    }

    private static Command OfFolder(string verb, string description, bool needsSettings)
    {
        var folder = new Argument<DirectoryInfo>("folder") { HelpName = "DIR" };
        var command = new Command(verb, description) { folder };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    needsSettings,
                    ["archive", verb, parsed.GetValue(folder)!.FullName],
                    cancellation
                )
        );
        return command;
    }

    private static Task<int> RunAsync(
        bool needsSettings,
        string[] words,
        CancellationToken cancellation
    ) =>
        needsSettings && !HubProgram.HasSettings
            ? throw new CommandFailure(
                ExitCodes.Usage,
                $"This needs the hub's settings in the environment: {HubProgram.Setting}, Storage__PayloadFolder, …"
            )
            : HubProgram.RunAsync(words, cancellation);
}
