using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;
using static Axis.Cli.Ops.DeliveriesCommand;

namespace Axis.Cli.Ops;

/// <summary><c>routes list|retry</c>: where what lies, which queues take nothing, and trying them now.</summary>
internal static class RoutesCommand
{
    public static Command Build() =>
        new("routes", "For operators: what lies on each route, and queues that take nothing.")
        {
            List(),
            Retry(),
        };

    private static Command List()
    {
        var json = PackageFile.Json();
        var command = new Command(
            "list",
            "Show each office system's inbox and event queue, and what waits for the national axis."
        )
        {
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                return Show(
                    await client.GetAsync("ops/v1/routes", cancellation),
                    parsed.GetValue(json),
                    "No route.",
                    ("Route", item => Text(item["officeSystem"] ?? item["route"])),
                    ("Waiting", item => Text(item["waiting"])),
                    ("In the inbox", item => Text(item["dispatched"])),
                    ("Held", item => Text(item["held"])),
                    ("Failed", item => Text(item["failed"])),
                    ("Oldest", item => Time(item["oldestAt"])),
                    ("Inbox", item => Condition(item["breaker"])),
                    ("Events waiting", item => Text(item["eventQueue"]?["waiting"])),
                    ("Event queue", item => Condition(item["eventQueue"]?["breaker"]))
                );
            }
        );
        return command;
    }

    private static Command Retry()
    {
        var system = new Argument<string>("office-system")
        {
            Description = "Whose queues take messages again.",
            HelpName = "ID",
        };
        var command = new Command(
            "retry",
            "Try now what waits for the inbox and the event queue of an office system."
        )
        {
            system,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var answer = await client.PostAsync(
                    $"ops/v1/routes/{Uri.EscapeDataString(parsed.GetValue(system)!)}/retry",
                    null,
                    cancellation
                );
                Console.WriteLine(Tried(answer));
                return ExitCodes.Ok;
            }
        );
        return command;
    }

    internal static string Tried(JsonNode answer) =>
        $"{answer["deliveries"]} deliveries and {answer["events"]} events are due now; a queue that was stopped is probed.";

    private static string Condition(JsonNode? breaker) =>
        breaker is null ? ""
        : (string?)breaker["state"] == "open"
            ? $"stopped since {Time(breaker["since"])}, next try {Time(breaker["nextTryAt"])}: {breaker["lastError"]}"
        : $"failed {breaker["failures"]} times: {breaker["lastError"]}";
}
