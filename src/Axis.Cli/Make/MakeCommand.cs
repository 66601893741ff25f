using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;
using Axis.Cli.Terminal;
using Axis.EdXml;

namespace Axis.Cli.Make;

/// <summary><c>make DESCRIPTION -o OUT</c>: a package out of a description and files.</summary>
internal static class MakeCommand
{
    private const string Example = """
        Make an edXML package from a description in JSON or YAML (by its extension).

        Example, letter.json:
          { "kind": "document",
            "from": { "organId": "H99", "organName": "UBND tỉnh An Giao" },
            "to": ["H99.05", "000.00.12.H99"],
            "documentId": "H99,2026/01/05,15/UBND-VP",
            "code": { "codeNumber": "15", "codeNotation": "UBND-VP" },
            "promulgationInfo": { "place": "An Giao", "promulgationDate": "2026/01/05" },
            "documentType": { "type": 2, "typeName": "Công văn" },
            "subject": "V/v gửi, nhận văn bản điện tử",
            "attachments": ["cong-van.pdf"] }

          axis make letter.json -o letter.edxml

        Members are named as the elements of the standard; docs/edxml-make.md lists all of them.
        A package with errors is not written; exit code 1.
        """;

    public static Command Build()
    {
        var description = new Argument<FileInfo>("description")
        {
            Description = "What is to be in the package; files are named relative to it.",
            HelpName = "DESCRIPTION",
        };
        var output = new Option<FileInfo>("--output", "-o")
        {
            Description = "Where to write the package.",
            HelpName = "OUT",
            Required = true,
        };
        var profile = CheckCommand.Profile();
        var command = new Command("make", Example) { description, output, profile };
        command.SetAction(
            (parsed, cancellation) =>
                RunAsync(
                    parsed.GetValue(description)!,
                    parsed.GetValue(output)!,
                    parsed.GetValue(profile),
                    cancellation
                )
        );
        return command;
    }

    private static async Task<int> RunAsync(
        FileInfo description,
        FileInfo output,
        RuleProfile profile,
        CancellationToken cancellation
    )
    {
        var problems = new List<MakeProblem>();
        var write = Draft(
            await ReadAsync(description, cancellation),
            description.DirectoryName!,
            problems
        );
        if (problems.Count > 0)
        {
            throw Refusal(problems);
        }

        // Written aside, so that a package with errors never lies under the name asked for.
        var staging = new FileInfo($"{output.FullName}.part");
        try
        {
            await using (var package = File.Create(staging.FullName))
            {
                await write(package, cancellation);
            }

            var made = await CheckedFile.CheckAsync(staging, output.Name, profile, cancellation);
            made.Print(Console.Out);
            if (!made.Ok)
            {
                Console.Error.WriteLine("Not written, because a hub would refuse it.");
                return ExitCodes.Refused;
            }

            File.Move(staging.FullName, output.FullName, overwrite: true);
            Console.WriteLine($"Written: {output.FullName}");
            return ExitCodes.Ok;
        }
        catch (ArgumentException e)
        {
            throw Refusal([MakeProblem.NotWritable(e.Message)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCodes.Usage, e.Message);
        }
        finally
        {
            DeleteIfThere(staging);
        }
    }

    private static async Task<JsonObject> ReadAsync(
        FileInfo description,
        CancellationToken cancellation
    )
    {
        try
        {
            return await DescriptionFile.ReadAsync(description, cancellation);
        }
        catch (DescriptionException e)
        {
            throw Refusal([MakeProblem.NotReadable(e.Message)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{description.FullName} cannot be read: {e.Message}"
            );
        }
    }

    private static Func<Stream, CancellationToken, Task> Draft(
        JsonObject description,
        string folder,
        List<MakeProblem> problems
    )
    {
        const string kind = "kind";
        var members = new Members(description, "", problems);
        Func<Stream, CancellationToken, Task>? write = null;
        switch (members.Text(kind) ?? "document")
        {
            case "document":
                var document = DescribedDocument.Read(members, folder);
                write = (stream, token) => PackageWriter.WriteAsync(document, stream, token);
                break;
            case "status":
                var status = DescribedStatus.Read(members);
                write = (stream, token) => PackageWriter.WriteAsync(status, stream, token);
                break;
            case var other:
                problems.Add(MakeProblem.BadValue(kind, other, "document, status"));
                return (_, _) => Task.CompletedTask;
        }

        members.Close();
        return write;
    }

    private static CommandFailure Refusal(IReadOnlyCollection<MakeProblem> problems) =>
        new(ExitCodes.Refused, string.Join('\n', problems));

    private static void DeleteIfThere(FileInfo file)
    {
        try
        {
            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder that could not be written to has been told of already.
        }
    }
}
