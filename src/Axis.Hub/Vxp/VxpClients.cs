using System.Collections.Frozen;
using Axis.Hub.Registry;
using Npgsql;

namespace Axis.Hub.Vxp;

/// <summary>
/// The office systems that speak VXP, in memory. Their tables bump the registry's version like all of the registry's,
/// so one look at the version that is in force says whether to read them again.
/// </summary>
public sealed class VxpClients(
    NpgsqlDataSource database,
    RegistryCache registry,
    ILogger<VxpClients> log
)
{
    private const string Clients = """
        SELECT c.office_system_id, c.system_id, c.access, s.id, s.sealed, s.not_after
        FROM vxp_client c LEFT JOIN vxp_secret s ON s.office_system_id = c.office_system_id AND s.not_after > now()
        ORDER BY c.office_system_id, s.created_at DESC
        """;

    private volatile Loaded? _loaded;

    public async Task<VxpClient?> FindAsync(string systemId, CancellationToken cancellationToken) =>
        (await CurrentAsync(cancellationToken)).BySystemId.GetValueOrDefault(systemId);

    /// <summary>The system id under which an office system is known to SDK clients.</summary>
    public async Task<VxpClient?> OfAsync(
        string officeSystemId,
        CancellationToken cancellationToken
    ) =>
        (await CurrentAsync(cancellationToken)).BySystemId.Values.FirstOrDefault(client =>
            client.OfficeSystemId == officeSystemId
        );

    /// <summary>System ids by office system.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SystemIdsAsync(
        CancellationToken cancellationToken
    ) =>
        (await CurrentAsync(cancellationToken)).BySystemId.Values.ToDictionary(
            client => client.OfficeSystemId,
            client => client.SystemId,
            StringComparer.Ordinal
        );

    private async Task<Loaded> CurrentAsync(CancellationToken cancellationToken)
    {
        var version = registry.Current.Version;
        if (_loaded is { } loaded && loaded.Version == version)
        {
            return loaded;
        }
        try
        {
            // Read after the version was: what is read is at least as new, and the next version is read again.
            return _loaded = new Loaded(version, await ReadAsync(cancellationToken));
        }
        catch (NpgsqlException failure) when (_loaded is { } last)
        {
            // As with the registry: while the database is away, what was read last stays in force.
            log.LogWarning("VXP clients could not be read: {Failure}", failure.Message);
            return last;
        }
    }

    private async Task<FrozenDictionary<string, VxpClient>> ReadAsync(
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Clients);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var clients = new Dictionary<string, VxpClient>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var systemId = reader.GetString(1);
            if (!clients.TryGetValue(systemId, out var client))
            {
                client = new VxpClient(
                    reader.GetString(0),
                    systemId,
                    Enum.Parse<VxpAccess>(reader.GetString(2), ignoreCase: true),
                    []
                );
            }
            clients[systemId] = await reader.IsDBNullAsync(3, cancellationToken)
                ? client
                : client with
                {
                    Secrets = [.. client.Secrets, SecretOf(reader)],
                };
        }
        return clients.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static VxpSecret SecretOf(NpgsqlDataReader reader)
    {
        var end = reader.GetDateTime(5);
        return new VxpSecret(
            reader.GetGuid(3),
            reader.GetFieldValue<byte[]>(4),
            // PostgreSQL's infinity is the end of .NET's time.
            end == DateTime.MaxValue
                ? DateTimeOffset.MaxValue
                : new DateTimeOffset(end, TimeSpan.Zero)
        );
    }

    private sealed record Loaded(long Version, FrozenDictionary<string, VxpClient> BySystemId);
}
