using Axis.Hub.Broker;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>Keeps in the database which queues were lost and made anew.</summary>
public sealed class RemadeQueues(
    NpgsqlDataSource database,
    IOptions<BrokerOptions> options,
    TimeProvider clock
) : IRemadeQueues
{
    private const string LastGeneration =
        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM queue_generation";

    private const string Note = """
        INSERT INTO remade_queue (office_system_id, use, generation, remade_at, look_at)
        VALUES ($1, $2, nextval('queue_generation'), $3, $3)
        ON CONFLICT (office_system_id, use) DO UPDATE SET
            generation = excluded.generation, xid = excluded.xid, remade_at = $3, look_at = $3
        RETURNING generation
        """;

    // A session whose snapshot is older than the note has an xmin that is not above the note's transaction. Something
    // that holds a snapshot for an hour marks nothing.
    internal const string Due = """
        UPDATE remade_queue r SET look_at = $1 + $2
        WHERE r.look_at <= $1 AND (r.remade_at < $1 - interval '1 hour' OR NOT EXISTS (
            SELECT FROM pg_stat_activity a
            WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
                AND age(a.backend_xmin) >= age(r.xid::xid)))
        RETURNING office_system_id, use, generation, remade_at
        """;

    private const string Settled = """
        UPDATE remade_queue SET look_at = NULL WHERE office_system_id = $1 AND use = $2 AND generation = $3
        """;

    public async Task<long> GenerationAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(LastGeneration);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<long> NoteAsync(
        string officeSystemId,
        QueueUse use,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Note);
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = WordOf(use) });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<IReadOnlyList<RemadeQueue>> TakeDueAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Due);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = options.Value.ConfirmTimeout * 4 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<RemadeQueue>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(
                new RemadeQueue(
                    reader.GetString(0),
                    UseOf(reader.GetString(1)),
                    reader.GetInt64(2),
                    reader.GetFieldValue<DateTimeOffset>(3)
                )
            );
        }
        return due;
    }

    public async Task SettledAsync(RemadeQueue queue, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Settled);
        command.Parameters.Add(new() { Value = queue.OfficeSystemId });
        command.Parameters.Add(new() { Value = WordOf(queue.Use) });
        command.Parameters.Add(new() { Value = queue.Generation });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string WordOf(QueueUse use) =>
        use switch
        {
            QueueUse.Inbox => "inbox",
            QueueUse.UrgentInbox => "urgent_inbox",
            _ => "events",
        };

    private static QueueUse UseOf(string word) =>
        word switch
        {
            "inbox" => QueueUse.Inbox,
            "urgent_inbox" => QueueUse.UrgentInbox,
            _ => QueueUse.Events,
        };
}
