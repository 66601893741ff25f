using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Copies the receipts of a month that leaves, so that repeats are answered as ever. In portions, each a transaction of
/// its own: one that writes for minutes would hold up the numbering of events (docs/events.md).
/// </summary>
internal static class ArchivedReceipts
{
    private const int Portion = 10_000;

    public static async Task KeepAsync(
        NpgsqlConnection connection,
        ArchiveMonth month,
        CancellationToken cancellationToken
    )
    {
        foreach (var table in (string[])["package", "status_report"])
        {
            await using var command = connection.Patient(
                $"""
                WITH portion AS MATERIALIZED (
                    SELECT id, receipt FROM {table}
                    WHERE id > coalesce($1, uuid7_floor($2)) AND id < uuid7_floor($3)
                    ORDER BY id LIMIT {Portion}
                ),
                kept AS (
                    INSERT INTO archived_receipt (package_id, receipt) SELECT id, receipt FROM portion
                    ON CONFLICT DO NOTHING
                )
                SELECT id FROM portion ORDER BY id DESC LIMIT 1
                """
            );
            var last = new NpgsqlParameter
            {
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid,
                Value = DBNull.Value,
            };
            command.Parameters.Add(last);
            command.Parameters.Add(new() { Value = month.Start });
            command.Parameters.Add(new() { Value = month.End });
            while (await command.ExecuteScalarAsync(cancellationToken) is Guid id)
            {
                last.Value = id;
            }
        }
    }
}
