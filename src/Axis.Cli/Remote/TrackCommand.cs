using System.CommandLine;
using Axis.Cli.Files;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

/// <summary>
/// <c>track DOCUMENT-ID</c>: where a letter is, and with <c>--watch</c> what happens to it from now on;
/// <c>track --subject …</c>: which letters there are.
/// </summary>
internal static class TrackCommand
{
    // A line of history is seen so soon after it was written.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public static Command Build()
    {
        var letter = new Argument<string?>("document")
        {
            Description =
                "Its document id, or its number and notation such as 15/UBND-VP; without it the options find letters.",
            HelpName = "DOCUMENT-ID",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var sent = new Option<bool>("--sent") { Description = "Only letters this office sent." };
        var received = new Option<bool>("--received")
        {
            Description = "Only letters this office received.",
        };
        var watch = new Option<bool>("--watch")
        {
            Description = "Go on showing what happens to the letter, until Ctrl-C.",
        };
        var json = PackageFile.Json();
        var command = new Command(
            "track",
            "Show where a letter is, sent or received: each recipient's state, open question and history; or find letters."
        )
        {
            letter,
            sent,
            received,
            watch,
            json,
        };
        var filters = new LetterFilters().AddTo(command);
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                if (parsed.GetValue(letter) is not { } asked)
                {
                    var page = await client.FindLettersAsync(
                        filters.Read(
                            parsed,
                            (parsed.GetValue(sent), parsed.GetValue(received)) switch
                            {
                                (true, false) => "sent",
                                (false, true) => "received",
                                _ => null,
                            }
                        ),
                        cancellation
                    );
                    if (!parsed.GetValue(json))
                    {
                        return LetterFilters.Print(page);
                    }

                    JsonOutput.Print(page);
                    return ExitCodes.Ok;
                }

                var packages = await FindAsync(client, asked, cancellation);
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(packages);
                }
                else if (packages.Count == 0)
                {
                    Console.WriteLine(
                        $"No letter {asked} that this office system sent or received."
                    );
                }
                else
                {
                    foreach (var package in packages)
                    {
                        LetterLife.Print(package);
                    }

                    if (parsed.GetValue(watch))
                    {
                        await WatchAsync(client, asked, packages, cancellation);
                    }
                }

                return packages.Count == 0 ? ExitCodes.Refused : ExitCodes.Ok;
            }
        );
        return command;
    }

    private static async Task<IReadOnlyList<PackageView>> FindAsync(
        AxisHttpClient client,
        string asked,
        CancellationToken cancellation
    )
    {
        var packages = await client.FindByDocumentIdAsync(asked, cancellation);
        return packages.Count == 0 && asked.Contains('/', StringComparison.Ordinal)
            ? await client.FindByNumberAsync(asked, cancellation)
            : packages;
    }

    /// <summary>The lines that each look adds to a history, and packages that were not there: acts about the letter.</summary>
    private static async Task WatchAsync(
        AxisHttpClient client,
        string asked,
        IReadOnlyList<PackageView> packages,
        CancellationToken cancellation
    )
    {
        var shown = packages.Select(package => package.PackageId).ToHashSet();
        var lines = DeliveriesIn(packages)
            .ToDictionary(delivery => delivery.DeliveryId, delivery => delivery.History.Count);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(s_pause, cancellation);
                packages = await FindAsync(client, asked, cancellation);
            }
            catch (HttpRequestException)
            {
                await Console.Error.WriteLineAsync("The hub is out of reach; going on.");
                continue;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }

            foreach (var package in packages.Where(package => shown.Add(package.PackageId)))
            {
                LetterLife.Print(package);
                foreach (var delivery in package.Deliveries)
                {
                    lines[delivery.DeliveryId] = delivery.History.Count;
                }
            }

            foreach (
                var (delivery, entry) in DeliveriesIn(packages)
                    .SelectMany(
                        delivery =>
                            delivery.History.Skip(lines.GetValueOrDefault(delivery.DeliveryId)),
                        (delivery, entry) => (delivery, entry)
                    )
                    .OrderBy(pair => pair.entry.At)
            )
            {
                Console.WriteLine(
                    $"{LetterLife.Line(entry)}  {delivery.Recipient} {delivery.AgencyName}  [{LetterLife.Standing(delivery)}]"
                );
            }

            foreach (var delivery in DeliveriesIn(packages))
            {
                lines[delivery.DeliveryId] = delivery.History.Count;
            }
        }
    }

    private static IEnumerable<DeliveryView> DeliveriesIn(IEnumerable<PackageView> packages) =>
        packages.SelectMany(package => package.Deliveries);
}
