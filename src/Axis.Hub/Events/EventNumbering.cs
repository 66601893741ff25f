using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Events;

/// <summary>
/// Gives committed events their places in the feed. One transaction at a time over all nodes, by the lock on the head;
/// it takes all events of transactions below the oldest one still running, so nothing can come in before what was
/// numbered, and those of above that come before them in the life of a delivery (docs/events.md).
/// </summary>
public sealed class EventNumbering(NpgsqlDataSource database, IOptions<EventOptions> options)
{
    /// <summary>The channel on which the nodes hear of new places.</summary>
    public const string Channel = "axis_events";

    // The greatest number comes from the index. Whether there is one above a bound, PostgreSQL would look for row by
    // row while it has not analyzed the month: any row might be one.
    internal const string Unnumbered = """
        SELECT h.xid > pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            OR coalesce((SELECT xid FROM event WHERE xid IS NOT NULL ORDER BY xid DESC LIMIT 1) >= h.xid, false)
        FROM event_feed_head h
        """;

    private const string Lock = "SELECT position, xid FROM event_feed_head FOR UPDATE";

    // Everything below is finished for every snapshot taken from now on, that of the next statement among them.
    private const string Finished = """
        SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        """;

    // What can be taken, and before it what is there of the same deliveries with a lower sequence, though its transaction
    // is above. Within one round: events of one delivery by their sequence, whoever made their ids.
    private const string Number = """
        WITH recent AS (
            SELECT id, office_system_id, type, delivery_id, package_id, sender_agency_id, recipient_agency_id, sequence, xid,
                max(sequence) FILTER (WHERE xid < $3) OVER (PARTITION BY delivery_id) AS taken
            FROM event WHERE xid >= $2
        ),
        fresh AS (
            SELECT *, row_number() OVER (ORDER BY sequence, id) AS n FROM recent WHERE xid < $3 OR sequence < taken
        ),
        placed AS (
            INSERT INTO event_feed (position, event_id, office_system_id, type, delivery_id, package_id,
                sender_agency_id, recipient_agency_id)
            SELECT $1 + n, id, office_system_id, type, delivery_id, package_id, sender_agency_id, recipient_agency_id
            FROM fresh
        )
        UPDATE event_feed_head SET xid = $3, position = $1 + (SELECT count(*) FROM fresh)
        RETURNING position - $1, (SELECT array_agg(id) FROM fresh WHERE xid >= $3)
        """;

    // What was taken ahead of its transaction has no number from now on, or a later round would take it again.
    private const string Forget = "UPDATE event SET xid = NULL WHERE id = ANY($1)";

    // A database that was restored into another cluster counts its transactions anew: their numbers say nothing about
    // those of before. What is not in the feed is numbered by that, once, and all that is there forgets its number.
    private const string NumberAnew = """
        WITH fresh AS (
            SELECT id, office_system_id, type, delivery_id, package_id, sender_agency_id, recipient_agency_id,
                row_number() OVER (ORDER BY sequence, id) AS n
            FROM event e
            WHERE xid IS NOT NULL AND id >= uuid7_floor($3)
                AND NOT EXISTS (SELECT FROM event_feed f WHERE f.event_id = e.id)
        ),
        placed AS (
            INSERT INTO event_feed (position, event_id, office_system_id, type, delivery_id, package_id,
                sender_agency_id, recipient_agency_id)
            SELECT $1 + n, id, office_system_id, type, delivery_id, package_id, sender_agency_id, recipient_agency_id
            FROM fresh
        ),
        forgotten AS (
            UPDATE event SET xid = NULL WHERE xid IS NOT NULL
        )
        UPDATE event_feed_head SET xid = $2, position = $1 + (SELECT count(*) FROM fresh)
        RETURNING position - $1, NULL::uuid[]
        """;

    /// <summary>Numbers what can be numbered.</summary>
    /// <param name="now">Its day gets the events; the partition of that day must be there.</param>
    /// <returns>How many, and whether some wait for a transaction that still runs.</returns>
    public async Task<(long Numbered, bool Left)> NumberAsync(
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (!await AskAsync(connection, Unnumbered, cancellationToken))
        {
            return (0, false);
        }
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (position, xid) = await PairAsync(connection, Lock, cancellationToken);
        var (finished, next) = await PairAsync(connection, Finished, cancellationToken);
        if (finished <= xid && xid <= next)
        {
            // The oldest transaction is the one that the last round stopped at.
            return (0, true);
        }
        var today = FeedPosition.DayOf(now);
        var from = Math.Max(position, FeedPosition.BeforeDay(today).Value);
        (string, object[]) statement =
            xid > next
                ? (
                    NumberAnew,
                    [from, finished, FeedPosition.StartOf(today - options.Value.KeepDays)]
                )
                : (Number, [from, xid, finished]);
        var (numbered, ahead) = await RunAsync(connection, statement, cancellationToken);
        if (ahead is not null)
        {
            await using var forget = new NpgsqlCommand(Forget, connection);
            forget.Parameters.Add(new() { Value = ahead });
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }
        if (numbered > 0)
        {
            await using var notify = new NpgsqlCommand($"NOTIFY {Channel}", connection);
            await notify.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return (numbered, await AskAsync(connection, Unnumbered, cancellationToken));
    }

    private static async Task<(long Numbered, Guid[]? Ahead)> RunAsync(
        NpgsqlConnection connection,
        (string Sql, object[] Values) statement,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(statement.Sql, connection);
        foreach (var value in statement.Values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (
            reader.GetInt64(0),
            await reader.IsDBNullAsync(1, cancellationToken)
                ? null
                : reader.GetFieldValue<Guid[]>(1)
        );
    }

    private static async Task<bool> AskAsync(
        NpgsqlConnection connection,
        string question,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(question, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task<(long, long)> PairAsync(
        NpgsqlConnection connection,
        string question,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(question, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }
}
