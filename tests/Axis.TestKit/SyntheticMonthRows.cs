using Npgsql;
using NpgsqlTypes;

namespace Axis.TestKit;

/// <summary>Puts a synthetic month into a migrated database, as the rows that a hub would have written.</summary>
public static class SyntheticMonthRows
{
    public static async Task WriteAsync(
        SyntheticMonth month,
        NpgsqlDataSource database,
        CancellationToken cancellationToken = default
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var prepare = new NpgsqlCommand("SELECT ensure_partitions($1, 3)", connection))
        {
            prepare.Parameters.Add(new() { Value = month.AsOf.AddMonths(-2) });
            await prepare.ExecuteNonQueryAsync(cancellationToken);
        }
        var agencies = await AgenciesAsync(month, connection, cancellationToken);
        await CopyAsync(
            connection,
            """
            package (id, received_at, door, office_system_id, sender_agency_id, sender_code, document_id, business,
                code_number, code_notation, promulgated_on, subject, type_name, priority, sha256, size, verdict, receipt,
                document_verdict, parties, paper, due_on)
            """,
            month.Letters,
            async (rows, letter) =>
            {
                await rows.WriteAsync(letter.Id, NpgsqlDbType.Uuid, cancellationToken);
                await rows.WriteAsync(letter.At, NpgsqlDbType.TimestampTz, cancellationToken);
                await rows.WriteAsync("http", NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync("synthetic", NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync(
                    agencies[letter.Sender],
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await rows.WriteAsync(
                    SyntheticMonth.CodeOf(letter.Sender),
                    NpgsqlDbType.Text,
                    cancellationToken
                );
                await rows.WriteAsync(
                    $"{SyntheticMonth.CodeOf(letter.Sender)},{letter.Number}",
                    NpgsqlDbType.Text,
                    cancellationToken
                );
                await rows.WriteAsync(
                    (short)letter.Business,
                    NpgsqlDbType.Smallint,
                    cancellationToken
                );
                await rows.WriteAsync($"{letter.Number}", NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync("UBND-VP", NpgsqlDbType.Text, cancellationToken);
                await OrNullAsync(rows, letter.Promulgated, NpgsqlDbType.Date);
                await rows.WriteAsync(
                    $"V/v công việc số {letter.Number} của tháng",
                    NpgsqlDbType.Text,
                    cancellationToken
                );
                await rows.WriteAsync("Công văn", NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync((short)0, NpgsqlDbType.Smallint, cancellationToken);
                await rows.WriteAsync(
                    letter.Id.ToByteArray(),
                    NpgsqlDbType.Bytea,
                    cancellationToken
                );
                await rows.WriteAsync(20_000L, NpgsqlDbType.Bigint, cancellationToken);
                await rows.WriteAsync(
                    letter.EnvelopeSigned ? "valid" : "none",
                    NpgsqlDbType.Text,
                    cancellationToken
                );
                await rows.WriteAsync("{}", NpgsqlDbType.Json, cancellationToken);
                await rows.WriteAsync(
                    letter.DocumentSigned ? "valid" : "invalid",
                    NpgsqlDbType.Text,
                    cancellationToken
                );
                await rows.WriteAsync(
                    letter
                        .Deliveries.Select(one => agencies[one.Recipient])
                        .Prepend(agencies[letter.Sender])
                        .ToArray(),
                    NpgsqlDbType.Array | NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await OrNullAsync(rows, letter.Paper, NpgsqlDbType.Boolean);
                await OrNullAsync(rows, letter.Due, NpgsqlDbType.Date);
            },
            cancellationToken
        );
        await CopyAsync(
            connection,
            """
            delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route, office_system_id, state,
                work, status, dialogue, about, created_at, changed_at)
            """,
            month.Letters.SelectMany(letter => letter.Deliveries, (letter, one) => (letter, one)),
            async (rows, pair) =>
            {
                var (letter, one) = pair;
                await rows.WriteAsync(one.Id, NpgsqlDbType.Uuid, cancellationToken);
                await rows.WriteAsync(letter.Id, NpgsqlDbType.Uuid, cancellationToken);
                await rows.WriteAsync(
                    agencies[letter.Sender],
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await rows.WriteAsync(
                    agencies[one.Recipient],
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await rows.WriteAsync(
                    SyntheticMonth.CodeOf(one.Recipient),
                    NpgsqlDbType.Text,
                    cancellationToken
                );
                await rows.WriteAsync("office_system", NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync("synthetic", NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync(one.State, NpgsqlDbType.Text, cancellationToken);
                await OrNullTextAsync(rows, one.Work);
                await OrNullTextAsync(
                    rows,
                    one.Acts.LastOrDefault(act =>
                        act is { Status: not null, Outcome: "applied" }
                    )?.Status
                );
                await OrNullTextAsync(rows, one.Dialogue);
                await OrNullAsync(rows, one.About, NpgsqlDbType.Uuid);
                await rows.WriteAsync(letter.At, NpgsqlDbType.TimestampTz, cancellationToken);
                await rows.WriteAsync(one.Acts[^1].At, NpgsqlDbType.TimestampTz, cancellationToken);
            },
            cancellationToken
        );
        await CopyAsync(
            connection,
            "delivery_history (id, delivery_id, at, what, status, outcome, actor, detail)",
            month
                .Letters.SelectMany(letter => letter.Deliveries)
                .SelectMany(one => one.Acts, (one, act) => (one, act)),
            async (rows, pair) =>
            {
                var (one, act) = pair;
                await rows.WriteAsync(act.Id, NpgsqlDbType.Uuid, cancellationToken);
                await rows.WriteAsync(one.Id, NpgsqlDbType.Uuid, cancellationToken);
                await rows.WriteAsync(act.At, NpgsqlDbType.TimestampTz, cancellationToken);
                await rows.WriteAsync(act.What, NpgsqlDbType.Text, cancellationToken);
                await OrNullTextAsync(rows, act.Status);
                await OrNullTextAsync(rows, act.Outcome);
                await rows.WriteAsync("synthetic", NpgsqlDbType.Text, cancellationToken);
                await OrNullTextAsync(rows, act.Detail);
            },
            cancellationToken
        );
        await CopyAsync(
            connection,
            """
            deadline (delivery_id, kind, package_id, sender_agency_id, recipient_agency_id, started_at, first_due_at, due_at,
                settled_at, outcome)
            """,
            month
                .Letters.SelectMany(letter => letter.Deliveries, (letter, one) => (letter, one))
                .Where(pair => pair.one.DueAt is not null),
            async (rows, pair) =>
            {
                var (letter, one) = pair;
                await rows.WriteAsync(one.Id, NpgsqlDbType.Uuid, cancellationToken);
                await rows.WriteAsync("completion", NpgsqlDbType.Text, cancellationToken);
                await rows.WriteAsync(letter.Id, NpgsqlDbType.Uuid, cancellationToken);
                await rows.WriteAsync(
                    agencies[letter.Sender],
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await rows.WriteAsync(
                    agencies[one.Recipient],
                    NpgsqlDbType.Uuid,
                    cancellationToken
                );
                await rows.WriteAsync(letter.At, NpgsqlDbType.TimestampTz, cancellationToken);
                await rows.WriteAsync(
                    one.DueAt!.Value,
                    NpgsqlDbType.TimestampTz,
                    cancellationToken
                );
                await rows.WriteAsync(
                    one.DueAt!.Value,
                    NpgsqlDbType.TimestampTz,
                    cancellationToken
                );
                await OrNullAsync(rows, one.Settled?.At, NpgsqlDbType.TimestampTz);
                await OrNullTextAsync(rows, one.Settled?.Outcome);
            },
            cancellationToken
        );
        await using var analyze = new NpgsqlCommand(
            "ANALYZE package, delivery, delivery_history, deadline",
            connection
        );
        await analyze.ExecuteNonQueryAsync(cancellationToken);

        async Task OrNullAsync<T>(NpgsqlBinaryImporter rows, T? value, NpgsqlDbType type)
            where T : struct
        {
            if (value is { } given)
            {
                await rows.WriteAsync(given, type, cancellationToken);
            }
            else
            {
                await rows.WriteNullAsync(cancellationToken);
            }
        }

        async Task OrNullTextAsync(NpgsqlBinaryImporter rows, string? value)
        {
            if (value is null)
            {
                await rows.WriteNullAsync(cancellationToken);
            }
            else
            {
                await rows.WriteAsync(value, NpgsqlDbType.Text, cancellationToken);
            }
        }
    }

    /// <summary>The agencies of the month, made where they are not there yet.</summary>
    private static async Task<Guid[]> AgenciesAsync(
        SyntheticMonth month,
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        var codes = Enumerable.Range(0, month.Agencies).Select(SyntheticMonth.CodeOf).ToArray();
        var names = Enumerable.Range(0, month.Agencies).Select(SyntheticMonth.NameOf).ToArray();
        await using (
            var add = new NpgsqlCommand(
                """
                WITH fresh AS (
                    SELECT gen_random_uuid() AS id, a.code, a.name FROM unnest($1, $2) AS a (code, name)
                    WHERE NOT EXISTS (SELECT FROM agency_code c WHERE c.code = a.code)
                ),
                added AS (
                    INSERT INTO agency (id, name, kind, reach) SELECT id, name, 'office', 'province' FROM fresh
                )
                INSERT INTO agency_code (code, agency_id) SELECT code, id FROM fresh
                """,
                connection
            )
        )
        {
            add.Parameters.Add(new() { Value = codes });
            add.Parameters.Add(new() { Value = names });
            await add.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var read = new NpgsqlCommand(
            "SELECT c.agency_id FROM unnest($1) WITH ORDINALITY AS a (code, n) JOIN agency_code c USING (code) ORDER BY a.n",
            connection
        );
        read.Parameters.Add(new() { Value = codes });
        await using var reader = await read.ExecuteReaderAsync(cancellationToken);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetGuid(0));
        }
        return [.. ids];
    }

    private static async Task CopyAsync<T>(
        NpgsqlConnection connection,
        string table,
        IEnumerable<T> items,
        Func<NpgsqlBinaryImporter, T, Task> write,
        CancellationToken cancellationToken
    )
    {
        await using var rows = await connection.BeginBinaryImportAsync(
            $"COPY {table} FROM STDIN (FORMAT BINARY)",
            cancellationToken
        );
        foreach (var item in items)
        {
            await rows.StartRowAsync(cancellationToken);
            await write(rows, item);
        }
        await rows.CompleteAsync(cancellationToken);
    }
}
