using System.CommandLine;
using Axis.Cli.Local;
using Axis.Cli.Terminal;

namespace Axis.Cli.Ops;

/// <summary>Which hub, and as which operator.</summary>
internal sealed class OpsOptions
{
    private readonly Option<Uri?> _ops = new("--ops")
    {
        Description = "Address of the operations listener (AXIS_OPS).",
        HelpName = "URL",
        CustomParser = Address,
    };
    private readonly Option<Uri?> _hub = new("--hub")
    {
        Description = "Address of the hub, which gives the token (AXIS_HUB).",
        HelpName = "URL",
        CustomParser = Address,
    };
    private readonly Option<string?> _as = new("--as")
    {
        Description =
            "The operator's id (AXIS_OPERATOR_ID); its secret is in AXIS_OPERATOR_SECRET. "
            + "On the hub of ./axis up, an operator of the demo province (default: truc-vh).",
        HelpName = "OPERATOR",
    };

    public OpsOptions AddTo(Command command)
    {
        command.Add(_ops);
        command.Add(_hub);
        command.Add(_as);
        return this;
    }

    public async Task<OpsClient> ConnectAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var ops = parsed.GetValue(_ops) ?? FromEnvironment("AXIS_OPS");
        var hub = parsed.GetValue(_hub) ?? FromEnvironment("AXIS_HUB");
        var id = parsed.GetValue(_as) ?? Environment.GetEnvironmentVariable("AXIS_OPERATOR_ID");
        var secret = Environment.GetEnvironmentVariable("AXIS_OPERATOR_SECRET");
        if (ops is not null && hub is not null && id is not null && secret is not null)
        {
            return await OpsClient.ConnectAsync(hub, ops, id, secret, cancellation);
        }

        var folder = new DataFolder(Workspace.Find().DefaultDataFolder);
        if (await HubState.ReadAsync(folder, cancellation) is not { IsRunning: true } state)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                "Say which hub and as whom: AXIS_OPS, AXIS_HUB, AXIS_OPERATOR_ID and AXIS_OPERATOR_SECRET. "
                    + "No hub of ./axis up runs either."
            );
        }

        var credentials = await DemoCredentials.ReadAsync(folder, cancellation);
        id ??= "truc-vh";
        var demo =
            credentials.Operators.FirstOrDefault(one => one.Id == id)
            ?? throw new CommandFailure(
                ExitCodes.Usage,
                $"The demo province has no operator {id}, only {string.Join(", ", credentials.Operators.Select(one => one.Id))}."
            );
        return await OpsClient.ConnectAsync(
            ops ?? hub ?? state.Hub,
            ops ?? state.Ops,
            demo.Id,
            demo.Secret,
            cancellation
        );
    }

    private static Uri? Address(System.CommandLine.Parsing.ArgumentResult result) =>
        Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) ? uri : null;

    private static Uri? FromEnvironment(string name) =>
        Uri.TryCreate(Environment.GetEnvironmentVariable(name), UriKind.Absolute, out var uri)
            ? uri
            : null;
}
