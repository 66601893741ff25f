using System.CommandLine;
using Axis.Cli.Local;
using Axis.Cli.Remote;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Ops;

internal sealed record OpsConnection(Uri Hub, Uri Ops, string Id, string Secret);

/// <summary>
/// Which hub's ops API, and as which operator; the same for every command of those who run a hub. Without a secret it is
/// the hub of ./axis up and an operator of its demo province.
/// </summary>
internal sealed class OpsOptions
{
    private const string DemoOperator = "truc-vh";

    private readonly Option<Uri?> _hub = new("--hub")
    {
        Description = "Address of the hub, which gives the token (AXIS_HUB).",
        HelpName = "URL",
        CustomParser = Address,
    };
    private readonly Option<Uri?> _ops = new("--ops")
    {
        Description = "Address of its operations listener (AXIS_OPS).",
        HelpName = "URL",
        CustomParser = Address,
    };
    private readonly Option<string?> _as = new("--as", "--operator")
    {
        Description =
            "The operator's id (AXIS_OPERATOR_ID, or AXIS_OPERATOR). On the hub of ./axis up, an operator of the demo "
            + "province, such as quan-tri (default: truc-vh).",
        HelpName = "OPERATOR",
    };
    private readonly Option<string?> _secret = new("--operator-secret")
    {
        Description =
            "The operator's secret (AXIS_OPERATOR_SECRET); better kept in the environment.",
        HelpName = "SECRET",
    };

    /// <summary>The command, with these options, and with what it does once it is connected.</summary>
    public static Command Asking(
        Command command,
        Func<ParseResult, OpsClient, CancellationToken, Task<int>> ask
    )
    {
        var hub = new OpsOptions().AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                using var client = await hub.ConnectAsync(parsed, cancellation);
                return await ask(parsed, client, cancellation);
            }
        );
        return command;
    }

    public OpsOptions AddTo(Command command)
    {
        command.Add(_hub);
        command.Add(_ops);
        command.Add(_as);
        command.Add(_secret);
        return this;
    }

    /// <summary>The address of the hub, if the command line names it.</summary>
    public Uri? HubIn(ParseResult parsed) => parsed.GetValue(_hub);

    public async Task<OpsClient> ConnectAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var to = await ReadAsync(parsed, cancellation);
        return await OpsClient.ConnectAsync(to.Hub, to.Ops, to.Id, to.Secret, cancellation);
    }

    /// <summary>The SDK's client, which asks for its token when it needs one.</summary>
    public async Task<AxisOpsClient> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var to = await ReadAsync(parsed, cancellation);
        return new AxisOpsClient(to.Hub, to.Ops, to.Id, to.Secret);
    }

    /// <summary>
    /// The office system of the demo province that <c>--as</c> names, for a command that is for both; null when it names
    /// none.
    /// </summary>
    public async Task<HubConnection?> DemoOfficeSystemAsync(
        ParseResult parsed,
        CancellationToken cancellation
    )
    {
        if (
            parsed.GetValue(_as) is not { } id
            || (parsed.GetValue(_secret) ?? TextOf("AXIS_OPERATOR_SECRET")) is not null
        )
        {
            return null;
        }

        var folder = new DataFolder(Workspace.Find().DefaultDataFolder);
        return
            await HubState.ReadAsync(folder, cancellation) is { IsRunning: true } state
            && (await DemoCredentials.ReadAsync(folder, cancellation)).OfficeSystems.FirstOrDefault(
                one => one.Id == id
            )
                is { } system
            ? new HubConnection(parsed.GetValue(_hub) ?? state.Hub, system.Id, system.Secret)
            : null;
    }

    private async Task<OpsConnection> ReadAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var hub = parsed.GetValue(_hub) ?? AddressOf("AXIS_HUB");
        var ops = parsed.GetValue(_ops) ?? AddressOf("AXIS_OPS");
        var id = parsed.GetValue(_as) ?? TextOf("AXIS_OPERATOR_ID") ?? TextOf("AXIS_OPERATOR");
        if ((parsed.GetValue(_secret) ?? TextOf("AXIS_OPERATOR_SECRET")) is not { } secret)
        {
            return await DemoAsync(hub, ops, id ?? DemoOperator, cancellation);
        }

        string[] missing =
        [
            .. hub is null ? (string[])["--hub (AXIS_HUB)"] : [],
            .. ops is null ? (string[])["--ops (AXIS_OPS)"] : [],
            .. id is null ? (string[])["--as (AXIS_OPERATOR_ID)"] : [],
        ];
        return missing.Length == 0
            ? new OpsConnection(hub!, ops!, id!, secret)
            : throw new CommandFailure(
                ExitCodes.Usage,
                $"Say which hub and as whom; missing: {string.Join(", ", missing)}."
            );
    }

    private static async Task<OpsConnection> DemoAsync(
        Uri? hub,
        Uri? ops,
        string id,
        CancellationToken cancellation
    )
    {
        var folder = new DataFolder(Workspace.Find().DefaultDataFolder);
        var state = await HubState.ReadAsync(folder, cancellation);
        if (state is not { IsRunning: true })
        {
            folder = new DataFolder(Path.Combine(folder.Path, "cluster"));
            state = await HubState.ReadAsync(folder, cancellation);
        }
        if (state is not { IsRunning: true })
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                "Say which hub and as whom: AXIS_HUB, AXIS_OPS, AXIS_OPERATOR_ID and AXIS_OPERATOR_SECRET. "
                    + "No hub of ./axis up or cluster up runs either."
            );
        }

        var demo = await DemoCredentials.ReadAsync(folder, cancellation);
        var person =
            demo.Operators.FirstOrDefault(one => one.Id == id)
            ?? throw new CommandFailure(
                ExitCodes.Usage,
                (
                    demo.OfficeSystems.Any(one => one.Id == id)
                        ? $"{id} is an office system of the demo province, and this is for its operators: "
                        : $"The demo province has no operator {id}, only "
                ) + $"{string.Join(", ", demo.Operators.Select(one => one.Id))}."
            );
        // Where another node was named, the token comes from it as well: each issues them at both its listeners.
        return new OpsConnection(
            ops ?? hub ?? state.Hub,
            ops ?? state.Ops,
            person.Id,
            person.Secret
        );
    }

    private static Uri? Address(System.CommandLine.Parsing.ArgumentResult result) =>
        Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) ? uri : null;

    private static Uri? AddressOf(string variable) =>
        Uri.TryCreate(TextOf(variable), UriKind.Absolute, out var uri) ? uri : null;

    private static string? TextOf(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? text : null;
}
