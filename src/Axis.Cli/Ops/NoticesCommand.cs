using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary><c>notices show|set|test</c>: what the clerks of an agency hear, and whether it reaches them.</summary>
internal static class NoticesCommand
{
    public static Command Build() =>
        new("notices", "What the contact clerks of an agency are told by mail.")
        {
            Show(),
            Set(),
            Test(),
        };

    private static Command Show()
    {
        var (code, json) = (Code(), PackageFile.Json());
        return OpsOptions.Asking(
            new Command("show", "The clerks of an agency, and what they want to hear.")
            {
                code,
                json,
            },
            async (parsed, client, cancellation) =>
            {
                var path = PathOf(parsed.GetValue(code)!);
                var agency = await client.GetAsync(path, cancellation);
                var notices = (JsonObject)await client.GetAsync($"{path}/notices", cancellation);
                notices["contacts"] = agency["contacts"]?.DeepClone() ?? new JsonArray();
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(notices);
                    return ExitCodes.Ok;
                }

                Print(notices);
                return DeliveriesCommand.Show(
                    new JsonObject { ["items"] = notices["contacts"]!.DeepClone() },
                    asJson: false,
                    "It has no contacts: nobody is written to.",
                    ("Clerk", item => DeliveriesCommand.Text(item["name"])),
                    ("Mail", item => DeliveriesCommand.Text(item["mail"])),
                    ("Phone", item => DeliveriesCommand.Text(item["phone"]))
                );
            }
        );
    }

    private static Command Set()
    {
        var code = Code();
        var arrivals = Mode("--arrivals", "Letters that arrive");
        var delays = Mode("--delays", "Letters that nobody takes");
        var trouble = new Option<bool>("--trouble")
        {
            Description = "Tell of trouble with their inbox, and of its end.",
        };
        var digests = new Option<string[]>("--digest-at")
        {
            Description = "Vietnamese times at which a digest goes out, such as 07:30.",
            HelpName = "TIME",
            AllowMultipleArgumentsPerToken = true,
        };
        var quiet = new Option<string?>("--quiet")
        {
            Description = "Hours in which only urgent letters are told, such as 22:00-06:00.",
            HelpName = "FROM-TO",
        };
        var url = new Option<string?>("--url")
        {
            Description = "Push them to this address too; its secret is shown this once.",
            HelpName = "URL",
        };
        var command = new Command(
            "set",
            "For registrars: say anew what they hear; what is not given is off."
        )
        {
            code,
            arrivals,
            delays,
            trouble,
            digests,
            quiet,
            url,
        };
        return OpsOptions.Asking(
            command,
            async (parsed, client, cancellation) =>
            {
                var wish = new JsonObject
                {
                    ["arrivals"] = parsed.GetValue(arrivals),
                    ["delays"] = parsed.GetValue(delays),
                    ["trouble"] = parsed.GetValue(trouble),
                };
                if (parsed.GetValue(digests) is { Length: > 0 } times)
                {
                    wish["digestAt"] = new JsonArray([.. times.Select(one => (JsonNode)one)]);
                }

                if (parsed.GetValue(quiet) is { } hours)
                {
                    var parts = hours.Split('-', 2);
                    wish["quietFrom"] = parts[0];
                    wish["quietTo"] = parts.Length == 2 ? parts[1] : null;
                }

                if (parsed.GetValue(url) is { } address)
                {
                    wish["url"] = address;
                }

                var set = await client.PutAsync(
                    $"{PathOf(parsed.GetValue(code)!)}/notices",
                    wish,
                    cancellation
                );
                Print(set);
                if (set["secret"] is { } secret)
                {
                    Console.WriteLine($"secret    {secret}   (shown this once)");
                }

                return ExitCodes.Ok;
            }
        );
    }

    private static Command Test()
    {
        var code = Code();
        return OpsOptions.Asking(
            new Command("test", "For registrars: send its clerks a test mail now.") { code },
            async (parsed, client, cancellation) =>
            {
                var sent = await client.PostAsync(
                    $"{PathOf(parsed.GetValue(code)!)}/notices/test",
                    null,
                    cancellation
                );
                Console.WriteLine(
                    $"The mail server has a test mail to {string.Join(", ", sent["to"]!.AsArray())}."
                );
                PrintRefused(sent);
                return ExitCodes.Ok;
            }
        );
    }

    private static void Print(JsonNode notices)
    {
        foreach (var name in (string[])["agency", "arrivals", "delays", "trouble"])
        {
            Console.WriteLine($"{name, -9} {notices[name]}");
        }

        if (notices["digestAt"] is JsonArray { Count: > 0 } times)
        {
            Console.WriteLine($"digests   {string.Join(", ", times)}");
        }

        if (notices["quietFrom"] is { } from)
        {
            Console.WriteLine($"quiet     {from}-{notices["quietTo"]}");
        }

        if (notices["url"] is { } url)
        {
            Console.WriteLine($"address   {url}");
        }

        PrintRefused(notices);
    }

    private static void PrintRefused(JsonNode answer)
    {
        foreach (var one in answer["refused"]?.AsArray() ?? [])
        {
            Console.WriteLine($"refused   {one!["mail"]} ({one["code"]}, {one["at"]})");
        }
    }

    private static string PathOf(string code) => $"ops/v1/agencies/{Uri.EscapeDataString(code)}";

    private static Argument<string> Code() =>
        new("agency") { Description = "Any code of the agency.", HelpName = "CODE" };

    private static Option<string> Mode(string name, string what)
    {
        var option = new Option<string>(name)
        {
            Description = $"{what}: off, immediate or digest.",
            DefaultValueFactory = _ => "off",
            HelpName = "MODE",
        };
        option.AcceptOnlyFromAmong("off", "immediate", "digest");
        return option;
    }
}
