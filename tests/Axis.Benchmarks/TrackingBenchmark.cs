using System.Diagnostics;
using Axis.Hub.Access;
using Axis.Hub.Letters;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Axis.LocalServers;
using Axis.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Benchmarks;

/// <summary>
/// Finding letters among many: a year of deliveries in a province of 300 agencies, each kind of question asked with
/// changing words and agencies, as an office of one agency, as a system that serves sixty, and as an operator. Then what
/// the indexes cost those who write.
/// </summary>
internal static class TrackingBenchmark
{
    private const string Name = "tracking";
    private const int Agencies = 300;
    private const int Days = 365;
    private const int Runs = 300;
    private const int WriteBatches = 100;

    // What Storage/HubDatabase says to PostgreSQL.
    public const string AsTheHub =
        ";Max Auto Prepare=100;Options=-c jit=off -c plan_cache_mode=force_custom_plan";

    public const int DefaultDeliveries = 1_000_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        int deliveries,
        CancellationToken cancellationToken
    )
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var database = NpgsqlDataSource.Create(
            await servers.CreateDatabaseAsync(cancellationToken) + AsTheHub
        );
        await new Migrator(
            database,
            TimeProvider.System,
            NullLogger<Migrator>.Instance
        ).MigrateAsync(cancellationToken);
        await RegisterAsync(database);
        var now = TimeProvider.System.GetUtcNow();
        var watch = Stopwatch.StartNew();
        await ManyLetters.FillAsync(
            database,
            now,
            deliveries / ManyLetters.Recipients,
            Days,
            cancellationToken
        );
        var figures = new List<Figure>
        {
            new(Name, $"making {deliveries:N0} deliveries", watch.Elapsed.TotalSeconds, "s", null),
        };
        using var registry = new RegistryCache(
            database,
            new RegistryReader(database, NullLogger<RegistryReader>.Instance),
            Options.Create(new RegistryOptions()),
            TimeProvider.System,
            NullLogger<RegistryCache>.Instance
        );
        await registry.StartAsync(cancellationToken);
        var search = new LetterSearch(database, registry, TimeProvider.System);
        foreach (var (kind, sees, query) in Questions(registry.Current, deliveries, now))
        {
            figures.AddRange(await AskAsync(search, kind, sees, query, cancellationToken));
        }
        await registry.StopAsync(cancellationToken);
        figures.AddRange(await WriteAsync(database, cancellationToken));
        return figures;
    }

    private static IReadOnlyList<(string Kind, Sees Sees, Func<int, LetterQuery> Query)> Questions(
        RegistrySnapshot registry,
        int deliveries,
        DateTimeOffset now
    )
    {
        var one = Permissions.Letters(registry.OfficeSystem("one")!);
        var sixty = Permissions.Letters(registry.OfficeSystem("sixty")!);
        var all = Permissions.Letters(new OperatorCaller("bench", OperatorRoles.Viewer));
        var letters = deliveries / ManyLetters.Recipients;
        Guid[] Agency(int i) => [registry.LastOwnerOf(CodeOf(i * 37 % Agencies))!.Id];
        static string Rare(int i) => $"w{i * 7919 % ManyLetters.RareWords}";
        // A page behind others: as from a cursor, months back.
        LetterQuery Later(LetterQuery query, int i) =>
            query with
            {
                Before = IdDays.Floor(now.AddDays(-1 - i)),
            };
        string Frequent(int i) => $"báo cáo tháng {1 + i % 12}";
        return
        [
            ("one agency, newest", one, _ => new()),
            ("one agency, a later page", one, i => Later(new(), i)),
            ("one agency, frequent words", one, i => new(Words: Frequent(i))),
            (
                "one agency, frequent words, a later page",
                one,
                i => Later(new(Words: Frequent(i)), i)
            ),
            ("one agency, rarer words", one, i => new(Words: $"huyen {i % 700}")),
            ("one agency, a word of few letters", one, i => new(Words: Rare(i))),
            ("one agency, from a sender", one, i => new(Senders: Agency(i))),
            ("one agency, in a stage", one, _ => new(State: "processing")),
            ("one agency, in a rare stage", one, _ => new(State: "withdrawn")),
            (
                "one agency, frequent words in a rare stage",
                one,
                i => new(Words: Frequent(i), State: "refused")
            ),
            (
                "one agency, a week",
                one,
                i => new(From: now.AddDays(-7 - i), Until: now.AddDays(-i))
            ),
            (
                "one agency, words of a week",
                one,
                i => new(Words: "ngân sách", From: now.AddDays(-7 - i), Until: now.AddDays(-i))
            ),
            ("sixty agencies, newest", sixty, _ => new()),
            ("sixty agencies, a later page", sixty, i => Later(new(), i)),
            ("sixty agencies, frequent words", sixty, i => new(Words: Frequent(i))),
            ("sixty agencies, rarer words", sixty, i => new(Words: $"huyen {i % 700}")),
            ("sixty agencies, a word of few letters", sixty, i => new(Words: Rare(i))),
            ("sixty agencies, from a sender", sixty, i => new(Senders: Agency(i))),
            ("sixty agencies, in a stage", sixty, _ => new(State: "processing")),
            ("sixty agencies, in a rare stage", sixty, _ => new(State: "withdrawn")),
            (
                "sixty agencies, frequent words in a rare stage",
                sixty,
                i => new(Words: Frequent(i), State: "assigned")
            ),
            ("operator, newest", all, _ => new()),
            ("operator, a later page", all, i => Later(new(), i)),
            ("operator, frequent words", all, i => new(Words: Frequent(i))),
            ("operator, a very frequent word, a later page", all, i => Later(new(Words: "năm"), i)),
            ("operator, rarer words", all, i => new(Words: $"huyen {i % 700}")),
            ("operator, a word of few letters", all, i => new(Words: Rare(i))),
            ("operator, a word of no letter", all, i => new(Words: $"không{i}")),
            (
                "operator, a sender and a recipient",
                all,
                i => new(Senders: Agency(i), Recipients: Agency(i + 3))
            ),
            ("operator, a sender", all, i => new(Senders: Agency(i))),
            (
                "operator, a recipient in a stage",
                all,
                i => new(Recipients: Agency(i), State: "received")
            ),
            ("operator, a rare stage", all, _ => new(State: "withdrawn")),
            ("operator, a stage of no letter", all, _ => new(State: "recall_asked")),
            (
                "operator, frequent words in a rare stage",
                all,
                i => new(Words: Frequent(i), State: "assigned")
            ),
            ("operator, a document id", all, i => new(DocumentId: $"M,{i * 7919L % letters}")),
            ("operator, a number", all, i => new(NumberKey: $"{i * 7919L % letters}/UBND-VP")),
        ];
    }

    private static async Task<IEnumerable<Figure>> AskAsync(
        LetterSearch search,
        string kind,
        Sees sees,
        Func<int, LetterQuery> query,
        CancellationToken cancellationToken
    )
    {
        var times = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            var watch = Stopwatch.StartNew();
            await search.FindAsync(query(i), sees, cancellationToken);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        var sorted = times.Order().ToArray();
        return
        [
            new(Name, $"{kind}, p50", sorted[Runs / 2], "ms", null),
            new(Name, $"{kind}, p99", sorted[Runs * 99 / 100], "ms", null),
        ];
    }

    /// <summary>
    /// Batches of fifty letters to four recipients each, and three moves of every delivery, as the exchange writes them:
    /// with the indexes, and without.
    /// </summary>
    private static async Task<IEnumerable<Figure>> WriteAsync(
        NpgsqlDataSource database,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, "CHECKPOINT", cancellationToken);
        var with = await BatchesAsync(connection, 0, cancellationToken);
        await ExecuteAsync(
            connection,
            "DROP INDEX package_search, package_sender, delivery_recipient, delivery_sender, delivery_stage_package; CHECKPOINT",
            cancellationToken
        );
        var without = await BatchesAsync(connection, WriteBatches, cancellationToken);
        return
        [
            new(
                Name,
                "a batch of fifty letters written and moved, beside no search indexes",
                with,
                "ms",
                without
            ),
        ];
    }

    private static async Task<double> BatchesAsync(
        NpgsqlConnection connection,
        int from,
        CancellationToken cancellationToken
    )
    {
        const string Insert = """
            WITH letters AS (
                SELECT n, (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
                    || substr(md5(@batch || 'p' || n), 1, 3) || '8' || substr(md5(@batch || 'q' || n), 1, 15))::uuid AS id,
                    (SELECT agency_id FROM agency_code WHERE code = 'M77.' || (n * 7 + @batch) % 300) AS sender
                FROM generate_series(1, 50) AS n
            ),
            packages AS (
                INSERT INTO package (id, received_at, door, office_system_id, sender_agency_id, sender_code, document_id,
                    business, subject, words, sha256, size, verdict, receipt, parties)
                SELECT id, now(), 'http', 'many', sender, 'M', 'W,' || @batch || ',' || n, 0,
                    'Báo cáo phòng chống lụt bão huyện ' || n || ' việc w' || n * 7919 % 50000,
                    ('bao cao phong chong lut huyen ' || n || ' viec w' || n * 7919 % 50000)::tsvector, '\x00', 1, 'valid', '{}',
                    ARRAY[sender] || (SELECT array_agg(agency_id) FROM agency_code
                        WHERE code IN ('M77.' || (n * 11 + 1) % 300, 'M77.' || (n * 11 + 2) % 300, 'M77.' || (n * 11 + 3) % 300, 'M77.' || (n * 11 + 4) % 300))
                FROM letters
            )
            INSERT INTO delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route,
                office_system_id, state, created_at, changed_at)
            SELECT (substr(l.id::text, 1, 24) || substr(md5(@batch || 'd' || l.n || '.' || i), 1, 12))::uuid, l.id, l.sender,
                (SELECT agency_id FROM agency_code WHERE code = 'M77.' || (l.n * 11 + i) % 300), 'M', 'office_system', 'many',
                'dispatched', now(), now()
            FROM letters l CROSS JOIN generate_series(1, 4) AS i
            RETURNING id
            """;
        const string Move =
            "UPDATE delivery SET state = 'collected', work = @work, changed_at = now() WHERE id = ANY(@ids)";
        var times = new List<double>();
        for (var batch = from; batch < from + WriteBatches; batch++)
        {
            var watch = Stopwatch.StartNew();
            var ids = new List<Guid>();
            await using (var insert = new NpgsqlCommand(Insert, connection))
            {
                insert.Parameters.AddWithValue("batch", batch);
                await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    ids.Add(reader.GetGuid(0));
                }
            }
            foreach (var work in (string[])["01", "03", "06"])
            {
                await using var move = new NpgsqlCommand(Move, connection);
                move.Parameters.AddWithValue("work", work);
                move.Parameters.AddWithValue("ids", ids.ToArray());
                await move.ExecuteNonQueryAsync(cancellationToken);
            }
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        // The mean: merging the pending list falls on one batch in many, and belongs to all.
        return times.Average();
    }

    private static async Task RegisterAsync(NpgsqlDataSource database)
    {
        var registry = new TestRegistry(database);
        for (var i = 0; i < Agencies; i++)
        {
            await registry.AddAgencyAsync(CodeOf(i));
        }
        await registry.AddOfficeSystemAsync("one", Door.Http, SignaturePolicy.Record, CodeOf(7));
        await registry.AddOfficeSystemAsync(
            "sixty",
            Door.Http,
            SignaturePolicy.Record,
            [.. Enumerable.Range(100, 60).Select(CodeOf)]
        );
    }

    private static string CodeOf(int i) => $"M77.{i}";

    private static async Task ExecuteAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        foreach (var statement in sql.Split(';', StringSplitOptions.TrimEntries))
        {
            await using var command = new NpgsqlCommand(statement, connection)
            {
                CommandTimeout = 0,
            };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
