using System.CommandLine;
using Axis.Cli.Files;
using Axis.Cli.Terminal;
using Axis.Client;
using Axis.EdXml;

namespace Axis.Cli.Remote;

/// <summary><c>status ID CODE</c>: reports about a delivery that was received.</summary>
internal static class StatusCommand
{
    // Not 13: it is raised by the sender of the document, about a delivery that is not in its inbox.
    private static readonly string[] Codes = ["01", "02", "03", "04", "05", "06", "15", "16"];

    public static Command Build()
    {
        var id = new Argument<Guid>("id") { Description = "Id of the delivery.", HelpName = "ID" };
        var code = new Argument<string>("code")
        {
            Description = string.Join(", ", Codes.Select(c => $"{c} {Format.StatusName(c)}")) + ".",
            HelpName = "CODE",
        };
        code.AcceptOnlyFromAmong(Codes);
        var description = new Option<string?>("--description")
        {
            Description = "Free text of the report (default: the name of the status).",
            HelpName = "TEXT",
        };
        var staff = new Option<string?>("--staff")
        {
            Description = "Who did it.",
            HelpName = "NAME",
        };
        var department = new Option<string?>("--department")
        {
            Description = "In which department.",
            HelpName = "NAME",
        };
        var json = PackageFile.Json();
        var command = new Command(
            "status",
            "Report a status of a delivery to the sender of the document."
        )
        {
            id,
            code,
            description,
            staff,
            department,
            json,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                var (document, recipient) = await FindAsync(
                    client,
                    parsed.GetValue(id),
                    cancellation
                );
                var people = (parsed.GetValue(staff), parsed.GetValue(department));
                var package = await StatusPackages.WriteAsync(
                    document,
                    recipient,
                    parsed.GetValue(code)!,
                    parsed.GetValue(description),
                    people is (null, null)
                        ? null
                        : new StaffInfo { Staff = people.Item1, Department = people.Item2 },
                    cancellation
                );
                var receipt = await client.SubmitAsync(package, cancellation);
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print<object>(receipt);
                }
                else
                {
                    Receipts.Print(receipt);
                }

                return ExitCodes.Ok;
            }
        );
        return command;
    }

    /// <summary>The document behind a delivery, and the code under which it was delivered.</summary>
    private static async Task<(DocumentHeader Document, string Recipient)> FindAsync(
        AxisHttpClient client,
        Guid deliveryId,
        CancellationToken cancellation
    )
    {
        using var content = new MemoryStream();
        await client.DownloadDeliveryAsync(deliveryId, content, cancellation);
        content.Position = 0;
        var reading = await PackageReader.ReadAsync(content, ReadLimits.Default, cancellation);
        var document =
            reading.Document
            ?? throw new CommandFailure(
                ExitCodes.Refused,
                $"Delivery {deliveryId} is no document package."
            );
        var packages = await client.FindByDocumentIdAsync(document.DocumentId ?? "", cancellation);
        var delivery = packages
            .SelectMany(package => package.Deliveries)
            .FirstOrDefault(d => d.DeliveryId == deliveryId);
        return delivery is null
            ? throw new CommandFailure(
                ExitCodes.Refused,
                $"The hub shows no delivery {deliveryId} of {document.DocumentId}."
            )
            : (document, delivery.Recipient);
    }
}
