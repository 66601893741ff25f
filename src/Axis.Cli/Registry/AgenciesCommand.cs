using System.CommandLine;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Axis.Cli.Terminal;

namespace Axis.Cli.Registry;

/// <summary><c>agencies import|export|diff|reorganise|show|history|close|succeed|search</c></summary>
internal static class AgenciesCommand
{
    public static Command Build() =>
        new("agencies", "The catalogue of agencies, for registrars.")
        {
            Sheet("diff", "Show what a catalogue would change; nothing is written.", apply: false),
            Sheet(
                "import",
                "Bring the registry in line with a catalogue (CSV or JSON).",
                apply: true
            ),
            Reorganise(),
            Export(),
            Search(),
            Show("show", "An agency: codes, successors, contacts, who serves it.", ""),
            Show("history", "What changed of an agency, when and by whom.", "/changes"),
            Close(),
            Succeed(),
        };

    private static Command Sheet(string name, string description, bool apply)
    {
        var file = File();
        var reach = new Option<string>("--reach")
        {
            Description = "Of new agencies, where the file does not say.",
            DefaultValueFactory = _ => "national",
        };
        reach.AcceptOnlyFromAmong("national", "province");
        var missing = new Option<bool>("--close-missing")
        {
            Description = "The file is whole: close what it does not name.",
        };
        var expect = Expect();
        var command = new Command(name, description) { file, reach, missing, expect };
        return OpsCommand.To(
            command,
            async (parsed, client, cancellation) =>
            {
                var path =
                    $"catalogue?reach={parsed.GetValue(reach)}"
                    + (parsed.GetValue(missing) ? "&closeMissing=true" : "")
                    + Applied(apply, parsed.GetValue(expect));
                using var content = Content(parsed.GetValue(file)!);
                return Differences.Print(
                    await client.SendAsync(HttpMethod.Post, path, content, cancellation)
                );
            }
        );
    }

    private static Command Reorganise()
    {
        var file = File();
        var effective = new Option<string>("--effective")
        {
            Description = "A day (from its midnight at +07:00), or an instant with its zone.",
            HelpName = "2026-07-01",
            Required = true,
        };
        var apply = new Option<bool>("--apply")
        {
            Description = "Write it; without it the difference is only shown.",
        };
        var expect = Expect();
        var command = new Command(
            "reorganise",
            "Acts that take effect together at an instant, from one file: open, merge, split, rename, close, move, serve."
        )
        {
            file,
            effective,
            apply,
            expect,
        };
        return OpsCommand.To(
            command,
            async (parsed, client, cancellation) =>
            {
                var path =
                    $"reorganisations?effective={Uri.EscapeDataString(parsed.GetValue(effective)!)}"
                    + Applied(parsed.GetValue(apply), parsed.GetValue(expect));
                using var content = Content(parsed.GetValue(file)!);
                return Differences.Print(
                    await client.SendAsync(HttpMethod.Post, path, content, cancellation)
                );
            }
        );
    }

    private static Command Export()
    {
        var file = new Argument<FileInfo>("file")
        {
            Description = "Where to write it: .csv or .json.",
            HelpName = "FILE",
        };
        return OpsCommand.To(
            new Command("export", "Write the whole catalogue to a file.") { file },
            async (parsed, client, cancellation) =>
            {
                var target = parsed.GetValue(file)!;
                var staging = target.FullName + ".part";
                await using (var output = System.IO.File.Create(staging))
                {
                    await client.DownloadAsync(
                        $"catalogue?format={(IsJson(target) ? "json" : "csv")}",
                        output,
                        cancellation
                    );
                }

                System.IO.File.Move(staging, target.FullName, overwrite: true);
                Console.WriteLine($"{target.FullName}: {Format.Size(target.Length)}");
                return ExitCodes.Ok;
            }
        );
    }

    private static Command Search()
    {
        var words = new Argument<string[]>("words")
        {
            Description = "A code, or words of the name, with or without accents.",
            HelpName = "WORDS",
            Arity = ArgumentArity.OneOrMore,
        };
        return OpsCommand.To(
            new Command("search", "Find agencies.") { words },
            async (parsed, client, cancellation) =>
            {
                var question = string.Join(' ', parsed.GetValue(words)!);
                var found = await client.SendAsync(
                    HttpMethod.Get,
                    $"agencies?q={Uri.EscapeDataString(question)}",
                    null,
                    cancellation
                );
                var table = Format.Table("Code", "Name", "Under", "Status", "Served by");
                foreach (var agency in found.GetProperty("items").EnumerateArray())
                {
                    table.Row(
                        Differences.Text(agency, "code"),
                        Differences.Text(agency, "name"),
                        Differences.Text(agency, "parent"),
                        Differences.Text(agency, "status"),
                        Differences.Text(agency, "officeSystem")
                    );
                }

                Format.Write(table);
                return found.GetProperty("items").GetArrayLength() > 0
                    ? ExitCodes.Ok
                    : ExitCodes.Refused;
            }
        );
    }

    private static Command Show(string name, string description, string below)
    {
        var code = Code();
        return OpsCommand.To(
            new Command(name, description) { code },
            async (parsed, client, cancellation) =>
            {
                var path = $"agencies/{Uri.EscapeDataString(parsed.GetValue(code)!)}{below}";
                JsonOutput.Print(await client.SendAsync(HttpMethod.Get, path, null, cancellation));
                return ExitCodes.Ok;
            }
        );
    }

    private static Command Close()
    {
        var (code, at) = (Code(), At());
        return OpsCommand.To(
            new Command("close", "Close an agency that nobody succeeds.") { code, at },
            async (parsed, client, cancellation) =>
            {
                using var body = JsonContent.Create(new { at = parsed.GetValue(at) });
                return Differences.Print(
                    await client.SendAsync(
                        HttpMethod.Post,
                        $"agencies/{Uri.EscapeDataString(parsed.GetValue(code)!)}/close",
                        body,
                        cancellation
                    )
                );
            }
        );
    }

    private static Command Succeed()
    {
        var (code, at) = (Code(), At());
        var successors = new Argument<string[]>("successors")
        {
            Description = "Who takes its place; of several the sender must choose.",
            HelpName = "CODE",
            Arity = ArgumentArity.OneOrMore,
        };
        return OpsCommand.To(
            new Command("succeed", "Close an agency and name its successors.")
            {
                code,
                successors,
                at,
            },
            async (parsed, client, cancellation) =>
            {
                using var body = JsonContent.Create(
                    new { successors = parsed.GetValue(successors), at = parsed.GetValue(at) }
                );
                return Differences.Print(
                    await client.SendAsync(
                        HttpMethod.Post,
                        $"agencies/{Uri.EscapeDataString(parsed.GetValue(code)!)}/successors",
                        body,
                        cancellation
                    )
                );
            }
        );
    }

    internal static Option<DateTimeOffset?> At() =>
        new("--at")
        {
            Description = "The instant from which it holds (default: now).",
            HelpName = "2026-07-01T00:00:00+07:00",
        };

    private static Argument<string> Code() =>
        new("code") { Description = "Any code of the agency.", HelpName = "CODE" };

    private static Argument<FileInfo> File()
    {
        var file = new Argument<FileInfo>("file")
        {
            Description = "CSV with a header line, or JSON (by its name).",
            HelpName = "FILE",
        };
        return file.AcceptExistingOnly();
    }

    private static Option<long?> Expect() =>
        new("--expect")
        {
            Description =
                "Refuse when the registry is no longer at this version, which diff shows.",
            HelpName = "VERSION",
        };

    private static string Applied(bool apply, long? expect) =>
        (apply ? "&apply=true" : "") + (expect is { } version ? $"&expect={version}" : "");

    private static bool IsJson(FileInfo file) =>
        file.Extension.Equals(".json", StringComparison.OrdinalIgnoreCase);

    private static StreamContent Content(FileInfo file)
    {
        var content = new StreamContent(file.OpenRead());
        content.Headers.ContentType = new MediaTypeHeaderValue(
            IsJson(file) ? "application/json" : "text/csv"
        );
        return content;
    }
}
