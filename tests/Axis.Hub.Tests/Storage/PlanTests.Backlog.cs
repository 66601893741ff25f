using Axis.Hub.National;
using Axis.Hub.Operations;

namespace Axis.Hub.Tests.Storage;

/// <summary>What is asked again and again, every few seconds, must not read through what lies beside it.</summary>
public sealed partial class PlanTests
{
    private static IEnumerable<TestCaseData> Counts() =>
        DeliveryGauges.Statements.Select(
            (sql, n) => Case($"open deliveries, {n + 1}", sql, "", "")
        );

    // Twenty thousand lie in one inbox, and nothing elsewhere.
    [TestCaseSource(nameof(Counts))]
    public async Task A_count_of_open_deliveries_reads_what_it_counts_and_nothing_else(
        string sql,
        string types,
        string values
    )
    {
        var passedBy =
            from node in await PlanAsync("ANALYZE, ", "enable_seqscan = off", sql, types, values)
            where node.TryGetProperty("Rows Removed by Filter", out _)
            select node.GetProperty("Rows Removed by Filter").GetDouble();
        Assert.That(passedBy.Sum(), Is.Zero);
    }

    [Test]
    public async Task Calls_of_unknown_outcome_are_not_looked_for_among_all_that_is_due()
    {
        const int Due = 3_000;
        await using (var connection = await _hub.Database.OpenConnectionAsync())
        {
            await ExecuteAsync(
                connection,
                $"""
                INSERT INTO far_sending (id, axis, kind, source_id, stream, from_code, recipients, deliveries, sha256, size,
                    notation, title, urgent, created_at, state, next_attempt_at)
                SELECT g.id, 'backlog', 'document', g.id, g.id, 'H99', ARRAY['H37'], ARRAY[g.id], '\x00', 1, '', '', false,
                    now(), CASE n WHEN 1 THEN 'unclear' ELSE 'due' END, now()
                FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, {Due}) AS n) AS g
                """
            );
        }
        var read = (double[])
            [
                .. await ReadAsync(
                    FarClaims.Answered,
                    "text, timestamptz, bigint",
                    "'backlog', now(), 200"
                ),
                .. await ReadAsync(
                    FarClaims.ClaimUnclear,
                    "text, timestamptz, bigint, interval, interval",
                    "'backlog', now(), 200, '2 min', '2 min'"
                ),
            ];
        Assert.That(read.Max(), Is.LessThan(Due / 10));
    }
}
