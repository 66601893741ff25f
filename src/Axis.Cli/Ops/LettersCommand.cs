using System.CommandLine;
using System.Text.Json;
using Axis.Cli.Files;
using Axis.Cli.Remote;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Ops;

/// <summary><c>letters --subject …</c>: any letter of the province, for operators.</summary>
internal static class LettersCommand
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    public static Command Build()
    {
        var json = PackageFile.Json();
        var command = new Command(
            "letters",
            "For operators: find letters of any agency, newest first."
        )
        {
            json,
        };
        var filters = new LetterFilters().AddTo(command);
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
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
}
