using System.CommandLine;
using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.Client;

namespace Axis.Cli.Remote;

internal sealed record HubConnection(Uri Hub, string ClientId, string ClientSecret);

/// <summary>
/// Which hub, and as whom. The command line goes before the environment file, that before the process environment.
/// </summary>
internal sealed class HubOptions
{
    private readonly Option<Uri?> _hub = new("--hub")
    {
        Description = "Address of the hub (AXIS_HUB).",
        HelpName = "URL",
        CustomParser = result =>
            Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) ? uri : null,
    };
    private readonly Option<string?> _clientId = new("--client-id")
    {
        Description = "Id of the office system (AXIS_CLIENT_ID).",
        HelpName = "ID",
    };
    private readonly Option<string?> _clientSecret = new("--client-secret")
    {
        Description = "Its secret (AXIS_CLIENT_SECRET); better kept in an environment file.",
        HelpName = "SECRET",
    };
    private readonly Option<FileInfo?> _env = new("--env")
    {
        Description =
            "A file of lines KEY=VALUE with AXIS_HUB, AXIS_CLIENT_ID and AXIS_CLIENT_SECRET.",
        HelpName = "FILE",
    };
    private readonly Option<string?> _as = new("--as")
    {
        Description =
            "An office system of the demo province on the hub that ./axis up started, such as qlvb-so.",
        HelpName = "OFFICE-SYSTEM",
    };

    public HubOptions AddTo(Command command)
    {
        command.Add(_hub);
        command.Add(_clientId);
        command.Add(_clientSecret);
        command.Add(_env);
        command.Add(_as);
        return this;
    }

    /// <summary>Who the office system is, beside the options that say the same of an operator.</summary>
    public HubOptions AddBeside(Command command)
    {
        command.Add(_clientId);
        command.Add(_clientSecret);
        command.Add(_env);
        return this;
    }

    /// <summary>Is an office system named on the command line?</summary>
    public bool IsNamed(ParseResult parsed) =>
        parsed.GetValue(_clientId) is not null || parsed.GetValue(_env) is not null;

    public async Task<AxisHttpClient> ConnectAsync(
        ParseResult parsed,
        CancellationToken cancellation
    )
    {
        var (hub, id, secret) = await ReadAsync(parsed, cancellation);
        return new AxisHttpClient(hub, id, secret);
    }

    /// <summary>Address, client id and secret, wherever they stand.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="beside">The address, where another option names it.</param>
    public async Task<HubConnection> ReadAsync(
        ParseResult parsed,
        CancellationToken cancellation,
        Uri? beside = null
    )
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in (string[])["AXIS_HUB", "AXIS_CLIENT_ID", "AXIS_CLIENT_SECRET"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                known[name] = value;
            }
        }

        if (parsed.GetValue(_env) is { } file)
        {
            ReadInto(known, file);
        }

        if (parsed.GetValue(_as) is { } officeSystem)
        {
            await ReadDemoInto(known, officeSystem, cancellation);
        }

        var hub = beside ?? parsed.GetValue(_hub) ?? Address(known.GetValueOrDefault("AXIS_HUB"));
        var id = parsed.GetValue(_clientId) ?? known.GetValueOrDefault("AXIS_CLIENT_ID");
        var secret =
            parsed.GetValue(_clientSecret) ?? known.GetValueOrDefault("AXIS_CLIENT_SECRET");
        return hub is not null && id is not null && secret is not null
            ? new HubConnection(hub, id, secret)
            : throw new CommandFailure(
                ExitCodes.Usage,
                "Say which hub and as whom: --hub, --client-id and --client-secret, or --env FILE, or --as OFFICE-SYSTEM."
            );
    }

    private static Uri? Address(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : null;

    private static void ReadInto(Dictionary<string, string> known, FileInfo file)
    {
        try
        {
            foreach (var line in File.ReadLines(file.FullName))
            {
                if (line.Split('=', 2) is [var name, var value] && !name.StartsWith('#'))
                {
                    known[name.Trim()] = value.Trim().Trim('"');
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(
                ExitCodes.Usage,
                $"{file.FullName} cannot be read: {e.Message}"
            );
        }
    }

    private static async Task ReadDemoInto(
        Dictionary<string, string> known,
        string officeSystem,
        CancellationToken cancellation
    )
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

        var credentials = await DemoCredentials.ReadAsync(folder, cancellation);
        known["AXIS_HUB"] = state.Hub.AbsoluteUri;
        known["AXIS_CLIENT_ID"] = officeSystem;
        known["AXIS_CLIENT_SECRET"] = credentials.Of(officeSystem).Secret;
    }
}
