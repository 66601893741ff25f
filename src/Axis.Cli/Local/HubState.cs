using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.LocalServers.Processes;

namespace Axis.Cli.Local;

/// <summary>Where the hub of a data folder listens, and its process when it runs.</summary>
internal sealed record HubState(int HttpPort, int OpsPort)
{
    /// <summary>Where office systems find the broker; without name and password.</summary>
    public Uri? Broker { get; init; }
    public ProcessIdentity? Supervisor { get; init; }
    public ProcessIdentity? StartedBy { get; init; }
    public bool Detached { get; init; }

    /// <summary>Of the simulated national axis, when the hub was started with one.</summary>
    public int? SimPort { get; init; }
    public ProcessIdentity? Simulator { get; init; }

    [JsonIgnore]
    public Uri Hub => new($"http://127.0.0.1:{HttpPort}");

    [JsonIgnore]
    public Uri Ops => new($"http://127.0.0.1:{OpsPort}");

    [JsonIgnore]
    public bool IsRunning => Supervisor is { IsAlive: true };

    /// <summary>The one who started it is gone, so it is on its way out.</summary>
    [JsonIgnore]
    public bool IsEnding => IsRunning && !Detached && StartedBy is not { IsAlive: true };

    public static async Task<HubState?> ReadAsync(DataFolder folder, CancellationToken cancellation)
    {
        if (!File.Exists(folder.HubState))
        {
            return null;
        }

        await using var file = File.OpenRead(folder.HubState);
        return await JsonSerializer.DeserializeAsync(
            file,
            HubStateJson.Default.HubState,
            cancellation
        );
    }

    public async Task WriteAsync(DataFolder folder, CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(
            $"{folder.HubState}.new",
            JsonSerializer.Serialize(this, HubStateJson.Default.HubState),
            cancellation
        );
        File.Move($"{folder.HubState}.new", folder.HubState, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(HubState))]
internal sealed partial class HubStateJson : JsonSerializerContext;
