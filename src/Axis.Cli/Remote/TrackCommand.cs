using System.CommandLine;
using Axis.Cli.Files;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

/// <summary><c>track DOCUMENT-ID</c>: where a letter is; <c>track --subject …</c>: which letters there are.</summary>
internal static class TrackCommand
{
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
        var json = PackageFile.Json();
        var command = new Command(
            "track",
            "Show where a letter is, sent or received: deliveries and their history; or find letters."
        )
        {
            letter,
            sent,
            received,
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

                var packages = await client.FindByDocumentIdAsync(asked, cancellation);
                if (packages.Count == 0 && asked.Contains('/', StringComparison.Ordinal))
                {
                    packages = await client.FindByNumberAsync(asked, cancellation);
                }

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
                        Print(package);
                    }
                }

                return packages.Count == 0 ? ExitCodes.Refused : ExitCodes.Ok;
            }
        );
        return command;
    }

    private static void Print(PackageView package)
    {
        Console.WriteLine($"{package.CodeNumber}/{package.CodeNotation}  {package.Subject}");
        Console.WriteLine($"  document id  {package.DocumentId}");
        Console.WriteLine(
            $"  package      {package.PackageId}, {package.Business}, {Format.Size(package.Size)}"
        );
        Console.WriteLine($"  from         {package.Sender} {package.SenderName}");
        Console.WriteLine(
            $"  received     {Format.Time(package.ReceivedAt)}, signature {package.Signature}, documents {package.DocumentVerdict}"
        );
        var table = Format.Table("Recipient", "State", "Status", "History");
        foreach (var delivery in package.Deliveries)
        {
            var history = delivery.History.Select(entry =>
                $"{Format.Time(entry.At)} {entry.What} {entry.Status} {entry.Outcome} {entry.Detail}".TrimEnd()
            );
            table.Row(
                $"{delivery.Recipient}\n{delivery.AgencyName}",
                delivery.LastError is null
                    ? delivery.State
                    : $"{delivery.State}: {delivery.LastError}",
                delivery.Status is null
                    ? ""
                    : $"{delivery.Status} {Format.StatusName(delivery.Status)}",
                string.Join('\n', history)
            );
        }

        Format.Write(table);
    }
}
