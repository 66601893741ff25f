using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Axis.LocalServers.Processes;

namespace Axis.LocalServers;

/// <summary>A server that was started: the leader of its session and the one who started it.</summary>
internal sealed record RunningServer(
    ProcessIdentity Supervisor,
    ProcessIdentity StartedBy,
    bool Detached
)
{
    [JsonIgnore]
    public bool IsAlive => Supervisor.IsAlive;

    /// <summary>Its starter is gone, so it is on its way out.</summary>
    [JsonIgnore]
    public bool IsEnding => !Detached && !StartedBy.IsAlive;
}

/// <summary>
/// What a later start needs to find or continue these servers. Kept in <c>servers.json</c>, readable by its owner only:
/// it holds secrets.
/// </summary>
internal sealed record ServerState
{
    public string ServerFolder { get; init; } = "";
    public string PostgresPassword { get; init; } = NewSecret();
    public string BrokerPassword { get; init; } = NewSecret();
    public int PostgresPort { get; init; }
    public int AmqpPort { get; init; }
    public int ManagementPort { get; init; }
    public int AmqpTlsPort { get; init; }
    public int ErlangPort { get; init; }
    public int PortMapperPort { get; init; }
    public int BrokerAuthPort { get; init; }
    public RunningServer? Postgres { get; init; }
    public RunningServer? Broker { get; init; }

    [JsonIgnore]
    public IEnumerable<RunningServer> Running =>
        new[] { Postgres, Broker }.OfType<RunningServer>().Where(server => server.IsAlive);

    public static async Task<ServerState?> ReadAsync(
        string dataFolder,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var file = File.OpenRead(FileIn(dataFolder));
            return await JsonSerializer.DeserializeAsync(
                file,
                StateJson.Default.ServerState,
                cancellation
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new PrivateServersException(
                $"{FileIn(dataFolder)} cannot be read. Stop the servers that run from this folder, then remove it.",
                e
            );
        }
    }

    public async Task WriteAsync(string dataFolder, CancellationToken cancellation)
    {
        var text = JsonSerializer.Serialize(this, StateJson.Default.ServerState);
        var file = FileIn(dataFolder);
        await Accounts.WriteFileAsync($"{file}.new", text, account: null, cancellation);
        File.Move($"{file}.new", file, overwrite: true);
    }

    private static string FileIn(string dataFolder) => Path.Combine(dataFolder, "servers.json");

    private static string NewSecret() =>
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ServerState))]
internal sealed partial class StateJson : JsonSerializerContext;
