using System.Text.Json;
using Axis.Hub.Delivery;
using Axis.Hub.Intake;
using Axis.Hub.Statuses;
using Axis.TestKit;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>
/// What a statement of the hot path costs must not depend on how much is stored: with ten years of partitions each of
/// them finds its rows by an index, and one that has an id touches that id's month alone.
/// </summary>
public sealed class PlanTests
{
    private const int Months = 120;

    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await using var command = _hub.Database.CreateCommand(
            $"SELECT ensure_partitions(now() - interval '{Months} months', {Months})"
        );
        await command.ExecuteNonQueryAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    private const string Id = "'018f0000-0000-7000-8000-000000000000'::uuid";

    private static IEnumerable<TestCaseData> Statements()
    {
        const string Ids = $"ARRAY[{Id}]";
        yield return Case(
            "claim",
            DeliveryOutbox.ClaimStatement,
            byId: false,
            "now()",
            "256",
            "interval '20 s'"
        );
        yield return Case(
            "mark sent",
            DeliveryOutbox.Sent,
            byId: true,
            Ids,
            "now()",
            Ids,
            "ARRAY['x']"
        );
        yield return Case(
            "mark failed",
            DeliveryOutbox.Failed,
            byId: true,
            Ids,
            "ARRAY['x']",
            "ARRAY[now()]",
            "now()",
            Ids,
            "ARRAY['x']",
            "ARRAY[0]",
            "ARRAY['x']",
            "ARRAY['x']"
        );
        yield return Case("park", DeliveryOutbox.Park, byId: true, Ids, "ARRAY[0]");
        yield return Case("list the inbox", InboxStore.List, byId: false, "'office'", "100");
        yield return Case("content of a delivery", InboxStore.Content, byId: true, Id, "'office'");
        yield return Case(
            "acknowledge",
            InboxStore.Acknowledge,
            byId: true,
            Ids,
            "'office'",
            "now()",
            Ids,
            "'http'"
        );
        yield return Case("first receipt", AcceptanceWriter.FirstOf, byId: true, Id, "'x'", "''");
        yield return Case(
            "claim events",
            EventOutbox.Claim,
            byId: false,
            "now()",
            "256",
            "interval '20 s'"
        );
        yield return Case("mark events sent", EventOutbox.Sent, byId: true, Ids);
    }

    [TestCaseSource(nameof(Statements))]
    public async Task A_statement_of_the_hot_path_uses_indexes_and_prunes(
        string sql,
        bool byId,
        string[] values
    )
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        // The plan as prepared statements have it. Empty tables are small enough to be read whole; where no index serves
        // a scan remains whatever is set.
        await ExecuteAsync(
            connection,
            "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off"
        );
        await ExecuteAsync(connection, $"PREPARE hot AS {sql}");
        await using var explain = new NpgsqlCommand(
            $"EXPLAIN (FORMAT JSON) EXECUTE hot ({string.Join(", ", values)})",
            connection
        );
        var plan = JsonSerializer.Deserialize<JsonElement>(
            (string)(await explain.ExecuteScalarAsync())!
        );
        var scans = Nodes(plan[0].GetProperty("Plan"))
            .Where(node => node.TryGetProperty("Relation Name", out _))
            .ToArray();
        Assert.That(
            scans
                .Where(node =>
                    node.GetProperty("Node Type").GetString() == "Seq Scan"
                    // A row for each inbox that ever failed.
                    && node.GetProperty("Relation Name").GetString() != "route_breaker"
                )
                .Select(node => node.GetProperty("Relation Name").GetString()),
            Is.Empty
        );
        if (byId)
        {
            var touched = scans
                .Where(node =>
                    node.GetProperty("Node Type")
                        .GetString()!
                        .Contains("Scan", StringComparison.Ordinal)
                )
                .Where(node => !IsPrunedWhenItRuns(plan[0].GetProperty("Plan"), node))
                .GroupBy(node => ParentOf(node.GetProperty("Relation Name").GetString()!))
                .ToDictionary(group => group.Key, group => group.Count());
            Assert.That(touched.Values, Is.All.LessThanOrEqualTo(3), string.Join(", ", touched));
        }
    }

    // Below a nested loop the partition is chosen for each row, when the value is known.
    private static bool IsPrunedWhenItRuns(JsonElement plan, JsonElement scan) =>
        Nodes(plan)
            .Where(node => node.GetProperty("Node Type").GetString() == "Nested Loop")
            .SelectMany(loop => loop.GetProperty("Plans").EnumerateArray())
            .Where(side =>
                side.GetProperty("Parent Relationship").GetString() == "Inner"
                && side.GetProperty("Node Type").GetString() == "Append"
            )
            .SelectMany(Nodes)
            .Any(node => node.GetRawText() == scan.GetRawText());

    private static string ParentOf(string partition) =>
        System.Text.RegularExpressions.Regex.Replace(
            partition,
            @"_(?:\d{4}_\d{2}|default)$",
            "",
            System.Text.RegularExpressions.RegexOptions.NonBacktracking
        );

    private static IEnumerable<JsonElement> Nodes(JsonElement plan) =>
        plan.TryGetProperty("Plans", out var below)
            ? below.EnumerateArray().SelectMany(Nodes).Prepend(plan)
            : [plan];

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static TestCaseData Case(string name, string sql, bool byId, params string[] values) =>
        new TestCaseData(sql, byId, values).SetName($"Plan of: {name}");
}
