using System.CommandLine;
using System.Text.Json.Nodes;
using Axis.Cli.Files;

namespace Axis.Cli.Ops;

/// <summary><c>policies list|set</c>: what is asked of signatures, of whom and when (docs/trust.md).</summary>
internal static class PoliciesCommand
{
    private static readonly (string, Func<JsonNode, string>)[] Columns =
    [
        ("Of", Whom),
        ("Policy", item => DeliveriesCommand.Text(item["policy"])),
        ("From", item => DeliveriesCommand.Time(item["validFrom"])),
        ("Until", item => DeliveriesCommand.Time(item["validTo"])),
    ];

    public static Command Build() =>
        new("policies", "What is asked of signatures, of whom and when.") { List(), Set() };

    private static Command List()
    {
        var json = PackageFile.Json();
        var command = new Command("list", "All policies, past and future ones too.") { json };
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                return DeliveriesCommand.Show(
                    await client.GetAsync("ops/v1/signature-policies", cancellation),
                    parsed.GetValue(json),
                    "There is no policy.",
                    Columns
                );
            }
        );
        return command;
    }

    private static Command Set()
    {
        var policy = new Argument<string>("policy")
        {
            Description =
                "A signed envelope, a signed document, either; or record: the verdicts are only noted.",
        };
        policy.AcceptOnlyFromAmong("envelope", "document", "either", "record");
        var route = Text("--route", "ROUTE", "Of this route: national.");
        route.AcceptOnlyFromAmong("national");
        (string Name, Option<string?> Option)[] members =
        [
            ("agency", Text("--agency", "CODE", "Of this agency, by any of its codes.")),
            ("officeSystem", Text("--office-system", "ID", "Of this office system.")),
            ("route", route),
            (
                "validFrom",
                Text(
                    "--from",
                    "DAY",
                    "From this day (midnight in Vietnam) or time with offset; else since ever."
                )
            ),
            ("validTo", Text("--to", "DAY", "It ends then; else never.")),
        ];
        var json = PackageFile.Json();
        var command = new Command(
            "set",
            "Set a policy, of the whole hub where nobody is named (role registrar). "
                + "The same again, of the same and from the same day, changes it."
        )
        {
            policy,
            json,
        };
        foreach (var (_, option) in members)
        {
            command.Add(option);
        }

        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var wanted = new JsonObject { ["policy"] = parsed.GetValue(policy) };
                foreach (var (name, option) in members)
                {
                    if (parsed.GetValue(option) is { } value)
                    {
                        wanted[name] = value;
                    }
                }

                using var client = await hub.ConnectAsync(parsed, cancellation);
                var written = await client.PutAsync(
                    "ops/v1/signature-policies",
                    wanted,
                    cancellation
                );
                return DeliveriesCommand.ShowOne(written, parsed.GetValue(json), Columns);
            }
        );
        return command;
    }

    private static string Whom(JsonNode item) =>
        ((string[])["agency", "officeSystem", "route"])
            .Where(name => item[name] is not null)
            .Select(name => $"{name} {item[name]}")
            .FirstOrDefault("the hub");

    private static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };
}
