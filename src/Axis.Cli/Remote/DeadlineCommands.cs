using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Ops;
using Axis.Cli.Terminal;

namespace Axis.Cli.Remote;

/// <summary><c>deadlines</c>, <c>follow-up</c>, <c>extension ask|grant|decline</c>: what is due, and more time.</summary>
internal static class DeadlineCommands
{
    public static Command Deadlines()
    {
        var sent = new Option<bool>("--sent") { Description = "Of letters this office sent." };
        var overdue = new Option<bool>("--overdue") { Description = "Only what is overdue." };
        var json = PackageFile.Json();
        var command = new Command(
            "deadlines",
            "List the deadlines of letters received, the next to be due first."
        )
        {
            sent,
            overdue,
            json,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var direction = parsed.GetValue(sent) ? "sent" : "received";
                var state = parsed.GetValue(overdue) ? "overdue" : "open";
                var page = Node(
                    await client.GetDeadlinesAsync(direction, state, cancellation: cancellation)
                );
                return DeliveriesCommand.Show(
                    page,
                    parsed.GetValue(json),
                    "Nothing is due.",
                    ("Due", item => DeliveriesCommand.Time(item["dueAt"])),
                    ("Hours left", item => DeliveriesCommand.Text(item["workingHoursLeft"])),
                    ("For", item => DeliveriesCommand.Text(item["kind"])),
                    ("Number", item => $"{item["codeNumber"]}/{item["codeNotation"]}"),
                    ("Subject", item => DeliveriesCommand.Text(item["subject"])),
                    ("From", item => $"{item["sender"]} {item["senderName"]}"),
                    ("To", item => $"{item["recipient"]} {item["recipientName"]}"),
                    ("Stands at", item => DeliveriesCommand.Text(item["stage"])),
                    (
                        "More time asked",
                        item => DeliveriesCommand.Time(item["extensionAskedUntil"])
                    ),
                    ("Delivery", item => DeliveriesCommand.Text(item["deliveryId"]))
                );
            }
        );
        return command;
    }

    public static Command FollowUp()
    {
        var from = new Option<DateOnly?>("--since")
        {
            Description = "Sent on this day or later; 90 days ago without it.",
            HelpName = "DAY",
        };
        var json = PackageFile.Json();
        var command = new Command(
            "follow-up",
            "List what this office sent and waits for, the oldest first."
        )
        {
            from,
            json,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var page = Node(await client.GetFollowUpAsync(parsed.GetValue(from), cancellation));
                return DeliveriesCommand.Show(
                    page,
                    parsed.GetValue(json),
                    "Nothing is waited for.",
                    ("Sent", item => DeliveriesCommand.Time(item["sentAt"])),
                    ("Number", item => $"{item["codeNumber"]}/{item["codeNotation"]}"),
                    ("Subject", item => DeliveriesCommand.Text(item["subject"])),
                    ("To", item => $"{item["recipient"]} {item["recipientName"]}"),
                    ("Stands at", item => DeliveriesCommand.Text(item["stage"])),
                    ("Working hours", item => DeliveriesCommand.Text(item["workingHours"])),
                    ("Due", item => DeliveriesCommand.Time(item["dueAt"])),
                    ("", item => item["overdue"]?.GetValue<bool>() == true ? "overdue" : ""),
                    ("Delivery", item => DeliveriesCommand.Text(item["deliveryId"]))
                );
            }
        );
        return command;
    }

    public static Command Extension() =>
        new("extension", "Ask for more time for a letter received, or give it for one sent.")
        {
            Step(
                "ask",
                "Ask the sender for more time.",
                "extension",
                (until, reason) => new JsonObject { ["until"] = until, ["reason"] = reason }
            ),
            Step(
                "grant",
                "Give the recipient more time: until the day it asked for, or another.",
                "extension/answer",
                (until, reason) =>
                    new JsonObject
                    {
                        ["granted"] = true,
                        ["until"] = until,
                        ["reason"] = reason,
                    }
            ),
            Step(
                "decline",
                "Give no more time, and say why.",
                "extension/answer",
                (_, reason) => new JsonObject { ["granted"] = false, ["reason"] = reason }
            ),
        };

    private static Command Step(
        string name,
        string description,
        string path,
        Func<string?, string?, JsonObject> body
    )
    {
        var delivery = new Argument<Guid>("delivery")
        {
            Description = "The delivery's id.",
            HelpName = "DELIVERY-ID",
        };
        var until = new Option<DateOnly?>("--until")
        {
            Description = "The last day of the longer term.",
            HelpName = "DAY",
        };
        var reason = new Option<string?>("--reason")
        {
            Description = "Why; needed to ask and to decline.",
            HelpName = "WORDS",
        };
        var command = new Command(name, description) { delivery, reason };
        if (name != "decline")
        {
            command.Add(until);
        }

        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var said = body(
                    name == "decline"
                        ? null
                        : parsed
                            .GetValue(until)
                            ?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    parsed.GetValue(reason)
                );
                var answer = await client.PostExtensionAsync(
                    parsed.GetValue(delivery),
                    path,
                    said.ToJsonString(),
                    cancellation
                );
                Console.WriteLine(
                    $"{answer.GetProperty("state").GetString()}; due {Format.Time(answer.GetProperty("dueAt").GetDateTimeOffset())}"
                );
                return ExitCodes.Ok;
            }
        );
        return command;
    }

    private static JsonNode Node(JsonElement element) => JsonNode.Parse(element.GetRawText())!;
}
