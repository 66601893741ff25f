using Axis.Hub.Broker;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>Keeps in the database for which office systems queues were made.</summary>
public sealed class MadeQueues(NpgsqlDataSource database, TimeProvider clock) : IMadeQueues
{
    // An office system that is not in the registry any more is not new, whatever its queues are.
    private const string Note = """
        INSERT INTO made_queues (office_system_id, made_at)
        SELECT id, $2 FROM office_system WHERE id = $1
        ON CONFLICT DO NOTHING
        """;

    public async Task<bool> NoteAsync(string officeSystemId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Note);
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
