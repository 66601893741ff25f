using Axis.Hub.Broker;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>Keeps in the database whose connections are still to be closed.</summary>
public sealed class DeafConsumerNotes(
    NpgsqlDataSource database,
    IOptions<BrokerOptions> options,
    TimeProvider clock
) : IDeafConsumers
{
    private const string Note = """
        INSERT INTO deaf_consumers (office_system_id, noted_at, close_at) VALUES ($1, $2, $2 + $3)
        ON CONFLICT (office_system_id) DO UPDATE SET
            noted_at = greatest(excluded.noted_at, deaf_consumers.noted_at + interval '1 microsecond'),
            close_at = excluded.close_at
        RETURNING noted_at
        """;

    private const string Due = """
        UPDATE deaf_consumers SET close_at = $1 + $2 WHERE close_at <= $1 RETURNING office_system_id, noted_at
        """;

    private const string Closed =
        "DELETE FROM deaf_consumers WHERE office_system_id = $1 AND noted_at = $2";

    public async Task<DeafConsumers> NoteAsync(
        string? officeSystemId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Note);
        command.Parameters.Add(new() { Value = officeSystemId ?? "" });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = options.Value.ReplacementLease });
        // As it is stored, which is not to the tick.
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new DeafConsumers(officeSystemId, reader.GetFieldValue<DateTimeOffset>(0));
    }

    public async Task<IReadOnlyList<DeafConsumers>> TakeDueAsync(
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Due);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = options.Value.ReplacementLease });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<DeafConsumers>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var officeSystem = reader.GetString(0);
            due.Add(
                new(
                    officeSystem.Length == 0 ? null : officeSystem,
                    reader.GetFieldValue<DateTimeOffset>(1)
                )
            );
        }
        return due;
    }

    public async Task ClosedAsync(DeafConsumers consumers, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Closed);
        command.Parameters.Add(new() { Value = consumers.OfficeSystemId ?? "" });
        command.Parameters.Add(new() { Value = consumers.NotedAt });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
