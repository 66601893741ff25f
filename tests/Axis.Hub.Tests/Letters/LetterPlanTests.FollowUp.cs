using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Deadlines;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Letters;

/// <summary>What was sent and is waited for walks the index of the stages, too (docs/deadlines.md).</summary>
public sealed partial class LetterPlanTests
{
    [Test]
    public async Task What_is_waited_for_walks_the_stages_of_the_sender_and_reads_nothing_that_is_done()
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        await connection.ExecuteAsync("SET enable_seqscan = off; SET jit = off");
        var plan = await connection.ExecuteScalarAsync<string>(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + FollowUp.Statement,
            FollowUp.ValuesOf(Own, Days(90), after: null, limit: 21)
        );
        var nodes = NodesOf(JsonDocument.Parse(plan!).RootElement[0].GetProperty("Plan")).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(nodes.Select(KindOf), Does.Not.Contain("Seq Scan"), plan);
            // Of a month without letters any index will do.
            var walks = nodes
                .Where(node =>
                    IndexOf(node).Contains("delivery", StringComparison.Ordinal)
                    && RowsOf(node, "Actual Rows") + RowsOf(node, "Rows Removed by Filter") > 0
                )
                .ToArray();
            Assert.That(walks.Select(IndexOf), Is.Not.Empty.And.All.Contains(Sender), plan);
            // A walk in the order of the page stops with it: little is read, and nothing is thrown away.
            Assert.That(
                walks.Select(node => RowsOf(node, "Rows Removed by Filter")),
                Is.All.Zero,
                plan
            );
            Assert.That(
                walks.Select(node => RowsOf(node, "Actual Rows")),
                Is.All.LessThan(3 * 21),
                plan
            );
        }
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100)]
    public async Task Pages_of_what_is_waited_for_are_what_reading_everything_gives(int limit)
    {
        const int Pages = 4;
        var followUp = _hub.Services.GetRequiredService<FollowUp>();
        foreach (var sees in (Sees[])[Own, new Sees([.. _registry.Agencies.Select(one => one.Id)])])
        {
            await using var connection = await _hub.Database.OpenConnectionAsync();
            var expected = await connection.QueryAsync<Guid>(
                """
                SELECT d.id FROM delivery d JOIN package p ON p.id = d.package_id
                WHERE d.sender_agency_id = ANY(@agencies) AND p.business <> 1 AND d.about IS NULL
                    AND p.received_at >= @from
                    AND delivery_stage(d.state, d.work, d.dialogue) NOT IN
                        ('done', 'refused', 'recalled', 'withdrawn', 'replaced', 'expired')
                ORDER BY d.package_id, d.id LIMIT @most
                """,
                new
                {
                    agencies = sees.Agencies,
                    from = Days(50),
                    most = Pages * limit,
                }
            );
            var found = new List<Guid>();
            Guid? after = null;
            for (var page = 0; page < Pages; page++)
            {
                var answer = await followUp.ListAsync(
                    sees,
                    Days(50),
                    after,
                    limit,
                    CancellationToken.None
                );
                found.AddRange(answer.Items.Select(item => item.DeliveryId));
                if ((after = answer.Next) is null)
                {
                    break;
                }
            }
            Assert.That(found, Is.EqualTo(expected), $"{sees.Agencies!.Length} agencies");
            Assert.That(found, Is.Not.Empty);
        }
    }

    private static DateTimeOffset Days(int ago) =>
        new DateTimeOffset(TimeProvider.System.GetUtcNow().Date, TimeSpan.Zero).AddDays(-ago);

    private static string KindOf(JsonElement node) => node.GetProperty("Node Type").GetString()!;

    private static double RowsOf(JsonElement node, string what) =>
        node.TryGetProperty(what, out var rows) ? rows.GetDouble() : 0;

    private static string IndexOf(JsonElement node) =>
        node.TryGetProperty("Index Name", out var index) ? index.GetString()! : "";
}
