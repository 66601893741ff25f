using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// What stays of a month that leaves: letters that are not finished, and events that nobody took, with what belongs to
/// both. Ids; all of a month whose letters are finished is none.
/// </summary>
internal sealed record KeptRows(Guid[] Packages, Guid[] Deliveries, Guid[] Events, Guid[] Reports)
{
    // Each state has an index of its own, over all months: a recipient that came late has a delivery of a later month.
    private const string OfPackages = """
        SELECT package_id FROM delivery WHERE state = 'waiting' AND package_id < uuid7_floor($1)
        UNION
        SELECT package_id FROM delivery WHERE state = 'dispatched' AND package_id < uuid7_floor($1)
        UNION
        SELECT package_id FROM delivery WHERE state IN ('held', 'failed') AND package_id < uuid7_floor($1)
        """;

    // A delivery that came later has nothing in the month.
    private const string OfDeliveries = """
        SELECT id FROM delivery WHERE package_id = ANY($2) AND id < uuid7_floor($1)
        """;

    private const string OfEvents = """
        SELECT id FROM event
        WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2) AND (state <> 'taken' OR delivery_id = ANY($3))
        """;

    // A report and its event are written together, and the month may end between their two ids.
    private const string OfReports = """
        SELECT id FROM status_report
        WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2) AND delivery_id = ANY($3)
        UNION
        SELECT report_id FROM event
        WHERE id >= uuid7_floor($1) AND id < uuid7_floor($2 + interval '1 day') AND state <> 'taken'
            AND report_id IS NOT NULL
        """;

    /// <summary>Reads, and so holds nobody up, however long it takes.</summary>
    public static async Task<KeptRows> ReadAsync(
        NpgsqlConnection connection,
        ArchiveMonth month,
        CancellationToken cancellationToken
    )
    {
        var packages = await IdsAsync(connection, OfPackages, cancellationToken, month.End);
        var deliveries = await IdsAsync(
            connection,
            OfDeliveries,
            cancellationToken,
            month.End,
            packages
        );
        return new KeptRows(
            packages,
            deliveries,
            await IdsAsync(
                connection,
                OfEvents,
                cancellationToken,
                month.Start,
                month.End,
                deliveries
            ),
            await IdsAsync(
                connection,
                OfReports,
                cancellationToken,
                month.Start,
                month.End,
                deliveries
            )
        );
    }

    /// <summary>As tables of the transaction that runs: <c>kept_package</c> and so on.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        foreach (
            var (table, ids) in ((string, Guid[])[])
                [
                    ("kept_package", Packages),
                    ("kept_delivery", Deliveries),
                    ("kept_event", Events),
                    ("kept_report", Reports),
                ]
        )
        {
            await using (
                var create = connection.Patient(
                    $"CREATE TEMPORARY TABLE {table} (id uuid PRIMARY KEY) ON COMMIT DROP"
                )
            )
            {
                await create.ExecuteNonQueryAsync(cancellationToken);
            }
            await using var fill = connection.Patient(
                $"INSERT INTO {table} SELECT unnest($1) ON CONFLICT DO NOTHING"
            );
            fill.Parameters.Add(new() { Value = ids });
            await fill.ExecuteNonQueryAsync(cancellationToken);
            await using var analyze = connection.Patient($"ANALYZE {table}");
            await analyze.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<Guid[]> IdsAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        await using var command = connection.Patient(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }
        return [.. ids];
    }
}
