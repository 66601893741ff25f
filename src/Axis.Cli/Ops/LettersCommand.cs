using System.CommandLine;
using System.Text.Json;
using Axis.Cli.Files;
using Axis.Cli.Remote;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Ops;

/// <summary>
/// <c>letters DOCUMENT-ID</c>: where any letter of the province is; <c>letters --subject …</c>: which there are. For operators.
/// </summary>
internal static class LettersCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static Command Build()
    {
        var letter = new Argument<string?>("document")
        {
            Description =
                "Its document id, or its number and notation such as 15/UBND-VP: each recipient's inbox, state and history. Without it the options find letters.",
            HelpName = "DOCUMENT-ID",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var json = PackageFile.Json();
        var command = new Command(
            "letters",
            "For operators: find letters of any agency, newest first; or show where one is."
        )
        {
            letter,
            json,
        };
        var filters = new LetterFilters().AddTo(command);
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                if (parsed.GetValue(letter) is { } asked)
                {
                    return await ShowAsync(client, asked, parsed.GetValue(json), cancellation);
                }

                var page = await client.GetAsync(
                    "ops/v1/letters" + filters.Read(parsed).ToQueryString(),
                    cancellation
                );
                if (!parsed.GetValue(json))
                {
                    return LetterFilters.Print(page.Deserialize<LetterPage>(s_json)!);
                }

                JsonOutput.Print(page);
                return ExitCodes.Ok;
            }
        );
        return command;
    }

    private static async Task<int> ShowAsync(
        OpsClient client,
        string asked,
        bool json,
        CancellationToken cancellation
    )
    {
        var found = await client.GetAsync(
            "ops/v1/documents?q=" + Uri.EscapeDataString(asked),
            cancellation
        );
        var packages = found["items"].Deserialize<PackageView[]>(s_json) ?? [];
        if (json)
        {
            JsonOutput.Print(found);
        }
        else if (packages.Length == 0)
        {
            Console.WriteLine(
                $"No letter {asked}: it was refused (axis audit list, for auditors), or never came."
            );
        }

        foreach (var package in json ? [] : packages)
        {
            LetterLife.Print(package, forOperators: true);
        }

        return packages.Length == 0 ? ExitCodes.Refused : ExitCodes.Ok;
    }
}
