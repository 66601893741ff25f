using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary><c>webhooks add|list|pause|resume|replay|rotate|remove</c>: where events are pushed to, and how that fares.</summary>
internal static class WebhooksCommand
{
    private const string Path = "ops/v1/webhooks";

    public static Command Build() =>
        new("webhooks", "For operators: addresses that events are pushed to.")
        {
            Add(),
            List(),
            Change("pause", "Stop pushing; the cursor stays where it is."),
            Change("resume", "Go on pushing at the cursor."),
            Replay(),
            Rotate(),
            Remove(),
        };

    private static Command Add()
    {
        var url = new Argument<string>("url") { Description = "https://…", HelpName = "URL" };
        var types = new Option<string[]>("--type")
        {
            Description = "Only these event types.",
            HelpName = "TYPE",
            AllowMultipleArgumentsPerToken = true,
        };
        var agency = new Option<string?>("--agency")
        {
            Description = "Only of letters that this agency sent or receives.",
            HelpName = "CODE",
        };
        var system = new Option<string?>("--office-system")
        {
            Description = "For this office system; without it for the IT centre, of everything.",
            HelpName = "ID",
        };
        var after = new Option<string?>("--after")
        {
            Description = "Begin behind this cursor, or 0; without it now.",
            HelpName = "CURSOR",
        };
        var json = PackageFile.Json();
        var command = new Command("add", "Add a webhook; its secret is shown this once.")
        {
            url,
            types,
            agency,
            system,
            after,
            json,
        };
        return OpsOptions.Asking(
            command,
            async (parsed, client, cancellation) =>
            {
                var wish = new JsonObject { ["url"] = parsed.GetValue(url) };
                if (parsed.GetValue(types) is { Length: > 0 } named)
                {
                    wish["types"] = new JsonArray([.. named.Select(one => (JsonNode)one)]);
                }

                foreach (
                    var (name, value) in ((string, string?)[])
                        [
                            ("agency", parsed.GetValue(agency)),
                            ("officeSystem", parsed.GetValue(system)),
                            ("after", parsed.GetValue(after)),
                        ]
                )
                {
                    if (value is not null)
                    {
                        wish[name] = value;
                    }
                }

                return PrintWithSecret(
                    await client.PostAsync(Path, wish, cancellation),
                    parsed.GetValue(json)
                );
            }
        );
    }

    private static Command List()
    {
        var json = PackageFile.Json();
        return OpsOptions.Asking(
            new Command("list", "Show all webhooks and how they fare.") { json },
            async (parsed, client, cancellation) =>
                DeliveriesCommand.Show(
                    await client.GetAsync(Path, cancellation),
                    parsed.GetValue(json),
                    "There are no webhooks.",
                    s_columns
                )
        );
    }

    private static Command Change(string verb, string description)
    {
        var (id, json) = (Id(), PackageFile.Json());
        return OpsOptions.Asking(
            new Command(verb, description) { id, json },
            async (parsed, client, cancellation) =>
                Print(
                    await client.PostAsync(
                        $"{Path}/{parsed.GetValue(id)}/{verb}",
                        null,
                        cancellation
                    ),
                    parsed.GetValue(json)
                )
        );
    }

    private static Command Replay()
    {
        var (id, json) = (Id(), PackageFile.Json());
        var after = new Option<string>("--after")
        {
            Description = "Push everything behind this cursor again; 0 for all that is kept.",
            HelpName = "CURSOR",
            Required = true,
        };
        return OpsOptions.Asking(
            new Command("replay", "Push again from a cursor on.") { id, after, json },
            async (parsed, client, cancellation) =>
                Print(
                    await client.PostAsync(
                        $"{Path}/{parsed.GetValue(id)}/replay",
                        new JsonObject { ["after"] = parsed.GetValue(after) },
                        cancellation
                    ),
                    parsed.GetValue(json)
                )
        );
    }

    private static Command Rotate()
    {
        var (id, json) = (Id(), PackageFile.Json());
        var overlap = new Option<int>("--overlap-hours")
        {
            Description = "How long the old secret signs beside the new one; 0: it ends now.",
            DefaultValueFactory = _ => 24,
            HelpName = "HOURS",
        };
        return OpsOptions.Asking(
            new Command("rotate", "Exchange the secret; the new one is shown this once.")
            {
                id,
                overlap,
                json,
            },
            async (parsed, client, cancellation) =>
                PrintWithSecret(
                    await client.PostAsync(
                        $"{Path}/{parsed.GetValue(id)}/rotate",
                        new JsonObject { ["overlapHours"] = parsed.GetValue(overlap) },
                        cancellation
                    ),
                    parsed.GetValue(json)
                )
        );
    }

    private static Command Remove()
    {
        var id = Id();
        return OpsOptions.Asking(
            new Command("remove", "Remove a webhook.") { id },
            async (parsed, client, cancellation) =>
            {
                await client.DeleteAsync($"{Path}/{parsed.GetValue(id)}", cancellation);
                Console.WriteLine("Removed.");
                return ExitCodes.Ok;
            }
        );
    }

    private static readonly (string Name, Func<JsonNode, string> Cell)[] s_columns =
    [
        ("Webhook", item => DeliveriesCommand.Text(item["webhookId"])),
        ("For", item => item["officeSystem"]?.ToString() ?? "IT centre"),
        ("Address", item => DeliveriesCommand.Text(item["url"])),
        ("State", item => $"{item["state"]} {item["reason"]}".TrimEnd()),
        ("Cursor", item => DeliveriesCommand.Text(item["cursor"])),
        ("Last taken", item => DeliveriesCommand.Time(item["lastSuccessAt"])),
        ("Failures", item => $"{item["failures"]} {item["lastError"]}".TrimEnd()),
    ];

    private static int Print(JsonNode hook, bool asJson) =>
        DeliveriesCommand.ShowOne(hook, asJson, s_columns);

    private static int PrintWithSecret(JsonNode hook, bool asJson)
    {
        var code = Print(hook, asJson);
        if (!asJson)
        {
            Console.WriteLine($"Secret, shown this once: {hook["secret"]}");
            if (hook["oldSecretUntil"] is { } until)
            {
                Console.WriteLine($"The old one signs too until {DeliveriesCommand.Time(until)}");
            }
        }

        return code;
    }

    private static Argument<Guid> Id() => new("webhook") { HelpName = "WEBHOOK-ID" };
}
