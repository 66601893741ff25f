using Axis.Hub.Broker;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>Keeps in the database whose turn it is to delete a dead queue: one row for each queue that ever died.</summary>
public sealed class QueueTurnNotes(
    NpgsqlDataSource database,
    IOptions<BrokerOptions> options,
    TimeProvider clock
) : IQueueTurns
{
    private const string Last =
        "SELECT coalesce((SELECT number FROM queue_turn WHERE queue = $1), 0)";

    // Two nodes meet in this row; the second finds another number than it saw.
    private const string Take = """
        INSERT INTO queue_turn AS t (queue, number, free_at) VALUES ($1, 1, $3 + $4)
        ON CONFLICT (queue) DO UPDATE SET number = t.number + 1, free_at = excluded.free_at
        WHERE t.number = $2 AND t.free_at <= $3
        RETURNING number
        """;

    private const string End =
        "UPDATE queue_turn SET free_at = $3 WHERE queue = $1 AND number = $2";

    public async Task<long> NumberAsync(string queue, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Last);
        command.Parameters.Add(new() { Value = queue });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<QueueTurn?> TryTakeAsync(
        string queue,
        long seen,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Take);
        command.Parameters.Add(new() { Value = queue });
        command.Parameters.Add(new() { Value = seen });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = options.Value.ReplacementLease });
        return await command.ExecuteScalarAsync(cancellationToken) is long number
            ? new QueueTurn(queue, number)
            : null;
    }

    public async Task EndAsync(QueueTurn turn, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(End);
        command.Parameters.Add(new() { Value = turn.Queue });
        command.Parameters.Add(new() { Value = turn.Number });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
