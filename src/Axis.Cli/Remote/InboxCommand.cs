using System.CommandLine;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Remote;

/// <summary><c>inbox</c>: what waits to be collected.</summary>
internal static class InboxCommand
{
    public static Command Build()
    {
        var json = PackageFile.Json();
        var limit = new Option<int>("--limit")
        {
            Description = "At most so many, 1 to 1000.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        };
        var wait = new Option<int>("--wait")
        {
            Description = "When nothing is there, wait up to so many seconds, at most 55.",
            HelpName = "SECONDS",
        };
        var command = new Command("inbox", "List the deliveries that wait for this office system.")
        {
            limit,
            wait,
            json,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var items = await client.ListInboxAsync(
                    parsed.GetValue(limit),
                    TimeSpan.FromSeconds(parsed.GetValue(wait)),
                    cancellation
                );
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(items);
                    return ExitCodes.Ok;
                }

                if (items.Count == 0)
                {
                    Console.WriteLine("Nothing waits.");
                    return ExitCodes.Ok;
                }

                var table = Format.Table(
                    "Delivery",
                    "Received",
                    "From",
                    "To",
                    "Number",
                    "Subject",
                    "Size"
                );
                foreach (var item in items)
                {
                    table.Row(
                        item.DeliveryId.ToString(),
                        Format.Time(item.ReceivedAt) + (item.Urgent ? " urgent" : ""),
                        item.SenderName,
                        item.Recipient,
                        $"{item.CodeNumber}/{item.CodeNotation}",
                        item.Business == "new" ? item.Subject : $"[{item.Business}] {item.Subject}",
                        Format.Size(item.Size)
                    );
                }

                Format.Write(table);
                return ExitCodes.Ok;
            }
        );
        return command;
    }
}
