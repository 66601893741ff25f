using Axis.Cli.National;
using Axis.LocalServers.Processes;

namespace Axis.Cli.Local;

/// <summary>The simulated national axis beside a hub on this machine, as a process of its own.</summary>
internal sealed class SimProcess(DataFolder folder, int port)
{
    /// <summary>The province's system there, and the name that its axis has in the hub.</summary>
    public const string SystemId = "axis.h99";
    public const string Axis = "national";

    private const string Province = "H99";

    /// <summary>An hour of other provinces is a second.</summary>
    private const int Scale = 3_600;

    private static readonly TimeSpan s_startLimit = TimeSpan.FromMinutes(1);

    public Uri Control => new($"http://127.0.0.1:{port}/sim");

    /// <summary>What makes the hub use it.</summary>
    public IEnumerable<KeyValuePair<string, string>> HubSettings =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["National__OwnCodes__0"] = Province,
            [$"National__Axes__{Axis}__Endpoint"] = $"http://127.0.0.1:{port}/XrdAdapter/adapter",
            [$"National__Axes__{Axis}__SystemId"] = SystemId,
            [$"National__Axes__{Axis}__SecretFile"] = Secrets.FileOf(SystemId),
            ["National__LookInterval"] = "00:00:00.200",
            ["National__ShortestPoll"] = "00:00:00.200",
            ["National__LongestPoll"] = "00:00:01",
        };

    private SimSecrets Secrets => new(folder.NationalSim);

    /// <summary>Starts it and returns when it answers.</summary>
    public async Task<SupervisedProcess> StartAsync(bool detached, CancellationToken cancellation)
    {
        // The hub reads the file at its start, so it is made before either runs.
        _ = Secrets.Of(SystemId);
        return await new LocalProgram(
            "The simulated national axis",
            folder.NationalSimLog,
            Control,
            s_startLimit
        ).StartAsync(
            detached,
            [
                typeof(SimProcess).Assembly.Location,
                "national-sim",
                "--port",
                $"{port}",
                "--scale",
                $"{Scale}",
                "--system",
                $"{SystemId}={Province}",
                "--secrets",
                folder.NationalSim,
            ],
            new Dictionary<string, string>(),
            cancellation
        );
    }
}
