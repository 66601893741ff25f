using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Ops;
using Axis.Cli.Terminal;

namespace Axis.Cli.National;

/// <summary>
/// <c>national status|pause|resume|replay|undeliverable|crossings|catalogue|register</c>: the exchange with the national axis and with other
/// hubs, for those who run it (docs/national-axis.md).
/// </summary>
internal static class NationalCommand
{
    private const string DefaultAxis = "national";

    public static Command Build() =>
        new("national", "The exchange with the national axis and with other hubs.")
        {
            Status(),
            Switch(
                "pause",
                "Stop the exchange with an axis; what is accepted waits (role operator)."
            ),
            Switch("resume", "Go on with the exchange (role operator)."),
            Replay(),
            Undeliverable(),
            Crossings(),
            CatalogueCommand.Catalogue(),
            CatalogueCommand.Register(),
        };

    private static Command Status()
    {
        var json = PackageFile.Json();
        var command = new Command("status", "How the exchange with each axis stands.") { json };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var answer = await client.GetAsync("ops/v1/national", cancellation);
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(answer);
                    return 0;
                }
                var axes = answer["axes"]!.AsArray();
                if (axes.Count == 0)
                {
                    Console.WriteLine("No axis is connected; national deliveries are held.");
                }
                foreach (var axis in axes)
                {
                    Print(axis!);
                }
                return 0;
            }
        );
        return command;
    }

    private static void Print(JsonNode axis)
    {
        Console.WriteLine(
            $"{axis["axis"]} ({axis["kind"]}): {axis["systemId"]} at {axis["endpoint"]}"
        );
        Console.WriteLine(
            $"  to send {axis["waiting"]} (of unknown outcome {axis["unclear"]}), lag {Seconds(axis["lagSeconds"])}, given up {axis["failed"]}, undeliverable {axis["undeliverable"]}"
        );
        if (axis["clockAheadSeconds"] is { } ahead)
        {
            Console.WriteLine($"  its clock is {Seconds(ahead)} ahead of ours");
        }
        foreach (var direction in axis["directions"]!.AsArray())
        {
            var error = (string?)direction!["lastError"];
            Console.WriteLine(
                $"  {direction["direction"], -4} {direction["state"]}{(error is null ? "" : $": {error}")}"
            );
        }
        foreach (var call in axis["calls"]!.AsArray())
        {
            var failure = (string?)call!["failure"];
            Console.WriteLine(
                $"  {(string?)call["call"], -32} succeeded {DeliveriesCommand.Time(call["succeededAt"])}{(failure is null ? "" : $", failed {DeliveriesCommand.Time(call["failedAt"])}: {failure}")}"
            );
        }
        foreach (var alert in axis["alerts"]!.AsArray().Where(one => one!["endedAt"] is null))
        {
            Console.WriteLine(
                $"  ALERT {alert!["kind"]} since {DeliveriesCommand.Time(alert["startedAt"])}: {alert["detail"]}"
            );
        }
    }

    private static Command Switch(string verb, string description)
    {
        var axis = AxisName();
        var direction = new Option<string?>("--direction")
        {
            Description = "Only out or in; without it both.",
            HelpName = "DIRECTION",
        };
        direction.AcceptOnlyFromAmong("out", "in");
        var command = new Command(verb, description) { axis, direction };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var only = parsed.GetValue(direction);
                await client.PostAsync(
                    $"ops/v1/national/{Escaped(parsed.GetValue(axis)!)}/{verb}{(only is null ? "" : $"?direction={only}")}",
                    null,
                    cancellation
                );
                Console.WriteLine(
                    $"{parsed.GetValue(axis)}: {(verb == "pause" ? "paused" : "goes on")}"
                );
                return 0;
            }
        );
        return command;
    }

    private static Command Replay()
    {
        var axis = AxisName();
        var command = new Command(
            "replay",
            "Send again everything that was given up for an axis (role operator)."
        )
        {
            axis,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var answer = await client.PostAsync(
                    $"ops/v1/national/{Escaped(parsed.GetValue(axis)!)}/replay",
                    null,
                    cancellation
                );
                Console.WriteLine($"{answer["packages"]} packages are tried again");
                return 0;
            }
        );
        return command;
    }

    private static Command Undeliverable()
    {
        var json = PackageFile.Json();
        var replay = new Option<Guid?>("--replay")
        {
            Description = "Try this item again (role operator).",
            HelpName = "ID",
        };
        var settle = new Option<Guid?>("--settle")
        {
            Description = "Take this item off the list as it is (role operator).",
            HelpName = "ID",
        };
        var command = new Command(
            "undeliverable",
            "What came in and could not be brought to a recipient."
        )
        {
            json,
            replay,
            settle,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                if (parsed.GetValue(replay) is { } again)
                {
                    var done = await client.PostAsync(
                        $"ops/v1/national/undeliverable/{again}/replay",
                        null,
                        cancellation
                    );
                    var reason = done["reasons"]?[0]?["message"];
                    Console.WriteLine(
                        $"{done["state"]}: {reason ?? $"package {done["packageId"]}"}"
                    );
                    return reason is null ? ExitCodes.Ok : ExitCodes.Refused;
                }
                if (parsed.GetValue(settle) is { } closed)
                {
                    await client.PostAsync(
                        $"ops/v1/national/undeliverable/{closed}/settle",
                        null,
                        cancellation
                    );
                    Console.WriteLine($"{closed} is off the list");
                    return 0;
                }
                return DeliveriesCommand.Show(
                    await client.GetAsync("ops/v1/national/undeliverable", cancellation),
                    parsed.GetValue(json),
                    "Nothing is undeliverable.",
                    ("Id", item => DeliveriesCommand.Text(item["id"])),
                    ("Seen", item => DeliveriesCommand.Time(item["seenAt"])),
                    ("State", item => DeliveriesCommand.Text(item["state"])),
                    ("From", item => DeliveriesCommand.Text(item["sender"])),
                    ("Document", item => DeliveriesCommand.Text(item["documentId"])),
                    ("Missing", item => string.Join(' ', item["missing"]!.AsArray())),
                    ("Why", item => DeliveriesCommand.Text(item["reasons"]?[0]?["message"]))
                );
            }
        );
        return command;
    }

    private static Command Crossings()
    {
        var json = PackageFile.Json();
        var package = new Argument<Guid>("package") { Description = "The package's id." };
        var command = new Command("crossings", "A package's path across the border.")
        {
            package,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                return DeliveriesCommand.Show(
                    await client.GetAsync(
                        $"ops/v1/national/crossings/{parsed.GetValue(package)}",
                        cancellation
                    ),
                    parsed.GetValue(json),
                    "It never crossed.",
                    ("Axis", item => DeliveriesCommand.Text(item["axis"])),
                    ("Way", item => DeliveriesCommand.Text(item["direction"])),
                    ("State", item => DeliveriesCommand.Text(item["state"])),
                    ("Their id", item => DeliveriesCommand.Text(item["farId"])),
                    ("To", item => string.Join(' ', item["recipients"]!.AsArray())),
                    ("Began", item => DeliveriesCommand.Time(item["beganAt"])),
                    ("Ended", item => DeliveriesCommand.Time(item["endedAt"])),
                    ("Error", item => DeliveriesCommand.Text(item["lastError"]))
                );
            }
        );
        return command;
    }

    private static Argument<string> AxisName() =>
        new("axis")
        {
            Description = "The axis, as configured.",
            DefaultValueFactory = _ => DefaultAxis,
        };

    private static string Escaped(string name) => Uri.EscapeDataString(name);

    private static string Seconds(JsonNode? seconds) =>
        TimeSpan
            .FromSeconds(Math.Round((double?)seconds ?? 0))
            .ToString("c", CultureInfo.InvariantCulture);
}
