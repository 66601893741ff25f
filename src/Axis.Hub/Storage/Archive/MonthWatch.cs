using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// From its beginning on, whatever changes in a month is noted (<c>month_change</c>) by the transaction that changes it.
/// What is archived after that is the month but for what is noted, and nothing needs to be compared under a lock.
/// </summary>
/// <remarks>
/// Why nothing is missed: a trigger is made under a lock that waits for all who write the partition, so what they wrote
/// is there when the archive's snapshot is taken, and who comes later meets the trigger. Where the triggers are there
/// already, from a look before, notes that can be seen are of transactions that are finished, and are thrown away.
/// </remarks>
public sealed class MonthWatch
{
    // What is only marked as sent or taken is no change of a letter.
    private static readonly IReadOnlyList<(string Table, string On)> s_watched =
    [
        ("package", "INSERT OR UPDATE"),
        ("delivery", "INSERT OR UPDATE"),
        ("delivery_history", "INSERT"),
        ("status_report", "INSERT"),
        ("event", "INSERT"),
    ];

    private MonthWatch(ArchiveMonth month) => Month = month;

    public ArchiveMonth Month { get; }

    /// <summary>Null when the exchange was too busy for the triggers.</summary>
    public static async Task<MonthWatch?> BeginAsync(
        NpgsqlDataSource database,
        ArchiveMonth month,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            foreach (var (table, on) in s_watched)
            {
                if (await NeedsTriggerAsync(connection, month.Of(table), cancellationToken))
                {
                    await using var transaction = await connection.BeginTransactionAsync(
                        cancellationToken
                    );
                    await ExecuteAsync(
                        connection,
                        $"""
                        SET LOCAL lock_timeout = '500ms';
                        CREATE TRIGGER month_change AFTER {on} ON {month.Of(table)}
                            FOR EACH ROW EXECUTE FUNCTION note_month_change('{month.FirstDay}', '{table}');
                        """,
                        cancellationToken
                    );
                    await transaction.CommitAsync(cancellationToken);
                }
            }
        }
        catch (PostgresException busy) when (MonthDrop.IsBusy(busy))
        {
            return null;
        }
        await ExecuteAsync(
            connection,
            $"DELETE FROM month_change WHERE month = '{month.FirstDay}'",
            cancellationToken
        );
        return new MonthWatch(month);
    }

    private static async Task<bool> NeedsTriggerAsync(
        NpgsqlConnection connection,
        string partition,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT to_regclass($1) IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_trigger WHERE tgrelid = to_regclass($1) AND tgname = 'month_change')
            """,
            connection
        );
        command.Parameters.Add(new() { Value = partition });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
