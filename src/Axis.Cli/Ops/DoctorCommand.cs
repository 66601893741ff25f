using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary>
/// <c>doctor</c>: whether the surroundings of the hub are safe. A hub that runs is asked; with the hub's own settings in
/// the environment its program looks itself, so a hub that refuses to start can be examined too.
/// </summary>
internal static class DoctorCommand
{
    public static Command Build()
    {
        var json = PackageFile.Json();
        var command = new Command(
            "doctor",
            $"Examine database, broker, queues, clocks, disk and certificates, and say how to mend what is wrong. Exit code 1: "
                + $"something is unsafe. With the hub's settings in the environment ({HubProgram.Setting}, …) the hub need not run."
        )
        {
            json,
        };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                if (HubProgram.HasSettings)
                {
                    string[] words = parsed.GetValue(json) ? ["doctor", "--json"] : ["doctor"];
                    return await HubProgram.RunAsync(words, cancellation);
                }

                using var client = await hub.ConnectAsync(parsed, cancellation);
                var diagnosis = await client.GetAsync("ops/v1/doctor", cancellation);
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(diagnosis);
                }
                else
                {
                    Print(diagnosis);
                }

                return (string?)diagnosis["health"] == "unsafe" ? ExitCodes.Refused : ExitCodes.Ok;
            }
        );
        return command;
    }

    private static void Print(JsonNode diagnosis)
    {
        foreach (var finding in diagnosis["findings"] as JsonArray ?? [])
        {
            var mark =
                (string?)finding!["health"] == "unsafe" ? "UNSAFE" : (string?)finding["health"];
            Console.WriteLine($"{mark, -8} {finding["subject"], -32} {finding["found"]}");
            if (finding["mend"] is { } mend)
            {
                Console.WriteLine($"         -> {mend}");
            }
        }
    }
}
