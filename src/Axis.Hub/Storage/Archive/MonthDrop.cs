using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Takes an archived month out of the database: its partitions are dropped whole, which costs the same for a thousand
/// rows and for ten million. What is not finished stays, in the default partitions.
/// </summary>
/// <remarks>
/// Order: the receipts are copied first, so that a repeat is answered at every moment. Then, in one short transaction
/// that gives way to the exchange (lock_timeout below deadlock_timeout), the month is compared with the archive,
/// detached, what is unfinished put back, and the rest dropped. A crash before the commit leaves everything as it was.
/// </remarks>
public sealed class MonthDrop(NpgsqlDataSource database, TimeProvider clock)
{
    private const string KeepReceipts = """
        INSERT INTO archived_receipt (package_id, receipt)
        SELECT id, receipt FROM package WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)
        UNION ALL
        SELECT id, receipt FROM status_report WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)
        ON CONFLICT DO NOTHING
        """;

    private const string Unfinished = """
        CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
        SELECT DISTINCT package_id AS id FROM delivery
        WHERE state IN ('waiting', 'dispatched', 'held', 'failed')
            AND package_id >= uuid7_floor($1) AND package_id < uuid7_floor($2)
        """;

    /// <summary>False when the exchange was too busy for the lock, or the month changed since it was archived.</summary>
    public async Task<bool> TryDropAsync(
        ArchiveMonth month,
        ArchiveManifest archive,
        string folder,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, KeepReceipts, month, cancellationToken);
        var seal = Convert.FromHexString(
            await ArchiveFormat.HashAsync(
                Path.Combine(folder, ArchiveFormat.Sums),
                cancellationToken
            )
        );
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(
                connection,
                $"SET LOCAL lock_timeout = '500ms'; LOCK TABLE {string.Join(", ", Partitions.Parents)} IN ACCESS EXCLUSIVE MODE",
                null,
                cancellationToken
            );
            if (!await IsUnchangedAsync(connection, month, archive, cancellationToken))
            {
                return false;
            }
            await ExecuteAsync(connection, Unfinished, month, cancellationToken);
            await ExecuteAsync(connection, Moves(month.Suffix), null, cancellationToken);
            await using var note = new NpgsqlCommand(
                """
                INSERT INTO archived_month (month, archived_at, folder, sha256) VALUES ($1, $2, $3, $4)
                ON CONFLICT (month) DO UPDATE SET archived_at = $2, folder = $3, sha256 = $4
                """,
                connection
            );
            note.Parameters.Add(new() { Value = DateOnly.FromDateTime(month.Start.UtcDateTime) });
            note.Parameters.Add(new() { Value = clock.GetUtcNow() });
            note.Parameters.Add(new() { Value = folder });
            note.Parameters.Add(new() { Value = seal });
            await note.ExecuteNonQueryAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException busy)
            when (busy.SqlState
                    is PostgresErrorCodes.LockNotAvailable
                        or PostgresErrorCodes.DeadlockDetected
            )
        {
            return false;
        }
    }

    // After the detach the default partitions take rows of that month.
    private static string Moves(string suffix) =>
        string.Concat(
            Partitions.Parents.Select(parent =>
                $"ALTER TABLE {parent} DETACH PARTITION {parent}_{suffix};\n"
            )
        )
        + $"""
            INSERT INTO package SELECT * FROM package_{suffix} WHERE id IN (SELECT id FROM kept);
            INSERT INTO delivery SELECT * FROM delivery_{suffix} WHERE package_id IN (SELECT id FROM kept);
            INSERT INTO delivery_history SELECT h.* FROM delivery_history_{suffix} h
                WHERE EXISTS (SELECT 1 FROM delivery d JOIN kept ON kept.id = d.package_id WHERE d.id = h.delivery_id);
            INSERT INTO event SELECT * FROM event_{suffix} e
                WHERE e.state <> 'taken'
                    OR EXISTS (SELECT 1 FROM delivery d JOIN kept ON kept.id = d.package_id WHERE d.id = e.delivery_id);
            INSERT INTO status_report SELECT * FROM status_report_{suffix} r
                WHERE EXISTS (SELECT 1 FROM delivery d JOIN kept ON kept.id = d.package_id WHERE d.id = r.delivery_id)
                    OR EXISTS (SELECT 1 FROM event_{suffix} e WHERE e.report_id = r.id AND e.state <> 'taken');
            INSERT INTO payload SELECT * FROM payload_{suffix} p
                WHERE package_id IN (SELECT id FROM kept)
                    OR EXISTS (SELECT 1 FROM status_report r WHERE r.id = p.package_id);

            """
        + string.Concat(Partitions.Parents.Select(parent => $"DROP TABLE {parent}_{suffix};\n"));

    private static async Task<bool> IsUnchangedAsync(
        NpgsqlConnection connection,
        ArchiveMonth month,
        ArchiveManifest archive,
        CancellationToken cancellationToken
    )
    {
        foreach (var table in ArchiveFormat.Tables)
        {
            await using var count = new NpgsqlCommand(
                $"""
                SELECT count(*), {(
                    table == "delivery" ? "max(changed_at)" : "NULL::timestamptz"
                )} FROM {table}
                WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)
                """,
                connection
            );
            count.Parameters.Add(new() { Value = month.Start });
            count.Parameters.Add(new() { Value = month.End });
            await using var reader = await count.ExecuteReaderAsync(cancellationToken);
            await reader.ReadAsync(cancellationToken);
            var last = reader.IsDBNull(1)
                ? (DateTimeOffset?)null
                : reader.GetFieldValue<DateTimeOffset>(1);
            if (
                reader.GetInt64(0) != archive.RowsOf(table)
                || (table == "delivery" && last != archive.LastChangeAt)
            )
            {
                return false;
            }
        }
        return true;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection,
        string sql,
        ArchiveMonth? month,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        if (month is { } bounds)
        {
            command.Parameters.Add(new() { Value = bounds.Start });
            command.Parameters.Add(new() { Value = bounds.End });
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
