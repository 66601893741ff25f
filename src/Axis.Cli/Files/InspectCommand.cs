using System.CommandLine;
using Axis.Cli.Terminal;
using Axis.EdXml;
using Spectre.Console;

namespace Axis.Cli.Files;

/// <summary><c>inspect FILE</c>: what is in a package, whether it is good or not.</summary>
internal static class InspectCommand
{
    public static Command Build()
    {
        var file = PackageFile.Argument();
        var json = PackageFile.Json();
        var extract = new Option<DirectoryInfo>("--extract")
        {
            Description =
                "Write the attachments into this folder; no file that is there is written over.",
            HelpName = "DIR",
        };
        var command = new Command(
            "inspect",
            "Show what an edXML file holds: sender, recipients, attachments."
        )
        {
            file,
            json,
            extract,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var path = parsed.GetValue(file)!;
                var reading = await PackageFile.ReadAsync(
                    path,
                    AttachmentDetail.Full,
                    cancellation
                );
                if (reading.Kind is null)
                {
                    Console.Error.WriteLine(
                        $"{path.Name} is not an edXML package; ./axis check says why."
                    );
                    return ExitCodes.Refused;
                }

                var extracted = parsed.GetValue(extract) is { } folder
                    ? await Extraction.WriteAsync(path, reading, folder, cancellation)
                    : null;
                var inspection = Inspection.Of(path.Name, reading, extracted);
                if (parsed.GetValue(json))
                {
                    JsonOutput.Print(inspection);
                }
                else
                {
                    Print(inspection);
                    PrintExtracted(inspection.Attachments);
                }

                return extracted?.Any(one => one.Problem is not null) == true
                    ? ExitCodes.Refused
                    : ExitCodes.Ok;
            }
        );
        return command;
    }

    private static void Print(Inspection package)
    {
        var table = Format.Table("Field", "Value");
        table.HideHeaders();
        void Line(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                table.Row(name, value);
            }
        }

        Line("File", $"{package.File}, {Format.Size(package.Size)}");
        Line("SHA-256", package.Sha256);
        Line(
            "Kind",
            $"{package.Kind}, form {package.Form}, envelope signatures: {package.Signatures}"
        );
        Line("From", Agency(package.Sender));
        foreach (var recipient in package.Recipients ?? [])
        {
            Line("To", Agency(recipient));
        }

        Line("Document id", package.DocumentId);
        Line("Number", package.Number);
        Line("Business", package.Business);
        Line("Kind of letter", package.TypeName);
        Line("Promulgated", package.PromulgationDate);
        Line("Priority", package.Priority?.ToString());
        Line("Subject", package.Subject);
        Line("Signed by", package.Signer);
        Line("Response for", package.ResponseFor);
        Line(
            "Status",
            package.Status is null ? null : $"{package.Status} {Format.StatusName(package.Status)}"
        );
        Line("Description", package.Description);
        Line("Time", package.Timestamp);
        Format.Write(table);
        if (package.Attachments.Count == 0)
        {
            return;
        }

        var attachments = Format.Table("Attachment", "Content", "Size", "SHA-256", "Damage");
        foreach (var attachment in package.Attachments)
        {
            attachments.Row(
                attachment.Name ?? attachment.ContentId,
                attachment.Kind.ToString(),
                Format.Size(attachment.Size),
                attachment.Sha256,
                attachment.Damage?.ToString()
            );
        }

        Format.Write(attachments);
    }

    private static void PrintExtracted(IReadOnlyList<InspectedAttachment> attachments)
    {
        foreach (var attachment in attachments)
        {
            if (attachment.Extracted is { Problem: { } problem })
            {
                Console.Error.WriteLine(
                    $"{attachment.Name ?? attachment.ContentId}: not written: {problem}"
                );
            }
            else if (attachment.Extracted is { File: { } written })
            {
                Console.WriteLine($"Written: {written}");
            }
        }
    }

    private static string Agency(InspectedAgency agency) => $"{agency.Code}  {agency.Name}";
}
