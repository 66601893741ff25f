using System.CommandLine;
using Axis.Cli.Files;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

/// <summary><c>send FILE</c>.</summary>
internal static class SendCommand
{
    public static Command Build()
    {
        var file = PackageFile.Argument();
        var json = PackageFile.Json();
        var command = new Command("send", "Submit an edXML file, a document or a status report.")
        {
            file,
            json,
        };
        var hub = new HubOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                await using var package = PackageFile.Open(parsed.GetValue(file)!);
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
}

internal static class Receipts
{
    public static void Print(SubmissionReceipt receipt)
    {
        switch (receipt)
        {
            case StatusReceipt status:
                Console.WriteLine(
                    $"Status {status.Status} ({Format.StatusName(status.Status)}) on delivery {status.DeliveryId}: "
                        + $"{status.Outcome}."
                );
                break;
            case DocumentReceipt document:
                Console.WriteLine(
                    $"Accepted {Format.Time(document.ReceivedAt)} as package {document.PackageId}."
                );
                Console.WriteLine($"  document id  {document.DocumentId}");
                Console.WriteLine($"  SHA-256      {document.Sha256}");
                Console.WriteLine($"  signature    {document.Signature.Verdict}");
                var table = Format.Table("Delivery", "Recipient", "Agency", "State");
                foreach (var delivery in document.Deliveries)
                {
                    table.Row(
                        delivery.DeliveryId.ToString(),
                        delivery.Recipient,
                        delivery.AgencyName,
                        delivery.State
                    );
                }

                Format.Write(table);
                foreach (var warning in document.Warnings)
                {
                    Console.Error.WriteLine(
                        $"  warning {warning.Code}: {warning.MessageVi}\n    {warning.Message}"
                    );
                }

                break;
        }
    }
}
