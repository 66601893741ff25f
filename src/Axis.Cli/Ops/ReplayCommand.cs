using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary><c>deliveries replay</c>: tries a group of dead letters again, at a pace, and shows how far it is.</summary>
internal static class ReplayCommand
{
    public static Command Build()
    {
        var failure = new Option<string?>("--failure")
        {
            Description = "Only what failed for this reason, as deliveries groups names it.",
            HelpName = "WORD",
        };
        var system = new Option<string?>("--office-system")
        {
            Description = "Only of this inbox.",
            HelpName = "ID",
        };
        var route = new Option<string?>("--route")
        {
            Description = "Only of this route: office_system or national.",
            HelpName = "ROUTE",
        };
        var all = new Option<bool>("--all") { Description = "Everything that was given up." };
        var perSecond = new Option<int?>("--per-second")
        {
            Description = "So many a second (default 100).",
            HelpName = "N",
        };
        var batches = new Option<string?>("--batches")
        {
            Description =
                "Batches such as 1,5,50, each after the one before has arrived; one that fails again stops all.",
            HelpName = "N,N,…",
        };
        var wait = new Option<bool>("--wait") { Description = "Wait until it is done or stopped." };
        var json = PackageFile.Json();
        var command = new Command(
            "replay",
            "Try again what was given up. Ordering the same again shows the replay that runs."
        )
        {
            failure,
            system,
            route,
            all,
            perSecond,
            batches,
            wait,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var order = new JsonObject();
                Add(order, "failure", parsed.GetValue(failure));
                Add(order, "officeSystem", parsed.GetValue(system));
                Add(order, "route", parsed.GetValue(route));
                if (order.Count == 0 != parsed.GetValue(all))
                {
                    throw new CommandFailure(
                        ExitCodes.Usage,
                        "Say what: --failure, --office-system or --route, or else --all."
                    );
                }

                Add(order, "perSecond", parsed.GetValue(perSecond));
                if (parsed.GetValue(batches) is { } sizes)
                {
                    order["batches"] = new JsonArray([
                        .. SizesOf(sizes).Select(size => (JsonNode)size),
                    ]);
                }

                using var client = await hub.ConnectAsync(parsed, cancellation);
                var replay = await client.PostAsync("ops/v1/replays", order, cancellation);
                while (parsed.GetValue(wait) && (string?)replay["state"] == "running")
                {
                    await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
                    replay = await client.GetAsync(
                        $"ops/v1/replays/{replay["replayId"]}",
                        cancellation
                    );
                }

                Print(replay, parsed.GetValue(json));
                return (string?)replay["state"] == "stopped" ? ExitCodes.Refused : ExitCodes.Ok;
            }
        );
        return command;
    }

    public static Command BuildList()
    {
        var json = PackageFile.Json();
        var command = new Command("replays", "Show the replays and how far they are.") { json };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                return DeliveriesCommand.Show(
                    await client.GetAsync("ops/v1/replays", cancellation),
                    parsed.GetValue(json),
                    "There was no replay yet.",
                    ("Replay", item => DeliveriesCommand.Text(item["replayId"])),
                    ("Ordered", item => DeliveriesCommand.Time(item["requestedAt"])),
                    ("By", item => DeliveriesCommand.Text(item["requestedBy"])),
                    ("What", Scope),
                    ("State", item => $"{item["state"]} {item["reason"]}".TrimEnd()),
                    ("Progress", Progress)
                );
            }
        );
        return command;
    }

    public static Command BuildStop()
    {
        var id = new Argument<Guid>("replay") { HelpName = "REPLAY-ID" };
        var json = PackageFile.Json();
        var command = new Command("stop", "Stop a replay; what it released stays so.") { id, json };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                Print(
                    await client.PostAsync(
                        $"ops/v1/replays/{parsed.GetValue(id)}/stop",
                        null,
                        cancellation
                    ),
                    parsed.GetValue(json)
                );
                return ExitCodes.Ok;
            }
        );
        return command;
    }

    private static void Print(JsonNode replay, bool asJson)
    {
        if (asJson)
        {
            JsonOutput.Print(replay);
            return;
        }

        Console.WriteLine(
            $"Replay {replay["replayId"]}: {replay["state"]} {replay["reason"]}".TrimEnd()
        );
        Console.WriteLine($"  {Scope(replay)}: {Progress(replay)}");
    }

    private static string Scope(JsonNode replay) =>
        string.Join(
            ", ",
            ((string[])["failure", "route", "officeSystem", "deliveryId"])
                .Where(name => replay[name] is not null)
                .Select(name => $"{name} {replay[name]}")
                .DefaultIfEmpty("everything")
        );

    private static string Progress(JsonNode replay) =>
        $"{replay["released"]} of {replay["total"]} released; {replay["delivered"]} delivered, "
        + $"{replay["waiting"]} on their way, {replay["failedAgain"]} failed again";

    private static IEnumerable<int> SizesOf(string sizes) =>
        sizes
            .Split(',', StringSplitOptions.TrimEntries)
            .Select(size =>
                int.TryParse(size, out var number)
                    ? number
                    : throw new CommandFailure(
                        ExitCodes.Usage,
                        "--batches takes numbers separated by commas, such as 1,5,50."
                    )
            );

    private static void Add<T>(JsonObject order, string name, T? value)
    {
        if (value is not null)
        {
            order[name] = JsonValue.Create(value);
        }
    }
}
