using Axis.Hub.Access;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>The events of an office system that collects over HTTP. Every query carries whose.</summary>
public sealed class EventStore(NpgsqlDataSource database, PayloadStore payloads)
{
    public async Task<IReadOnlyList<string>> ListAsync(
        Collects collects,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            """
            SELECT body::text FROM event
            WHERE office_system_id = $1 AND state = 'listed'
            ORDER BY id LIMIT $2
            """
        );
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        command.Parameters.Add(new() { Value = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var bodies = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            bodies.Add(reader.GetString(0));
        }
        return bodies;
    }

    /// <summary>Takes events off the list. Repeats and unknown ids are ignored.</summary>
    public async Task AcknowledgeAsync(
        Collects collects,
        IReadOnlyCollection<Guid> ids,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "UPDATE event SET state = 'taken' WHERE id = ANY($1) AND office_system_id = $2 AND state = 'listed'"
        );
        command.Parameters.Add(new() { Value = ids.ToArray() });
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The status package behind an event.</summary>
    public async Task<byte[]?> FindContentAsync(
        Collects collects,
        Guid eventId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            """
            SELECT p.bytes FROM event e JOIN payload p ON p.package_id = e.report_id
            WHERE e.id = $1 AND e.office_system_id = $2
            """
        );
        command.Parameters.Add(new() { Value = eventId });
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        return await command.ExecuteScalarAsync(cancellationToken) is byte[] stored
            ? payloads.Unseal(stored)
            : null;
    }
}
