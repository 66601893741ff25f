using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Remote;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary>
/// <c>watch</c>: what happens to letters, as it happens; to all of them for an operator, to its own for an office system.
/// A cut connection is taken up where it was.
/// </summary>
internal static class WatchCommand
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public static Command Build()
    {
        var agency = new Option<string?>("--agency")
        {
            Description = "Only letters that this agency sent or receives, by any of its codes.",
            HelpName = "CODE",
        };
        var letter = new Option<string?>("--letter")
        {
            Description =
                "Only this letter: a number like 15/UBND-VP, a document id or a package id.",
            HelpName = "LETTER",
        };
        var type = new Option<string?>("--type")
        {
            Description = "Only these event types, separated by commas.",
            HelpName = "TYPES",
        };
        var after = new Option<string?>("--after")
        {
            Description = "Begin behind this cursor, 0 for all that is kept; without it now.",
            HelpName = "CURSOR",
        };
        var count = new Option<int?>("--count")
        {
            Description = "Stop after so many events.",
            HelpName = "N",
        };
        var json = PackageFile.Json();
        var command = new Command(
            "watch",
            "Show events live, until Ctrl-C: all of them to an operator, its own to an office system (--client-id, --env, or --as with one of the demo province, such as qlvb-so)."
        )
        {
            agency,
            letter,
            type,
            after,
            count,
            json,
        };
        var operators = new OpsOptions().AddTo(command);
        var officeSystems = new HubOptions().AddBeside(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var isNamed = officeSystems.IsNamed(parsed);
                var ofDemo = isNamed
                    ? null
                    : await operators.DemoOfficeSystemAsync(parsed, cancellation);
                var isOffice = isNamed || ofDemo is not null;
                var feed = isOffice ? "v1/events/feed" : "ops/v1/events";
                var filter = "";
                using (var client = await ConnectAsync())
                {
                    filter =
                        Part("agency", parsed.GetValue(agency))
                        + Part("type", parsed.GetValue(type))
                        + Part(
                            "letter",
                            parsed.GetValue(letter) is { } asked
                                ? await LetterAsync(client, isOffice, asked, cancellation)
                                : null
                        );
                }

                var left = parsed.GetValue(count) ?? int.MaxValue;
                var cursor = parsed.GetValue(after) ?? "latest";
                while (left > 0)
                {
                    try
                    {
                        // A new connection, a new token: streams end when their token may have.
                        using var client = await ConnectAsync();
                        await using var stream = await client.OpenAsync(
                            $"{feed}?after={Uri.EscapeDataString(cursor)}{filter}",
                            cancellation,
                            "text/event-stream"
                        );
                        using var lines = new StreamReader(stream);
                        while (left > 0 && await lines.ReadLineAsync(cancellation) is { } line)
                        {
                            if (line.StartsWith("id: ", StringComparison.Ordinal))
                            {
                                cursor = line["id: ".Length..];
                            }
                            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                            {
                                Print(line["data: ".Length..], parsed.GetValue(json));
                                left--;
                            }
                        }
                    }
                    catch (Exception cut) when (cut is IOException or HttpRequestException)
                    {
                        await Console.Error.WriteLineAsync("The connection was cut; going on.");
                    }
                    catch (OperationCanceledException)
                    {
                        break;
                    }

                    if (left > 0)
                    {
                        await Task.Delay(s_pause, cancellation)
                            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    }
                }

                await Console.Error.WriteLineAsync($"To go on from here: --after {cursor}");
                return ExitCodes.Ok;

                async Task<OpsClient> ConnectAsync()
                {
                    if (!isOffice)
                    {
                        return await operators.ConnectAsync(parsed, cancellation);
                    }

                    var (hub, id, secret) =
                        ofDemo
                        ?? await officeSystems.ReadAsync(
                            parsed,
                            cancellation,
                            operators.HubIn(parsed)
                        );
                    return await OpsClient.ConnectAsync(hub, hub, id, secret, cancellation);
                }
            }
        );
        return command;
    }

    private static async Task<string> LetterAsync(
        OpsClient client,
        bool isOffice,
        string asked,
        CancellationToken cancellation
    )
    {
        if (Guid.TryParse(asked, out var id))
        {
            return id.ToString();
        }

        var text = Uri.EscapeDataString(asked);
        foreach (
            var path in isOffice
                ? (string[])[$"v1/documents?documentId={text}", $"v1/documents?number={text}"]
                : [$"ops/v1/documents?q={text}"]
        )
        {
            var found = await client.GetAsync(path, cancellation);
            if ((found["items"] as JsonArray)?.FirstOrDefault()?["packageId"] is { } package)
            {
                return (string)package!;
            }
        }

        throw new CommandFailure(ExitCodes.Refused, $"There is no letter {asked}.");
    }

    private static void Print(string text, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(text);
            return;
        }

        var (one, data) = (JsonNode.Parse(text)!, JsonNode.Parse(text)!["data"]!);
        var status = data["status"] is { } code ? $" {code} {data["statusName"]}" : "";
        Console.WriteLine(
            $"{Format.Clock(one["time"]!.GetValue<DateTimeOffset>())}  "
                + $"{((string)one["type"]!)["vn.axis.".Length..], -24}  {data["documentId"]} → {data["agency"]}  "
                + $"[{data["stage"]}]{status} {data["description"]}{NewsOf(data["letter"])}".TrimEnd()
        );
    }

    /// <summary>Of a letter in an inbox: from whom it is, and what it is about.</summary>
    private static string NewsOf(JsonNode? letter) =>
        letter is null
            ? ""
            : $"{letter["senderName"] ?? letter["sender"]}: {letter["subject"]}"
                + ((bool)letter["urgent"]! ? " (khẩn)" : "");

    private static string Part(string name, string? value) =>
        value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";
}
