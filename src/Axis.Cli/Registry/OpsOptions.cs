using System.CommandLine;
using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Registry;

/// <summary>Which hub's ops API, and as which operator.</summary>
internal sealed class OpsOptions
{
    private readonly Option<string?> _hub = Text("--hub", "URL", "Address of the hub (AXIS_HUB).");
    private readonly Option<string?> _ops = Text(
        "--ops",
        "URL",
        "Address of its operations listener (AXIS_OPS)."
    );
    private readonly Option<string?> _id = Text(
        "--operator",
        "ID",
        "Id of the operator (AXIS_OPERATOR)."
    );
    private readonly Option<string?> _secret = Text(
        "--operator-secret",
        "SECRET",
        "The operator's secret (AXIS_OPERATOR_SECRET); better kept in the environment."
    );
    private readonly Option<string?> _as = Text(
        "--as",
        "OPERATOR",
        "An operator of the demo province on the hub that ./axis up started, such as quan-tri."
    );

    public OpsOptions AddTo(Command command)
    {
        command.Add(_hub);
        command.Add(_ops);
        command.Add(_id);
        command.Add(_secret);
        command.Add(_as);
        return this;
    }

    public async Task<AxisOpsClient> ConnectAsync(
        ParseResult parsed,
        CancellationToken cancellation
    )
    {
        if (parsed.GetValue(_as) is { } demo)
        {
            var folder = new DataFolder(Workspace.Find().DefaultDataFolder);
            var state = await HubState.ReadAsync(folder, cancellation);
            if (state is not { IsRunning: true })
            {
                throw new CommandFailure(
                    ExitCodes.Unreachable,
                    "No hub of ./axis up runs; start it first."
                );
            }

            var operators = (await DemoCredentials.ReadAsync(folder, cancellation)).Operators;
            var person =
                operators.FirstOrDefault(one => one.Id == demo)
                ?? throw new CommandFailure(
                    ExitCodes.Usage,
                    $"The demo province has no operator {demo}, only {string.Join(", ", operators.Select(one => one.Id))}."
                );
            return new AxisOpsClient(state.Hub, state.Ops, person.Id, person.Secret);
        }

        return
            Known(parsed, _hub, "AXIS_HUB") is { } hub
            && Known(parsed, _ops, "AXIS_OPS") is { } ops
            && Known(parsed, _id, "AXIS_OPERATOR") is { } id
            && Known(parsed, _secret, "AXIS_OPERATOR_SECRET") is { } secret
            && Uri.TryCreate(hub, UriKind.Absolute, out var hubAddress)
            && Uri.TryCreate(ops, UriKind.Absolute, out var opsAddress)
            ? new AxisOpsClient(hubAddress, opsAddress, id, secret)
            : throw new CommandFailure(
                ExitCodes.Usage,
                "Say which hub and as whom: --hub, --ops, --operator and --operator-secret, or --as OPERATOR."
            );
    }

    private static string? Known(ParseResult parsed, Option<string?> option, string variable) =>
        parsed.GetValue(option) ?? Environment.GetEnvironmentVariable(variable);

    private static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description };
}
