using System.CommandLine;
using System.Globalization;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary><c>audit list|export|verify</c>: who did what, the log as a file, and whether it is as the hub wrote it.</summary>
internal static class AuditCommand
{
    public static Command Build() =>
        new("audit", "The audit log, for auditors (in the demo province: --as giam-sat).")
        {
            List(),
            Export(),
            AuditVerifyCommand.Build(),
        };

    /// <summary>The whole export from a row on, as it comes from the hub.</summary>
    internal static Task<Stream> OpenAsync(
        OpsClient client,
        long from,
        CancellationToken cancellation
    ) =>
        client.OpenAsync(
            string.Create(CultureInfo.InvariantCulture, $"ops/v1/audit/export?from={from}"),
            cancellation
        );

    private static Command List()
    {
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many, 1 to 1000.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        };
        var before = new Option<long?>("--before")
        {
            Description = "Only rows older than this number.",
            HelpName = "NUMBER",
        };
        var json = PackageFile.Json();
        var command = new Command("list", "Who did what, refusals included; newest first.")
        {
            limit,
            before,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var older = parsed.GetValue(before) is { } number ? $"&before={number}" : "";
                var page = await client.GetAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"ops/v1/audit?limit={parsed.GetValue(limit)}{older}"
                    ),
                    cancellation
                );
                var code = DeliveriesCommand.Show(
                    page,
                    parsed.GetValue(json),
                    "The log has no such row.",
                    ("Number", item => DeliveriesCommand.Text(item["id"])),
                    ("Time", item => DeliveriesCommand.Time(item["at"])),
                    ("Actor", item => DeliveriesCommand.Text(item["actor"])),
                    ("From", item => DeliveriesCommand.Text(item["remote"])),
                    ("Action", item => DeliveriesCommand.Text(item["action"])),
                    ("Outcome", item => DeliveriesCommand.Text(item["outcome"])),
                    ("Detail", item => JsonOutput.Line(item["detail"]))
                );
                if (!parsed.GetValue(json) && page["next"] is { } next)
                {
                    Console.WriteLine($"Older ones: --before {next}");
                }

                return code;
            }
        );
        return command;
    }

    private static Command Export()
    {
        var file = new Argument<FileInfo?>("file")
        {
            Description = "A new file; without it, standard output.",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var from = new Option<long>("--from")
        {
            Description = "The number of the first row.",
            HelpName = "NUMBER",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "export",
            "The log as a file that proves itself; audit verify checks it."
        )
        {
            file,
            from,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                await using var log = await OpenAsync(client, parsed.GetValue(from), cancellation);
                if (parsed.GetValue(file) is { } target)
                {
                    await WriteAsync(log, target, cancellation);
                    Console.WriteLine($"{target.FullName} is written.");
                }
                else
                {
                    await using var output = Console.OpenStandardOutput();
                    await log.CopyToAsync(output, cancellation);
                }

                return ExitCodes.Ok;
            }
        );
        return command;
    }

    /// <summary>Never over a file that is there: it may be the only copy of what was deleted since. Never half.</summary>
    private static async Task WriteAsync(
        Stream log,
        FileInfo target,
        CancellationToken cancellation
    )
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Options = FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var half = false;
        try
        {
            await using var output = new FileStream(target.FullName, options);
            half = true;
            await log.CopyToAsync(output, cancellation);
            half = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Refused,
                $"{target.FullName} was not written: {e.Message}"
            );
        }
        finally
        {
            if (half)
            {
                target.Delete();
            }
        }
    }
}
