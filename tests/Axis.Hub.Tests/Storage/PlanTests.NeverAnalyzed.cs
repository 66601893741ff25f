using System.Globalization;
using Axis.Hub.Events;
using Axis.Hub.Statuses;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>A month on its first day: full already, and never analyzed.</summary>
public sealed partial class PlanTests
{
    // More than the guess of one in 200 hides.
    private const int Crowd = 20_000;

    // As many as share a transaction under load.
    private const int Batch = 30;

    private string _deliveries = "";
    private string _packages = "";

    /// <summary>Many like the one letter, on the same day, of which PostgreSQL knows nothing yet.</summary>
    private async Task CrowdAsync()
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        var month = TimeProvider
            .System.GetUtcNow()
            .ToString("yyyy_MM", CultureInfo.InvariantCulture);
        await ExecuteAsync(
            connection,
            $"""
            ALTER TABLE package_{month} SET (autovacuum_enabled = false);
            ALTER TABLE delivery_{month} SET (autovacuum_enabled = false);
            ALTER TABLE event_{month} SET (autovacuum_enabled = false);
            CREATE TEMP TABLE crowd AS
                SELECT n, (left('{_package}', 13) || substr(gen_random_uuid()::text, 14))::uuid AS package_id,
                    (left('{_delivery}', 13) || substr(gen_random_uuid()::text, 14))::uuid AS delivery_id
                FROM generate_series(1, {Crowd}) AS n;
            INSERT INTO package SELECT r.* FROM package p CROSS JOIN crowd c
                CROSS JOIN LATERAL jsonb_populate_record(p, jsonb_build_object('id', c.package_id)) AS r
                WHERE p.id = '{_package}';
            INSERT INTO delivery SELECT r.* FROM delivery d CROSS JOIN crowd c
                CROSS JOIN LATERAL jsonb_populate_record(d,
                    jsonb_build_object('id', c.delivery_id, 'package_id', c.package_id)) AS r
                WHERE d.id = '{_delivery}';
            INSERT INTO event (id, office_system_id, type, at, delivery_id, body, state)
                SELECT c.delivery_id, 'office', 'x', now(), c.delivery_id, JSON '1', 'taken' FROM crowd c;
            """
        );
        await using var some = new NpgsqlCommand(
            $"SELECT array_agg(delivery_id)::text, array_agg(package_id)::text FROM crowd WHERE n <= {Batch}",
            connection
        );
        await using var reader = await some.ExecuteReaderAsync();
        await reader.ReadAsync();
        (_deliveries, _packages) = (reader.GetString(0), reader.GetString(1));
    }

    private static IEnumerable<TestCaseData> LookUps()
    {
        const string OfItsDay =
            "uuid7_floor(now() - interval '12 hours'), uuid7_floor(now() + interval '12 hours')";
        const string Some = "'{deliveries}'::uuid[]";
        const string Packages = "'{packages}'::uuid[]";
        static string Each(string value) => $"array_fill({value}, ARRAY[{Batch}])";
        yield return Case(
            "lock deliveries",
            DeliveryLocks.Lock,
            "uuid[], uuid, uuid",
            $"{Some}, {OfItsDay}"
        );
        yield return Case(
            "facts of deliveries",
            DeliveryFacts.Select,
            "uuid[], uuid, uuid, uuid[]",
            $"{Some}, {OfItsDay}, NULL"
        );
        yield return Case(
            "deliveries of letters",
            LetterLookup.Deliveries,
            "uuid[], uuid, uuid, uuid[]",
            $"{Packages}, {OfItsDay}, ARRAY['{{recipient}}'::uuid]"
        );
        yield return Case("letters of updates", LettersWithUpdates.UpdatesOf, "uuid[]", Some);
        yield return Case(
            "deliveries of updates",
            LettersWithUpdates.DeliveriesOf,
            "uuid[], uuid, uuid, uuid[]",
            $"{Packages}, {OfItsDay}, {Some}"
        );
        yield return Case(
            "move deliveries",
            LifeChangeWriter.Move,
            "uuid[], text[], text[], text[], text[], timestamptz[], int[]",
            string.Join(
                ", ",
                Some,
                Each("'dispatched'::text"),
                Each("NULL::text"),
                Each("NULL::text"),
                Each("NULL::text"),
                Each("now()"),
                Each("1")
            )
        );
        yield return Case("what is not numbered", EventNumbering.Unnumbered, "", "");
    }

    /// <summary>
    /// On the first of a month its tables were never analyzed. PostgreSQL then takes one row in 200 to be in any range,
    /// and reads the range for a few rows; it may do that only where rows are few.
    /// </summary>
    [TestCaseSource(nameof(LookUps))]
    public async Task Rows_of_a_month_that_was_never_analyzed_are_looked_up_one_by_one(
        string sql,
        string types,
        string values
    )
    {
        var read = await ReadAsync(sql, types, values);
        Assert.That(read.Max(), Is.LessThan(Crowd / 10));
    }

    /// <summary>How many rows each scan looked at.</summary>
    private async Task<IReadOnlyList<double>> ReadAsync(string sql, string types, string values) =>
        [
            .. from node in await PlanAsync("ANALYZE, ", "enable_seqscan = on", sql, types, values)
            where
                node.GetProperty("Node Type")
                    .GetString()!
                    .EndsWith("Scan", StringComparison.Ordinal)
            let removed = node.TryGetProperty("Rows Removed by Filter", out var rows)
                ? rows.GetDouble()
                : 0
            select node.GetProperty("Actual Rows").GetDouble() + removed,
        ];
}
