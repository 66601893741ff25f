using System.Globalization;
using Npgsql;

namespace Axis.TestKit;

/// <summary>
/// Letters by the million, made by the database itself: rows of packages, deliveries and keys as they would be after a
/// while, spread over the agencies of the registry and over time. Without payloads and history, which no list reads.
/// Some agencies send far more than others, one letter in a hundred goes to a hundred recipients, a few words are in
/// every third subject and most are rare. Drawn by arithmetic, not by chance.
/// </summary>
public static class ManyLetters
{
    /// <summary>Recipients of a letter, on average.</summary>
    public const int Recipients = 4;

    /// <summary>Words that one letter in fifty thousand has, from 0.</summary>
    public const int RareWords = 50_000;

    // Two at a time, because the machines it is for have two cores.
    private const int AtOnce = 2;

    private static readonly string[] s_parents = ["package", "delivery"];

    private const string Begin = """
        CREATE UNLOGGED TABLE many_agency AS
            SELECT (row_number() OVER (ORDER BY id) - 1)::bigint AS n, id
            FROM agency WHERE reach = 'province';
        CREATE UNIQUE INDEX ON many_agency (n);
        ANALYZE many_agency;
        """;

    // As the hub does it all the time: a long list of words that are not in their index yet would be read by every search.
    private const string Merge = """
        SELECT gin_clean_pending_list(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'gin' AND c.relkind = 'i' AND i.indrelid IN (
            SELECT inhrelid FROM pg_inherits WHERE inhparent = 'package'::regclass)
        """;

    // {0} the month, {1} and {2} the tables to fill.
    private const string Fill = """
        CREATE TEMP TABLE letter_{0} ON COMMIT DROP AS
        SELECT l.number, l.at, s.n, l.agencies, s.id AS sender, (
                lpad(to_hex((extract(epoch FROM l.at) * 1000)::bigint), 12, '0')
                || '7' || substr(md5('p' || l.number), 1, 3) || '8' || substr(md5('q' || l.number), 1, 15))::uuid AS id,
            least(l.agencies - 1, CASE WHEN l.number % 100 = 0 THEN 102 WHEN l.number % 10 = 0 THEN 12
                WHEN l.number % 2 = 1 THEN 3 ELSE 1 END) AS recipients
        FROM (
            SELECT number, c.agencies, floor(c.agencies * ((number * 7919 % 10007) / 10007::float8) ^ 2)::bigint AS n,
                @from + (@to - @from) * ((number - @first)::float8 / (@next - @first)) AS at
            FROM generate_series(@first, @next - 1) AS number, (SELECT count(*) AS agencies FROM many_agency) AS c
        ) AS l
        JOIN many_agency s ON s.n = l.n;
        ANALYZE letter_{0};

        INSERT INTO {1} (id, received_at, door, office_system_id, sender_agency_id, sender_code, document_id, business,
            code_number, code_notation, promulgated_on, subject, words, type_name, priority, sha256, size, verdict, receipt,
            parties)
        SELECT l.id, l.at, 'http', 'many', l.sender, 'M', 'M,' || l.number, 0, l.number::text, 'UBND-VP', l.at::date,
            (ARRAY['Công văn về việc', 'Báo cáo', 'Kế hoạch', 'Thông báo', 'Quyết định', 'V/v báo cáo'])[1 + l.number % 6]
                || (ARRAY[' phòng chống lụt bão', ' cải cách hành chính', ' dự toán ngân sách', ' tuyển dụng viên chức',
                    ' chuyển đổi số', ' an toàn giao thông', ' tiêm chủng mở rộng'])[1 + l.number / 6 % 7] || r.rest,
            array_to_tsvector(string_to_array(
                (ARRAY['cong van ve viec', 'bao cao', 'ke hoach', 'thong bao', 'quyet dinh', 'v bao cao'])[1 + l.number % 6]
                || (ARRAY[' phong chong lut bao', ' cai cach hanh chinh', ' du toan ngan sach', ' tuyen dung vien chuc',
                    ' chuyen doi so', ' an toan giao thong', ' tiem chung mo rong'])[1 + l.number / 6 % 7]
                || translate(r.rest, 'ệăá', 'eaa'), ' ')),
            'Công văn', 0, sha256(l.number::text::bytea), 20000, 'valid', '{}',
            l.sender || ARRAY(
                SELECT a.id FROM generate_series(1, l.recipients) AS i
                JOIN many_agency a ON a.n = (l.n + 1 + (l.number * 13 + i) % (l.agencies - 1)) % l.agencies)
        FROM letter_{0} l CROSS JOIN LATERAL (
            SELECT ' huyện ' || l.number * 31 % 700 || ' tháng ' || 1 + l.number % 12 || ' năm '
                || extract(year FROM l.at) || ' việc ' || 'w' || l.number * 7907 % @rare AS rest
        ) AS r
        ORDER BY l.id;

        INSERT INTO {2} (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route, office_system_id,
            state, work, status, created_at, changed_at)
        SELECT (substr(l.id::text, 1, 24) || substr(md5('d' || l.number || '.' || i), 1, 12))::uuid, l.id, l.sender, a.id,
            'M', 'office_system', 'many', CASE WHEN (l.number * 4 + i) % 5000 = 0 THEN 'withdrawn' ELSE 'collected' END,
            w.work, w.work, l.at, l.at
        FROM letter_{0} l CROSS JOIN generate_series(1, l.recipients) AS i
        JOIN many_agency a ON a.n = (l.n + 1 + (l.number * 13 + i) % (l.agencies - 1)) % l.agencies
        CROSS JOIN LATERAL (
            SELECT CASE WHEN (l.number + i) % 3001 = 0 THEN '04' WHEN (l.number + i) % 501 = 0 THEN '02'
                ELSE (ARRAY['03', '05', '06', '06', '06', '06', '06', '01'])[1 + (l.number + i) % 8] END AS work
        ) AS w
        ORDER BY l.id;

        INSERT INTO document_number (number_key, sender_agency_id, package_id, promulgated_on)
        SELECT number || '/UBND-VP', sender, id, at::date FROM letter_{0};

        INSERT INTO document_key (sender_agency_id, document_id, variant, sha256, package_id)
        SELECT sender, 'M,' || number, '', '\x00', id FROM letter_{0};
        """;

    // A month that is not there yet is filled before it has indexes, and becomes a partition when it has them all.
    // {0} the parent, {1} the month's table.
    private const string Index = """
        DO $$
        DECLARE
            definition text;
        BEGIN
            ALTER TABLE {1} ADD PRIMARY KEY (id);
            FOR definition IN
                SELECT regexp_replace(pg_get_indexdef(indexrelid), '^CREATE INDEX \S+ ON ONLY \S+ ', 'CREATE INDEX ON {1} ')
                FROM pg_index WHERE indrelid = '{0}'::regclass AND NOT indisprimary
            LOOP
                EXECUTE definition;
            END LOOP;
        END $$;
        """;

    /// <param name="letters">Each has <see cref="Recipients"/> deliveries on average.</param>
    /// <param name="days">Over how long before <paramref name="until"/> they are spread.</param>
    public static async Task FillAsync(
        NpgsqlDataSource database,
        DateTimeOffset until,
        int letters,
        int days,
        CancellationToken cancellationToken = default
    )
    {
        await ExecuteAsync(database, Begin, cancellationToken);
        await Parallel.ForEachAsync(
            MonthsOf(until.AddDays(-days), until, letters),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnce,
                CancellationToken = cancellationToken,
            },
            async (month, cancellation) => await FillAsync(database, month, cancellation)
        );
        await ExecuteAsync(database, "DROP TABLE many_agency", cancellationToken);
        await ExecuteAsync(database, Merge, cancellationToken);
        await ExecuteAsync(database, "ANALYZE package, delivery", cancellationToken);
    }

    private static async Task FillAsync(
        NpgsqlDataSource database,
        Month month,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isNew = !await IsThereAsync(connection, $"package_{month.Suffix}", cancellationToken);
        await RunAsync(
            "SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL max_parallel_maintenance_workers = 0"
        );
        if (isNew)
        {
            await RunAsync(
                $"""
                CREATE TABLE package_{month.Suffix} (LIKE package INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
                CREATE TABLE delivery_{month.Suffix} (LIKE delivery INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
                """
            );
        }
        var (package, delivery) = isNew
            ? ($"package_{month.Suffix}", $"delivery_{month.Suffix}")
            : ("package", "delivery");
        await using (
            var fill = new NpgsqlCommand(With(Fill, month.Suffix, package, delivery), connection)
            {
                CommandTimeout = 0,
            }
        )
        {
            fill.Parameters.AddWithValue("from", month.From);
            fill.Parameters.AddWithValue("to", month.To);
            fill.Parameters.AddWithValue("first", month.First);
            fill.Parameters.AddWithValue("next", month.Next);
            fill.Parameters.AddWithValue("rare", (long)RareWords);
            await fill.ExecuteNonQueryAsync(cancellationToken);
        }
        if (isNew)
        {
            foreach (var parent in s_parents)
            {
                var table = $"{parent}_{month.Suffix}";
                await RunAsync(With(Index, parent, table));
            }
            // Last, because it shuts out whoever reads the default partition until the end.
            foreach (var parent in s_parents)
            {
                var table = $"{parent}_{month.Suffix}";
                await RunAsync(
                    $"""
                    ALTER TABLE {parent} ATTACH PARTITION {table} FOR VALUES
                    FROM ('{Axis.Hub.Storage.IdDays.Floor(month.Start)}')
                    TO ('{Axis.Hub.Storage.IdDays.Floor(month.Start.AddMonths(1))}')
                    """
                );
            }
        }
        await transaction.CommitAsync(cancellationToken);

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static string With(string sql, params string[] names) =>
        names
            .Select((name, n) => (name, n))
            .Aggregate(
                sql,
                (text, one) => text.Replace($"{{{one.n}}}", one.name, StringComparison.Ordinal)
            );

    /// <summary>Letters in proportion to time.</summary>
    private static IEnumerable<Month> MonthsOf(
        DateTimeOffset from,
        DateTimeOffset until,
        int letters
    )
    {
        var first = 0L;
        for (
            var start = new DateTimeOffset(from.Year, from.Month, 1, 0, 0, 0, TimeSpan.Zero);
            start < until;
            start = start.AddMonths(1)
        )
        {
            var begin = start > from ? start : from;
            var end = start.AddMonths(1) < until ? start.AddMonths(1) : until;
            var next = (long)(letters * ((end - from) / (until - from)));
            if (next > first)
            {
                yield return new Month(start, begin, end, first, next);
            }
            first = next;
        }
    }

    private static async Task<bool> IsThereAsync(
        NpgsqlConnection connection,
        string table,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(
            "SELECT to_regclass($1) IS NOT NULL",
            connection
        );
        command.Parameters.Add(new() { Value = table });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task ExecuteAsync(
        NpgsqlDataSource database,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Month(
        DateTimeOffset Start,
        DateTimeOffset From,
        DateTimeOffset To,
        long First,
        long Next
    )
    {
        public string Suffix => Start.ToString("yyyy_MM", CultureInfo.InvariantCulture);
    }
}
