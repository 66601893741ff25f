using System.CommandLine;
using System.Text.Json;
using Axis.Cli.Ops;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Registry;

/// <summary>What a change of the registry does, for people.</summary>
internal static class Differences
{
    public static int Print(JsonElement difference)
    {
        var conflicts = difference.GetProperty("conflicts").EnumerateArray().ToArray();
        foreach (var conflict in conflicts)
        {
            var place = conflict.TryGetProperty("line", out var line) ? $"line {line}: " : "";
            Console.WriteLine($"conflict  {place}{Text(conflict, "message")}");
        }

        foreach (var change in difference.GetProperty("changes").EnumerateArray())
        {
            Console.WriteLine(
                $"{Text(change, "what"), -10}{Text(change, "code"), -20}{Told(change)}".TrimEnd()
            );
        }

        var counts = string.Join(
            ", ",
            difference
                .GetProperty("counts")
                .EnumerateObject()
                .Select(count => $"{count.Value} {count.Name}")
        );
        Console.WriteLine(
            $"{(counts.Length == 0 ? "No difference" : counts)}; {(difference.GetProperty("applied").GetBoolean() ? "applied" : "not applied")}; compared with registry version {difference.GetProperty("version")}."
        );
        return conflicts.Length > 0 ? ExitCodes.Refused : ExitCodes.Ok;
    }

    public static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string Told(JsonElement change) =>
        (Text(change, "from"), Text(change, "to")) switch
        {
            ("", var to) => to,
            (var from, "") => $"{from} → (none)",
            var (from, to) => $"{from} → {to}",
        };
}

/// <summary>A command that talks to the ops API.</summary>
internal static class OpsCommand
{
    public static Command To(
        Command command,
        Func<ParseResult, AxisOpsClient, CancellationToken, Task<int>> run
    )
    {
        var options = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await options.OpenAsync(parsed, cancellation);
                return await run(parsed, client, cancellation);
            }
        );
        return command;
    }
}
