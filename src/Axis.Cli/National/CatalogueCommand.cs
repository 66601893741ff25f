using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Cli.Registry;
using Axis.Cli.Terminal;

namespace Axis.Cli.National;

/// <summary><c>national catalogue</c> and <c>national register</c>: the national axis' catalogue and ours.</summary>
internal static class CatalogueCommand
{
    private const string DefaultAxis = "national";

    public static Command Catalogue()
    {
        var axis = Axis();
        var diff = new Option<bool>("--diff")
        {
            Description = "Show what the catalogue would change (the default).",
        };
        var apply = new Option<bool>("--apply")
        {
            Description = "Bring the registry in line with the catalogue.",
        };
        var missing = new Option<bool>("--close-missing")
        {
            Description =
                "Close also the national agencies that the catalogue does not name at all.",
        };
        var force = new Option<bool>("--force")
        {
            Description = "However many agencies it closes.",
        };
        var expect = new Option<long?>("--expect")
        {
            Description = "Only if the registry is still at the version of the difference seen.",
            HelpName = "VERSION",
        };
        var command = new Command(
            "catalogue",
            "Read the national axis' catalogue and show how the registry differs (role registrar)."
        )
        {
            axis,
            diff,
            apply,
            missing,
            force,
            expect,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(diff) && result.GetValue(apply))
            {
                result.AddError("--diff shows and --apply writes; give one of them.");
            }
        });
        return OpsCommand.To(
            command,
            async (parsed, client, cancellation) =>
            {
                var expected = parsed.GetValue(expect) is { } version ? $"&expect={version}" : "";
                var difference = await client.SendAsync(
                    HttpMethod.Post,
                    $"national/{Uri.EscapeDataString(parsed.GetValue(axis)!)}/catalogue"
                        + $"?apply={Word(parsed.GetValue(apply))}&closeMissing={Word(parsed.GetValue(missing))}"
                        + $"&force={Word(parsed.GetValue(force))}{expected}",
                    null,
                    cancellation
                );
                return Print(difference);
            }
        );
    }

    public static Command Register()
    {
        var axis = Axis();
        var codes = new Argument<string[]>("codes")
        {
            Description = "Codes of agencies of this province.",
            HelpName = "CODE",
            Arity = ArgumentArity.OneOrMore,
        };
        return OpsCommand.To(
            new Command(
                "register",
                "Ask the national axis to take agencies of this province into its catalogue (role registrar)."
            )
            {
                codes,
                axis,
            },
            async (parsed, client, cancellation) =>
            {
                using var body = JsonContent.Create(new { codes = parsed.GetValue(codes) });
                var answer = await client.SendAsync(
                    HttpMethod.Post,
                    $"national/{Uri.EscapeDataString(parsed.GetValue(axis)!)}/agencies",
                    body,
                    cancellation
                );
                var failed = false;
                foreach (var item in answer.GetProperty("items").EnumerateArray())
                {
                    var failure = Differences.Text(item, "failure");
                    failed |= failure.Length > 0;
                    Console.WriteLine(
                        $"{Differences.Text(item, "code"), -20}{(failure.Length > 0 ? failure : "registered")}"
                    );
                }
                return failed ? ExitCodes.Refused : ExitCodes.Ok;
            }
        );
    }

    private static int Print(JsonElement difference)
    {
        foreach (var agency in difference.GetProperty("closing").EnumerateArray())
        {
            var waiting = agency.GetProperty("waiting").GetInt64();
            if (waiting > 0)
            {
                Console.WriteLine(
                    $"ALARM     {Differences.Text(agency, "code"), -20}closes, and {waiting} letters are under way to it, the oldest since {Differences.Text(agency, "oldestAt")}"
                );
            }
        }
        foreach (var skipped in difference.GetProperty("skipped").EnumerateArray())
        {
            Console.WriteLine(
                $"{"left out", -10}{Differences.Text(skipped, "code"), -20}{Differences.Text(skipped, "reason")}"
            );
        }
        Told(difference, "unknownHere", "the national axis has it as ours; the registry does not");
        Told(difference, "notThere", "ours; the national axis does not have it (register)");
        return Differences.Print(difference);
    }

    private static void Told(JsonElement difference, string member, string words)
    {
        foreach (var code in difference.GetProperty(member).EnumerateArray())
        {
            Console.WriteLine($"{"ours", -10}{code.GetString(), -20}{words}");
        }
    }

    private static string Word(bool value) => value ? "true" : "false";

    private static Option<string> Axis() =>
        new("--axis")
        {
            Description = "Its name in the hub's settings.",
            HelpName = "AXIS",
            DefaultValueFactory = _ => DefaultAxis,
        };
}
