using Axis.Hub.Registry;
using Npgsql;

namespace Axis.Hub.Access.Keys;

/// <summary>What became of a key that was handed in.</summary>
public enum KeyAdded
{
    Yes,

    /// <summary>It was there already, for this office system.</summary>
    Before,

    /// <summary>The same key or the same subject belongs to another office system.</summary>
    Anothers,
}

/// <summary>Writes the client keys. Who may is decided before.</summary>
public sealed class ClientKeyStore(NpgsqlDataSource database, TimeProvider clock)
{
    public async Task<KeyAdded> AddAsync(ClientKey key, CancellationToken cancellationToken)
    {
        // A name that two office systems share would be nobody's on the broker.
        await using var command = database.CreateCommand(
            """
            INSERT INTO client_key (thumbprint, office_system_id, kind, der, name, not_before, not_after, added_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8
            WHERE NOT EXISTS (
                SELECT 1 FROM client_key WHERE $5 <> '' AND name = $5 AND office_system_id <> $2)
            ON CONFLICT (thumbprint) DO NOTHING
            """
        );
        foreach (
            var value in (object[])
                [
                    key.Thumbprint.ToArray(),
                    key.OfficeSystemId,
                    key.IsCertificate ? "certificate" : "public_key",
                    key.Der.ToArray(),
                    key.Name,
                    Instant(key.NotBefore),
                    Instant(key.NotAfter),
                    clock.GetUtcNow(),
                ]
        )
        {
            command.Parameters.Add(new() { Value = value });
        }
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return KeyAdded.Yes;
        }
        await using var whose = database.CreateCommand(
            "SELECT count(*) FROM client_key WHERE thumbprint = $1 AND office_system_id = $2"
        );
        whose.Parameters.Add(new() { Value = key.Thumbprint.ToArray() });
        whose.Parameters.Add(new() { Value = key.OfficeSystemId });
        return (long)(await whose.ExecuteScalarAsync(cancellationToken))! == 1
            ? KeyAdded.Before
            : KeyAdded.Anothers;
    }

    /// <summary>From now on it proves nothing. False when the office system has no such key.</summary>
    public async Task<bool> RevokeAsync(
        string officeSystemId,
        byte[] thumbprint,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            """
            UPDATE client_key SET revoked_at = least(revoked_at, $3)
            WHERE thumbprint = $1 AND office_system_id = $2
            """
        );
        command.Parameters.Add(new() { Value = thumbprint });
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    // The ends of .NET's time are PostgreSQL's infinities, for DateTime alone.
    private static object Instant(DateTimeOffset instant) => instant.UtcDateTime;
}
