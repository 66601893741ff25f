using System.CommandLine;
using System.Net;
using Axis.Cli.Local;
using Axis.Cli.Terminal;
using Axis.NationalSim;

namespace Axis.Cli.National;

/// <summary><c>axis national-sim</c>: the simulated national axis as a program of its own.</summary>
internal static class SimCommand
{
    public const int PreferredPort = 18_088;
    private const string DemoSystem = "axis.h99=H99";

    private static readonly Option<int> s_port = new("--port")
    {
        Description = "The port it listens on.",
        HelpName = "N",
        DefaultValueFactory = _ => PreferredPort,
    };
    private static readonly Option<string> s_listen = new("--listen")
    {
        Description = "The address it listens on. Its control side answers this machine alone.",
        HelpName = "IP",
        DefaultValueFactory = _ => "127.0.0.1",
    };
    private static readonly Option<int> s_seed = new("--seed")
    {
        Description = "Another seed, another country.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };
    private static readonly Option<int> s_agencies = new("--agencies")
    {
        Description = $"Size of the catalogue, at most {NationalSimOptions.MostAgencies}.",
        HelpName = "N",
        DefaultValueFactory = _ => 3_000,
    };
    private static readonly Option<double> s_scale = new("--scale")
    {
        Description = "How much faster than life other provinces work; 3600: an hour a second.",
        HelpName = "F",
        DefaultValueFactory = _ => 1,
    };
    private static readonly Option<double> s_letters = new("--letters-per-hour")
    {
        Description =
            "Letters that other provinces send of their own, in an hour of theirs, to each system.",
        HelpName = "F",
    };
    private static readonly Option<string[]> s_systems = new("--system")
    {
        Description =
            $"A connected system and the codes it speaks for (default: {DemoSystem}); may be repeated.",
        HelpName = "ID=CODE[,CODE]",
    };
    private static readonly Option<string[]> s_vices = new("--vice")
    {
        Description =
            $"A vice from the start, e.g. slow:milliseconds=2000,calls=getEdoc+sendEdoc; may be repeated. {string.Join(", ", ViceNames.All)}.",
        HelpName = "VICE",
    };
    private static readonly Option<string?> s_secrets = new("--secrets")
    {
        Description =
            "The folder with a file ID.secret for each system; what is missing is made (default: national-sim in the data folder).",
        HelpName = "DIR",
    };
    private static readonly Option<string?> s_state = new("--state")
    {
        Description =
            "A folder where it writes down what it takes, to have it again after a kill (default: in memory only). Give the same agencies, systems, seed and scale at each start.",
        HelpName = "DIR",
    };
    private static readonly Option<string?> s_known = new("--known")
    {
        Description =
            "A file of agencies that are to be in the catalogue (default: the demo province's).",
        HelpName = "CSV",
    };

    public static Command Build()
    {
        var command = new Command(
            "national-sim",
            "A simulated national axis: its protocol, a catalogue, other provinces that answer, and vices to be switched. Ctrl-C ends it."
        )
        {
            s_port,
            s_listen,
            s_seed,
            s_agencies,
            s_scale,
            s_letters,
            s_systems,
            s_vices,
            s_secrets,
            s_state,
            s_known,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var workspace = Workspace.Find();
        var secrets = new SimSecrets(
            parsed.GetValue(s_secrets) ?? new DataFolder(workspace.DefaultDataFolder).NationalSim
        );
        var options = OptionsOf(parsed, workspace, secrets);
        await using var sim = await StartAsync(options, cancellation);
        Console.WriteLine("The national axis is simulated.");
        Console.WriteLine($"  endpoint     {sim.Endpoint}");
        Console.WriteLine($"  control      {sim.Control}");
        foreach (var system in options.Systems)
        {
            Console.WriteLine(
                $"  system       {system.Id} for {string.Join(", ", system.Codes)}, secret in {secrets.FileOf(system.Id)}"
            );
        }
        Console.WriteLine("Ctrl-C ends it.");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopping …");
        }
        return ExitCodes.Ok;
    }

    private static async Task<NationalSimulator> StartAsync(
        NationalSimOptions options,
        CancellationToken cancellation
    )
    {
        try
        {
            return await NationalSimulator.StartAsync(options, cancellation);
        }
        catch (ArgumentException bad)
        {
            throw new CommandFailure(ExitCodes.Usage, bad.Message);
        }
        catch (Exception unusable)
            when (unusable is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCodes.Usage, unusable.Message);
        }
    }

    private static NationalSimOptions OptionsOf(
        ParseResult parsed,
        Workspace workspace,
        SimSecrets secrets
    ) =>
        new()
        {
            Address = IPAddress.TryParse(parsed.GetValue(s_listen), out var address)
                ? address
                : throw new CommandFailure(ExitCodes.Usage, "--listen takes an IP address."),
            Port = parsed.GetValue(s_port),
            Seed = parsed.GetValue(s_seed),
            Agencies = parsed.GetValue(s_agencies),
            Scale = parsed.GetValue(s_scale),
            LettersPerHour = parsed.GetValue(s_letters),
            StateFolder = parsed.GetValue(s_state),
            Known = KnownAgencies.Read(
                parsed.GetValue(s_known) ?? Path.Combine(workspace.DemoProvince, "agencies.csv")
            ),
            Systems =
            [
                .. (
                    parsed.GetValue(s_systems) is { Length: > 0 } given ? given : [DemoSystem]
                ).Select(text => SystemOf(text, secrets)),
            ],
            Vices = (parsed.GetValue(s_vices) ?? [])
                .Select(text =>
                    ViceFlag.Read(text, out var problem)
                    ?? throw new CommandFailure(ExitCodes.Usage, $"--vice: {problem}.")
                )
                .ToDictionary(vice => vice.Kind, vice => vice.Vice),
        };

    private static SimSystem SystemOf(string text, SimSecrets secrets) =>
        text.Split('=') is [{ Length: > 0 } id, { Length: > 0 } codes]
            ? new SimSystem(id, secrets.Of(id), codes.Split(','))
            : throw new CommandFailure(
                ExitCodes.Usage,
                $"--system takes an id and its codes, as in {DemoSystem}."
            );
}
