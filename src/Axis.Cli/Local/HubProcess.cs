using System.Diagnostics;
using Axis.Cli.Terminal;
using Axis.LocalServers.Processes;

namespace Axis.Cli.Local;

/// <summary>The hub's program with its settings; runs its verbs and the hub itself.</summary>
internal sealed class HubProcess(
    Workspace workspace,
    DataFolder folder,
    HubState addresses,
    ServerAddresses servers,
    string log,
    SimProcess? simulator = null
)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal)
    {
        ["DOTNET_ENVIRONMENT"] = "Production",
        ["Logging__LogLevel__Microsoft.AspNetCore"] = "Warning",
        ["Logging__LogLevel__Npgsql"] = "Warning",
        ["Storage__ConnectionString"] = servers.Postgres,
        ["Storage__PayloadFolder"] = folder.Payloads,
        ["Broker__Uri"] = servers.Brokers[0].AbsoluteUri,
        ["Listen__Http"] = addresses.Hub.GetLeftPart(UriPartial.Authority),
        ["Listen__Ops"] = addresses.Ops.GetLeftPart(UriPartial.Authority),
        ["Access__SigningKeyFile"] = folder.SigningKey,
        ["Vxp__KeyFile"] = folder.VxpKey,
        ["Trust__AnchorFolder"] = folder.Trust,
    };

    /// <summary>The other nodes of a cluster, and the simulated national axis, as settings.</summary>
    private IEnumerable<KeyValuePair<string, string>> MoreSettings =>
        servers
            .Brokers.Skip(1)
            .Select((broker, i) => KeyValuePair.Create($"Broker__Uris__{i}", broker.AbsoluteUri))
            .Concat(
                servers.Management is { } management
                    ? [KeyValuePair.Create("Broker__ManagementUri", management.AbsoluteUri)]
                    : []
            )
            .Concat(simulator?.HubSettings ?? []);

    /// <summary>Loads the demo province; changes nothing the second time.</summary>
    public async Task ImportAsync(CancellationToken cancellation) =>
        await RunVerbAsync(
            cancellation,
            "import",
            "--province",
            workspace.DemoProvince,
            "--certificates",
            folder.DemoKeys,
            "--credentials",
            folder.DemoCredentials
        );

    /// <summary>Brings the schema up to date.</summary>
    public Task MigrateAsync(CancellationToken cancellation) =>
        RunVerbAsync(cancellation, "migrate");

    /// <summary>Starts the hub and returns when it says that it is ready.</summary>
    public Task<SupervisedProcess> StartAsync(bool detached, CancellationToken cancellation) =>
        new LocalProgram(
            "The hub",
            log,
            new Uri(addresses.Ops, "health/ready"),
            StartLimit
        ).StartAsync(
            detached,
            [workspace.HubAssembly],
            new Dictionary<string, string>(_settings.Concat(MoreSettings)),
            cancellation
        );

    private async Task RunVerbAsync(CancellationToken cancellation, params string[] words)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workspace.Root,
        };
        foreach (var word in words.Prepend(workspace.HubAssembly))
        {
            start.ArgumentList.Add(word);
        }

        foreach (var (name, value) in _settings.Concat(MoreSettings))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        if (process.ExitCode != 0)
        {
            var said = string.Join(
                '\n',
                $"{await output}{await errors}".Trim().Split('\n').TakeLast(12)
            );
            throw new CommandFailure(
                ExitCodes.Unreachable,
                $"The hub's verb {words[0]} failed.\n{said}"
            );
        }
    }
}
