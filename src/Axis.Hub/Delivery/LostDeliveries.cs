using Axis.Hub.Broker;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>The deliveries of an inbox queue that is gone: those dispatched and never acknowledged wait again.</summary>
public sealed class LostDeliveries(
    NpgsqlDataSource database,
    RegistryCache registry,
    TimeOrderedIds ids,
    TimeProvider clock
) : IQueueContent
{
    // In portions: a queue may have held a hundred thousand, and each portion is taken up by the pump at once.
    private const int Portion = 2000;

    private const string PutBack = """
        WITH lost AS (
            SELECT id FROM delivery
            WHERE office_system_id = $1 AND urgent = $2 AND state = 'dispatched' AND changed_at BETWEEN $3 AND $7 AND id > $6
            ORDER BY id LIMIT $5 FOR UPDATE
        )
        UPDATE delivery d
        SET state = 'waiting', changed_at = $4, next_attempt_at = $4, last_error = 'the queue was gone'
        FROM lost WHERE d.id = lost.id
        RETURNING d.id
        """;

    private const string Record = """
        INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
        SELECT h.id, h.delivery_id, $3, 'put_back', 'hub', 'the queue was gone'
        FROM unnest($1, $2) AS h (id, delivery_id)
        """;

    public async Task<int> PutBackAsync(
        string officeSystemId,
        QueueUse use,
        Span marked,
        CancellationToken cancellationToken
    )
    {
        // Behind the HTTP door the inbox is a query over these rows; a queue of that name is nobody's inbox.
        if (
            use == QueueUse.Events
            || registry.Current.OfficeSystem(officeSystemId) is not { InboxDoor: Door.Amqp }
        )
        {
            return 0;
        }
        var count = 0;
        var last = Guid.Empty;
        while (true)
        {
            var portion = await PutBackPortionAsync(
                officeSystemId,
                use == QueueUse.UrgentInbox,
                marked,
                last,
                cancellationToken
            );
            count += portion.Count;
            if (portion.Count < Portion)
            {
                return count;
            }
            last = portion.Max();
        }
    }

    private async Task<IReadOnlyList<Guid>> PutBackPortionAsync(
        string officeSystemId,
        bool urgent,
        Span marked,
        Guid after,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var moved = new List<Guid>();
        await using (var command = new NpgsqlCommand(PutBack, connection))
        {
            command.Parameters.Add(new() { Value = officeSystemId });
            command.Parameters.Add(new() { Value = urgent });
            command.Parameters.Add(new() { Value = marked.From });
            command.Parameters.Add(new() { Value = now });
            command.Parameters.Add(new() { Value = Portion });
            command.Parameters.Add(new() { Value = after });
            command.Parameters.Add(new() { Value = marked.To });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                moved.Add(reader.GetGuid(0));
            }
        }
        if (moved.Count > 0)
        {
            await using var record = new NpgsqlCommand(Record, connection);
            record.Parameters.Add(new() { Value = moved.Select(_ => ids.Next()).ToArray() });
            record.Parameters.Add(new() { Value = moved.ToArray() });
            record.Parameters.Add(new() { Value = now });
            await record.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return moved;
    }
}
