using Npgsql;

namespace Axis.TestKit;

/// <summary>
/// Letters by the million, made by the database itself: rows of packages and deliveries as they would be after a while,
/// spread over the agencies of the registry and over time. Without payloads and history, which no list reads.
/// </summary>
public static class ManyLetters
{
    /// <summary>Recipients of each letter.</summary>
    public const int Recipients = 4;

    // A few frequent words, many rare ones. "number" is the letter's; agencies are drawn by arithmetic, not by chance.
    private const string Fill = """
        SELECT ensure_partitions(@until::timestamptz - make_interval(secs => @seconds), @months);

        CREATE TEMP TABLE many_agency AS
            SELECT (row_number() OVER (ORDER BY id) - 1)::int AS n, id FROM agency WHERE reach = 'province';
        CREATE UNIQUE INDEX ON many_agency (n);
        ANALYZE many_agency;

        CREATE TEMP TABLE many_letter AS
        SELECT number, (
                lpad(to_hex(((extract(epoch FROM @until::timestamptz) - @seconds::float8 * (1 - number::float8 / @letters)) * 1000)::bigint), 12, '0')
                || '7' || substr(md5('p' || number), 1, 3) || '8' || substr(md5('q' || number), 1, 15))::uuid AS id,
            @until::timestamptz - make_interval(secs => @seconds * (1 - number::float8 / @letters)) AS at,
            (number * 7919 % (SELECT count(*) FROM many_agency))::int AS sender
        FROM generate_series(0, @letters - 1) AS number;

        INSERT INTO package (id, received_at, door, office_system_id, sender_agency_id, sender_code, document_id, business,
            code_number, code_notation, promulgated_on, subject, type_name, priority, sha256, size, verdict, receipt,
            parties)
        SELECT l.id, l.at, 'http', 'many', s.id, 'M', 'M,' || l.number, 0, l.number::text, 'UBND-VP', l.at::date,
            (ARRAY['Báo cáo', 'Kế hoạch', 'Công văn về việc', 'Thông báo', 'Quyết định'])[1 + l.number % 5]
                || ' phòng chống lụt bão huyện ' || (l.number * 31 % 700) || ' tháng ' || (1 + l.number % 12)
                || ' việc ' || substr(md5('w' || l.number % 50000), 1, 6),
            'Công văn', 0, sha256(l.number::text::bytea), 20000, 'valid', '{}',
            ARRAY[s.id] || (SELECT array_agg(r.id) FROM many_agency r WHERE r.n IN (
                SELECT (l.sender + 1 + l.number % 13 + i * 17) % (SELECT count(*) FROM many_agency)
                FROM generate_series(1, @recipients) AS i))
        FROM many_letter l JOIN many_agency s ON s.n = l.sender;

        INSERT INTO document_number (number_key, sender_agency_id, package_id, promulgated_on)
        SELECT l.number || '/UBND-VP', s.id, l.id, l.at::date FROM many_letter l JOIN many_agency s ON s.n = l.sender;

        INSERT INTO document_key (sender_agency_id, document_id, variant, sha256, package_id)
        SELECT s.id, 'M,' || l.number, '', '\x00', l.id FROM many_letter l JOIN many_agency s ON s.n = l.sender;

        INSERT INTO delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route,
            office_system_id, state, work, status, created_at, changed_at)
        SELECT (substr(l.id::text, 1, 24) || substr(md5('d' || l.number || '.' || i), 1, 12))::uuid, l.id, s.id, r.id, 'M',
            'office_system', 'many',
            CASE WHEN (l.number * 4 + i) % 5000 = 0 THEN 'withdrawn' ELSE 'collected' END,
            (ARRAY['03', '05', '06', '06', '06', '06', '06', '01'])[1 + (l.number + i) % 8],
            (ARRAY['03', '05', '06', '06', '06', '06', '06', '01'])[1 + (l.number + i) % 8], l.at, l.at
        FROM many_letter l JOIN many_agency s ON s.n = l.sender CROSS JOIN generate_series(1, @recipients) AS i
            JOIN many_agency r
                ON r.n = (l.sender + 1 + l.number % 13 + i * 17) % (SELECT count(*) FROM many_agency);

        DROP TABLE many_letter, many_agency;
        """;

    /// <param name="letters">Each has <see cref="Recipients"/> deliveries.</param>
    /// <param name="days">Over how long before <paramref name="until"/> they are spread.</param>
    public static async Task FillAsync(
        NpgsqlDataSource database,
        DateTimeOffset until,
        int letters,
        int days,
        CancellationToken cancellationToken = default
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var fill = new NpgsqlCommand(Fill, connection) { CommandTimeout = 0 })
        {
            fill.Parameters.AddWithValue("until", until);
            fill.Parameters.AddWithValue("seconds", (double)days * 86_400);
            fill.Parameters.AddWithValue("months", days / 28 + 1);
            fill.Parameters.AddWithValue("letters", letters);
            fill.Parameters.AddWithValue("recipients", Recipients);
            await fill.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var analyze = new NpgsqlCommand("ANALYZE package, delivery", connection)
        {
            CommandTimeout = 0,
        };
        await analyze.ExecuteNonQueryAsync(cancellationToken);
    }
}
