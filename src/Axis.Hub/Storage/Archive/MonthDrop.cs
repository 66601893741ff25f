using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Takes an archived month out of the database: its partitions are dropped whole, which costs the same for a thousand
/// rows and for ten million. What is not finished stays, in the default partitions.
/// </summary>
/// <remarks>
/// Order: the receipts are copied first, so that a repeat is answered at every moment. Then the month is counted, and
/// what is to stay looked for; both only read, and take the time they need. Then, in one short transaction that gives
/// way to the exchange (lock_timeout below deadlock_timeout), what changed since the archive was begun is added to what
/// stays, the month detached, what stays put back, and the rest dropped: by keys, never by reading the month. A crash
/// before the commit leaves everything as it was.
/// </remarks>
public sealed class MonthDrop(NpgsqlDataSource database, TimeProvider clock)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    // Under the lock only ways through an index are good enough, whatever the statistics of small tables say.
    private const string ByKeys =
        "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;";

    /// <summary>False when the exchange was too busy for the lock, or the archive does not have what the month has.</summary>
    /// <param name="watch">Begun before the archive was.</param>
    /// <param name="patience">For how long the lock is tried for, half a second at a time; zero: once.</param>
    public async Task<bool> TryDropAsync(
        MonthWatch watch,
        ArchiveManifest archive,
        string folder,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var month = watch.Month;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await PatientSession.BeginAsync(connection, cancellationToken);
        await ArchivedReceipts.KeepAsync(connection, month, cancellationToken);
        if (!await HasWhatIsThereAsync(connection, month, archive, cancellationToken))
        {
            return false;
        }
        var kept = await KeptRows.ReadAsync(connection, month, cancellationToken);
        var entry = await ArchivedMonths.EntryAsync(
            month,
            clock.GetUtcNow(),
            folder,
            cancellationToken
        );
        var begun = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await DropAsync(connection, month, kept, entry, cancellationToken);
                return true;
            }
            catch (PostgresException busy) when (IsBusy(busy))
            {
                if (clock.GetElapsedTime(begun) >= patience)
                {
                    return false;
                }
                await Task.Delay(s_pause, clock, cancellationToken);
            }
        }
    }

    /// <summary>The lock gave way.</summary>
    internal static bool IsBusy(PostgresException failure) =>
        failure.SqlState
            is PostgresErrorCodes.LockNotAvailable
                or PostgresErrorCodes.DeadlockDetected;

    private static async Task DropAsync(
        NpgsqlConnection connection,
        ArchiveMonth month,
        KeptRows kept,
        ArchivedMonth entry,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await kept.WriteAsync(connection, cancellationToken);
        await ExecuteAsync(
            connection,
            $"SET LOCAL lock_timeout = '500ms'; LOCK TABLE {string.Join(", ", Partitions.Parents)} IN ACCESS EXCLUSIVE MODE",
            cancellationToken
        );
        await ExecuteAsync(connection, $"{ByKeys}\n{Changed(month)}", cancellationToken);
        var present = await Partitions.PresentAsync(connection, month.Suffix, cancellationToken);
        await ExecuteAsync(connection, Moves(month, present), cancellationToken);
        await ArchivedMonths.WriteAsync(connection, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string Changed(ArchiveMonth month) =>
        $"""
            CREATE TEMPORARY TABLE changed_package ON COMMIT DROP AS
                SELECT package_id AS id FROM month_change WHERE month = '{month.FirstDay}' AND package_id IS NOT NULL
                UNION
                SELECT d.package_id FROM month_change c JOIN delivery d ON d.id = c.delivery_id
                WHERE c.month = '{month.FirstDay}';
            CREATE TEMPORARY TABLE changed_delivery ON COMMIT DROP AS
                SELECT d.id FROM changed_package p JOIN delivery d ON d.package_id = p.id;
            INSERT INTO kept_package SELECT id FROM changed_package ON CONFLICT DO NOTHING;
            INSERT INTO kept_delivery SELECT id FROM changed_delivery ON CONFLICT DO NOTHING;
            INSERT INTO kept_report SELECT h.report_id
                FROM changed_delivery d JOIN delivery_history h ON h.delivery_id = d.id
                WHERE h.report_id IS NOT NULL ON CONFLICT DO NOTHING;
            INSERT INTO kept_event SELECT event_id FROM month_change
                WHERE month = '{month.FirstDay}' AND event_id IS NOT NULL ON CONFLICT DO NOTHING;
            DELETE FROM month_change WHERE month = '{month.FirstDay}';
            """;

    // After the detach the default partitions take rows of that month. A table that has no partition of the month has
    // its rows there already.
    private static string Moves(ArchiveMonth month, IReadOnlyList<string> present) =>
        string.Concat(
            present.Select(parent => $"ALTER TABLE {parent} DETACH PARTITION {month.Of(parent)};\n")
        )
        + string.Concat(
            s_stays
                .Where(stays => present.Contains(stays.Table))
                .Select(stays =>
                    $"INSERT INTO {stays.Table} SELECT t.* FROM {stays.Kept} k JOIN {month.Of(stays.Table)} t ON t.{stays.Key} = k.id;\n"
                )
        )
        + string.Concat(present.Select(parent => $"DROP TABLE {month.Of(parent)};\n"));

    private static readonly IReadOnlyList<(string Table, string Kept, string Key)> s_stays =
    [
        ("package", "kept_package", "id"),
        ("delivery", "kept_delivery", "id"),
        ("delivery_history", "kept_delivery", "delivery_id"),
        ("event", "kept_event", "id"),
        ("status_report", "kept_report", "id"),
        ("payload", "kept_package", "package_id"),
        ("payload", "kept_report", "package_id"),
    ];

    private static async Task<bool> HasWhatIsThereAsync(
        NpgsqlConnection connection,
        ArchiveMonth month,
        ArchiveManifest archive,
        CancellationToken cancellationToken
    )
    {
        foreach (var table in ArchiveFormat.Tables)
        {
            await using var count = connection.Patient(
                $"SELECT count(*) FROM {table} WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2)"
            );
            count.Parameters.Add(new() { Value = month.Start });
            count.Parameters.Add(new() { Value = month.End });
            if (
                await count.ExecuteScalarAsync(cancellationToken) is not long rows
                || rows != archive.RowsOf(table)
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
        CancellationToken cancellationToken
    )
    {
        // No time-out of the client under the lock: it would break off what the server goes on with.
        await using var command = connection.Patient(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
