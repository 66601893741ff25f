using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary><c>deliveries list|groups|retry|replay|replays|stop</c>: what does not get on, and trying it again.</summary>
internal static class DeliveriesCommand
{
    public static Command Build() =>
        new(
            "deliveries",
            "For operators: what waits, is held or was given up, and trying it again."
        )
        {
            List(),
            Groups(),
            Retry(),
            ReplayCommand.Build(),
            ReplayCommand.BuildList(),
            ReplayCommand.BuildStop(),
        };

    private static Command List()
    {
        var state = new Option<string?>("--state")
        {
            Description = "waiting, dispatched, collected, held, failed or withdrawn.",
            HelpName = "STATE",
        };
        var system = new Option<string?>("--office-system")
        {
            Description = "Only of this inbox.",
            HelpName = "ID",
        };
        var agency = new Option<string?>("--agency")
        {
            Description = "Only to this agency, by any of its codes.",
            HelpName = "CODE",
        };
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many, 1 to 1000.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        };
        var json = PackageFile.Json();
        var command = new Command(
            "list",
            "List deliveries, oldest first; without a state those that wait, are held or were given up."
        )
        {
            state,
            system,
            agency,
            limit,
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var asked = string.Create(
                    CultureInfo.InvariantCulture,
                    $"ops/v1/deliveries?limit={parsed.GetValue(limit)}"
                );
                foreach (
                    var (name, value) in ((string, string?)[])
                        [
                            ("state", parsed.GetValue(state)),
                            ("officeSystem", parsed.GetValue(system)),
                            ("agency", parsed.GetValue(agency)),
                        ]
                )
                {
                    asked += value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
                }

                var page = await client.GetAsync(asked, cancellation);
                return Show(
                    page,
                    parsed.GetValue(json),
                    "No such delivery.",
                    ("Delivery", item => Text(item["deliveryId"])),
                    ("Created", item => Time(item["createdAt"])),
                    ("Number", item => $"{item["codeNumber"]}/{item["codeNotation"]}"),
                    ("To", item => $"{item["agency"]} {item["agencyName"]}"),
                    ("Inbox", item => Text(item["officeSystem"] ?? item["route"])),
                    ("State", item => Text(item["state"])),
                    ("Tries", item => Text(item["attempts"])),
                    ("Next try", item => Time(item["nextAttemptAt"])),
                    ("Why", item => Text(item["lastError"]))
                );
            }
        );
        return command;
    }

    private static Command Groups()
    {
        var json = PackageFile.Json();
        var command = new Command("groups", "Show what was given up, by reason, route and inbox.")
        {
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                return Show(
                    await client.GetAsync("ops/v1/dead-letters", cancellation),
                    parsed.GetValue(json),
                    "Nothing was given up.",
                    ("Failure", item => Text(item["failure"])),
                    ("Route", item => Text(item["route"])),
                    ("Inbox", item => Text(item["officeSystem"])),
                    ("Count", item => Text(item["count"])),
                    ("Oldest", item => Time(item["oldestAt"])),
                    ("Newest", item => Time(item["newestAt"])),
                    ("Example", item => Text(item["example"]))
                );
            }
        );
        return command;
    }

    private static Command Retry()
    {
        var delivery = new Argument<Guid?>("delivery")
        {
            Description = "The delivery's id.",
            HelpName = "DELIVERY-ID",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var system = new Option<string?>("--office-system")
        {
            Description = "Everything that waits for this inbox, whose fault is mended.",
            HelpName = "ID",
        };
        var command = new Command(
            "retry",
            "Try now what waits for its next try, or one delivery that was given up."
        )
        {
            delivery,
            system,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var (one, inbox) = (parsed.GetValue(delivery), parsed.GetValue(system));
                if (one is null == inbox is null)
                {
                    throw new CommandFailure(
                        ExitCodes.Usage,
                        "Name a delivery, or an inbox with --office-system."
                    );
                }

                using var client = await hub.ConnectAsync(parsed, cancellation);
                var answer = await client.PostAsync(
                    one is not null
                        ? $"ops/v1/deliveries/{one}/retry"
                        : $"ops/v1/routes/{Uri.EscapeDataString(inbox!)}/retry",
                    null,
                    cancellation
                );
                Console.WriteLine(one is not null ? "It is due now." : RoutesCommand.Tried(answer));
                return ExitCodes.Ok;
            }
        );
        return command;
    }

    internal static int Show(
        JsonNode page,
        bool asJson,
        string nothing,
        params (string Name, Func<JsonNode, string> Cell)[] columns
    )
    {
        if (asJson)
        {
            JsonOutput.Print(page);
            return ExitCodes.Ok;
        }

        JsonNode[] items = [.. (page["items"] as JsonArray ?? []).OfType<JsonNode>()];
        if (items.Length == 0)
        {
            Console.WriteLine(nothing);
            return ExitCodes.Ok;
        }

        var table = Format.Table([.. columns.Select(column => column.Name)]);
        foreach (var item in items)
        {
            table.Row([.. columns.Select(column => column.Cell(item))]);
        }

        Format.Write(table);
        return ExitCodes.Ok;
    }

    internal static int ShowOne(
        JsonNode item,
        bool asJson,
        params (string Name, Func<JsonNode, string> Cell)[] columns
    ) =>
        Show(
            asJson ? item : new JsonObject { ["items"] = new JsonArray(item) },
            asJson,
            "",
            columns
        );

    internal static string Text(JsonNode? value) => value?.ToString() ?? "";

    internal static string Time(JsonNode? value) =>
        value is null ? "" : Format.Time(value.GetValue<DateTimeOffset>());
}
