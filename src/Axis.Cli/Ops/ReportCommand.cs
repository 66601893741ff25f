using System.CommandLine;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary><c>report month 2026-10</c>: sending and receiving on the law's terms (QĐ 28/2018 Đ11).</summary>
internal static class ReportCommand
{
    public static Command Build() =>
        new("report", "For operators: figures of sending and receiving.") { Month() };

    private static Command Month()
    {
        var month = new Argument<string>("month")
        {
            Description = "Such as 2026-10.",
            HelpName = "YYYY-MM",
        };
        var agency = new Option<string?>("--agency")
        {
            Description = "Only of this agency, by any of its codes.",
            HelpName = "CODE",
        };
        var format = new Option<string>("--format")
        {
            Description = "csv, json, or html: one page of A4 in Vietnamese.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "csv",
        };
        format.AcceptOnlyFromAmong("csv", "json", "html");
        var output = new Option<FileInfo?>("--output")
        {
            Description = "Write to this file instead of the terminal.",
            HelpName = "FILE",
        };
        var command = new Command("month", "Report a month, agency by agency, sent and received.")
        {
            month,
            agency,
            format,
            output,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.OpenAsync(parsed, cancellation);
                var path =
                    $"reports/month?month={Uri.EscapeDataString(parsed.GetValue(month)!)}&format={parsed.GetValue(format)}"
                    + (
                        parsed.GetValue(agency) is { } code
                            ? $"&agency={Uri.EscapeDataString(code)}"
                            : ""
                    );
                if (parsed.GetValue(output) is { } file)
                {
                    await using var target = file.Create();
                    await client.DownloadAsync(path, target, cancellation);
                }
                else
                {
                    await using var terminal = Console.OpenStandardOutput();
                    await client.DownloadAsync(path, terminal, cancellation);
                }

                return ExitCodes.Ok;
            }
        );
        return command;
    }
}
