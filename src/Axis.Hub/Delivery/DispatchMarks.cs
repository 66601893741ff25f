using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>Writes down that deliveries are on their inbox queue: the broker has confirmed them.</summary>
public sealed class DispatchMarks(
    NpgsqlDataSource database,
    InboxNews news,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const string Update = """
        UPDATE delivery d
        SET state = 'dispatched', changed_at = $2, next_attempt_at = NULL, last_error = NULL, failure = NULL
        FROM unnest($1, $4) AS s (id, office_system_id)
        """;

    // A row that was handed over meanwhile went to a queue that is no longer its own: it stays waiting for the new one.
    // So does one whose queue was lost since it was published.
    private const string Those = """
        WHERE d.id = s.id AND d.office_system_id = s.office_system_id AND d.state = 'waiting'
            AND d.id BETWEEN $5 AND $6
            AND NOT EXISTS (
                SELECT FROM remade_queue r
                WHERE r.office_system_id = d.office_system_id
                    AND r.use = CASE WHEN d.urgent THEN 'urgent_inbox' ELSE 'inbox' END AND r.generation > $7)
        RETURNING d.id
        """;

    private const string History = """
        INSERT INTO delivery_history (id, delivery_id, at, what, actor)
        SELECT h.id, h.delivery_id, $2, 'dispatched', 'hub'
        FROM unnest($3, $1) AS h (id, delivery_id) JOIN moved ON moved.id = h.delivery_id
        """;

    internal const string Sent = $"""
        WITH moved AS ({Update}, {UnsyncedCommit.Row} {Those})
        {History}
        """;

    // Somebody hears of these: the commit waits for the disk, and nobody hears of what a power cut takes away.
    internal const string SentAndTold = $"""
        WITH moved AS ({Update} {Those}), history AS ({History})
        SELECT id FROM moved
        """;

    /// <summary>Rows in the order of their ids.</summary>
    public async Task MarkAsync(
        IReadOnlyList<DispatchItem> rows,
        long generation,
        CancellationToken cancellationToken
    )
    {
        var byNews = rows.ToLookup(row => news.IsAskedBy(row.OfficeSystemId));
        DispatchItem[] told = [.. byNews[true]];
        if (told.Length < rows.Count)
        {
            await using var command = database.CreateCommand(Sent);
            Bind(command.Parameters, [.. byNews[false]], generation, clock.GetUtcNow());
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        if (told.Length > 0)
        {
            await MarkAndTellAsync(told, generation, cancellationToken);
        }
    }

    private async Task MarkAndTellAsync(
        DispatchItem[] rows,
        long generation,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var moved = new List<Guid>(rows.Length);
        await using (var command = new NpgsqlCommand(SentAndTold, connection))
        {
            Bind(command.Parameters, rows, generation, now);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                moved.Add(reader.GetGuid(0));
            }
        }
        var planned = await news.WriteAsync(connection, moved, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        news.Announce(planned);
    }

    private void Bind(
        NpgsqlParameterCollection parameters,
        DispatchItem[] rows,
        long generation,
        DateTimeOffset now
    )
    {
        Guid[] deliveries = [.. rows.Select(row => row.DeliveryId)];
        // In an array the planner cannot see to which month rows belong; with their bounds it passes by all others.
        var (least, greatest) = IdDays.Bounds(deliveries);
        parameters.Add(new() { Value = deliveries });
        parameters.Add(new() { Value = now });
        parameters.Add(new() { Value = rows.Select(_ => ids.Next()).ToArray() });
        parameters.Add(new() { Value = rows.Select(row => row.OfficeSystemId).ToArray() });
        parameters.Add(new() { Value = least });
        parameters.Add(new() { Value = greatest });
        parameters.Add(new() { Value = generation });
    }
}
