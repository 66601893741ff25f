using System.Text.Json;
using Axis.Hub.Delivery;
using Axis.Hub.Intake;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>
/// What a statement of the hot path costs must not depend on how much is stored: with ten years of partitions each of
/// them finds its rows by an index.
/// </summary>
public sealed partial class PlanTests
{
    private const int Months = 120;

    private TestHub _hub = null!;
    private Guid _delivery;
    private Guid _package;
    private Guid _sender;
    private Guid _recipient;

    [OneTimeSetUp]
    public async Task A_letter_and_ten_years_of_partitions()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await Partitions.EnsureAsync(
            _hub.Database,
            TimeProvider.System.GetUtcNow().AddMonths(-Months),
            Months,
            CancellationToken.None
        );
        using var office = await _hub.ClientAsync("office");
        var receipt = await office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune).Signed()
        );
        (_package, _delivery) = (receipt.PackageId, receipt.DeliveryTo(TestProvince.Commune));
        await using var sender = _hub.Database.CreateCommand(
            $"SELECT sender_agency_id, recipient_agency_id FROM delivery WHERE id = '{_delivery}'"
        );
        await using (var row = await sender.ExecuteReaderAsync())
        {
            await row.ReadAsync();
            (_sender, _recipient) = (row.GetGuid(0), row.GetGuid(1));
        }
        await CrowdAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    private const string Delivery = "'{delivery}'";
    private const string Deliveries = "ARRAY['{delivery}']::uuid[]";
    private const string Words = "ARRAY['x']";

    // What happens to every delivery, by ids in an array.
    private static IEnumerable<TestCaseData> Marks()
    {
        yield return Case(
            "mark sent",
            DispatchMarks.Sent,
            "uuid[], timestamptz, uuid[], text[], uuid, uuid, bigint",
            $"{Deliveries}, now(), {Deliveries}, ARRAY['commune'], {Delivery}, {Delivery}, 0"
        );
        yield return Case(
            "mark sent and told",
            DispatchMarks.SentAndTold,
            "uuid[], timestamptz, uuid[], text[], uuid, uuid, bigint",
            $"{Deliveries}, now(), {Deliveries}, ARRAY['commune'], {Delivery}, {Delivery}, 0"
        );
        yield return Case(
            "mark failed",
            DeliveryOutbox.Failed,
            "uuid[], text[], timestamptz[], timestamptz, text[], int[], text[], text[], uuid, uuid, boolean[]",
            $"{Deliveries}, {Words}, ARRAY[now()], now(), {Words}, ARRAY[0], {Words}, ARRAY['commune'], {Delivery}, {Delivery}, ARRAY[false]"
        );
        yield return Case(
            "park",
            DeliveryOutbox.Park,
            "uuid[], int[], uuid, uuid",
            $"{Deliveries}, ARRAY[0], {Delivery}, {Delivery}"
        );
    }

    private static IEnumerable<TestCaseData> Statements()
    {
        const string Sender = "{sender}";
        const string Package = "{package}";
        const string OfItsDay =
            "uuid7_floor(now() - interval '12 hours'), uuid7_floor(now() + interval '12 hours')";
        yield return Case(
            "claim",
            DeliveryOutbox.ClaimStatement,
            "timestamptz, bigint, interval",
            "now(), 256, '20 s'"
        );
        foreach (var mark in Marks())
        {
            yield return mark;
        }
        yield return Case("list the inbox", InboxStore.List, "text, bigint", "'commune', 100");
        yield return Case(
            "content of a delivery",
            InboxStore.Content,
            "uuid, text",
            $"{Delivery}, 'commune'"
        );
        yield return Case(
            "acknowledge",
            InboxStore.Acknowledge,
            "uuid[], text, timestamptz, uuid[], text, boolean",
            $"{Deliveries}, 'commune', now(), {Deliveries}, 'http', false"
        );
        yield return Case(
            "first receipt",
            AcceptanceWriter.FirstOf,
            "uuid, text, text",
            "'{sender}', 'x', ''"
        );
        yield return Case(
            "claim events",
            EventOutbox.Claim,
            "timestamptz, bigint, interval",
            "now(), 256, '20 s'"
        );
        yield return Case(
            "mark events sent",
            EventOutbox.Sent,
            "uuid[], bigint",
            $"{Deliveries}, 0"
        );
        yield return Case(
            "mark events failed",
            EventOutbox.Failed,
            "uuid[], timestamptz[], text[]",
            $"{Deliveries}, ARRAY[now()], {Words}"
        );
        yield return Case("park events", EventOutbox.Park, "uuid[]", Deliveries);
        yield return Case(
            "claim a probe",
            DeliveryOutbox.ClaimProbesStatement,
            "timestamptz, bigint, interval",
            "now(), 16, '20 s'"
        );
        yield return Case(
            "claim a probe of events",
            EventOutbox.ClaimProbes,
            "timestamptz, bigint, interval",
            "now(), 16, '20 s'"
        );
        yield return Case(
            "events of a lost queue, not numbered",
            LostEvents.NotNumbered,
            "text, uuid, bigint",
            $"'department', {Delivery}, 2000"
        );
        yield return Case(
            "events of a lost queue",
            LostEvents.Numbered,
            "text, bigint, bigint",
            "'department', 0, 2000"
        );
        yield return Case(
            "put back events",
            LostEvents.PutBack,
            "uuid[], uuid, uuid, timestamptz, timestamptz",
            $"{Deliveries}, {Delivery}, {Delivery}, now(), now()"
        );
        foreach (var tables in (BreakerTables[])[BreakerTables.Inboxes, BreakerTables.Events])
        {
            yield return Case(
                $"let go what was parked for an {tables.Queue}",
                tables.LetGo,
                "timestamptz, bigint",
                "now(), 5000"
            );
            yield return Case(
                $"note that nothing is parked for an {tables.Queue}",
                tables.Emptied,
                "timestamptz",
                "now()"
            );
        }
        yield return Case(
            "find a letter by its id",
            LetterLookup.ById,
            "int[], uuid[], text[]",
            $"ARRAY[0], ARRAY['{Sender}'::uuid], {Words}"
        );
        yield return Case(
            "find a letter by its number",
            LetterLookup.ByNumber,
            "int[], uuid[], text[], date[]",
            $"ARRAY[0], ARRAY['{Sender}'::uuid], {Words}, ARRAY[NULL]::date[]"
        );
        yield return Case(
            "deliveries of letters",
            LetterLookup.Deliveries,
            "uuid[], uuid, uuid, uuid[]",
            $"ARRAY['{Package}']::uuid[], {OfItsDay}, NULL"
        );
        yield return Case(
            "lock deliveries",
            DeliveryLocks.Lock,
            "uuid[], uuid, uuid",
            $"{Deliveries}, {OfItsDay}"
        );
        yield return Case(
            "what is to be told of an inbox",
            InboxNews.Untold,
            "uuid[], uuid, uuid",
            $"{Deliveries}, {OfItsDay}"
        );
        yield return Case(
            "tell an inbox",
            EventAnnouncer.InsertArrivals,
            "uuid[], text[], text[], timestamptz[], uuid[], uuid[], json[], text[], timestamptz[], int[], uuid[], uuid[], uuid[]",
            $"{Deliveries}, {Words}, {Words}, ARRAY[now()], {Deliveries}, {Deliveries}, ARRAY['{{}}']::json[], ARRAY['listed'], ARRAY[now()], ARRAY[1], {Deliveries}, {Deliveries}, {Deliveries}"
        );
    }

    /// <summary>
    /// Tables of a test are small enough to be read whole; with that forbidden a scan remains only where no index serves.
    /// </summary>
    [TestCaseSource(nameof(Statements))]
    public async Task A_statement_of_the_hot_path_finds_its_rows_by_an_index(
        string sql,
        string types,
        string values
    )
    {
        var whole = (await ScansAsync(sql, types, values))
            .Where(scan => scan.Node == "Seq Scan")
            .Select(scan => scan.Relation)
            // A row for each inbox that ever failed; and one row.
            .Where(relation =>
                relation is not ("route_breaker" or "event_breaker" or "event_feed_head")
            );
        Assert.That(whole, Is.Empty);
    }

    [TestCaseSource(nameof(Marks))]
    public async Task A_mark_looks_into_the_month_of_its_rows_and_no_other(
        string sql,
        string types,
        string values
    )
    {
        var partitions = (await ScansAsync(sql, types, values))
            .Select(scan => scan.Relation)
            .Where(relation => relation.StartsWith("delivery_2", StringComparison.Ordinal))
            .Distinct();
        Assert.That(partitions.Count(), Is.EqualTo(1));
    }

    /// <summary>
    /// A plan that a session keeps was made for the tables as they were then: on the first of a month, for empty ones.
    /// </summary>
    [Test]
    public async Task No_session_of_the_hub_keeps_a_plan()
    {
        await using var connection = await _hub
            .Services.GetRequiredService<NpgsqlDataSource>()
            .OpenConnectionAsync();
        const string Ask = "SELECT count(*) FROM package WHERE id = $1";
        // PostgreSQL thinks of keeping one from the sixth time on.
        for (var time = 0; time < 10; time++)
        {
            await using var ask = new NpgsqlCommand(Ask, connection);
            ask.Parameters.Add(new() { Value = _package });
            await ask.ExecuteNonQueryAsync();
        }

        await using var kept = new NpgsqlCommand(
            "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = $1",
            connection
        );
        kept.Parameters.Add(new() { Value = Ask });
        await using var reader = await kept.ExecuteReaderAsync();
        Assert.That(await reader.ReadAsync(), "the statement is prepared");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reader.GetInt64(0), Is.GreaterThan(5));
            Assert.That(reader.GetInt64(1), Is.Zero);
        }
    }

    /// <summary>The inbox looks into every month, and takes longer to plan than to run.</summary>
    [Test]
    public async Task The_plan_of_the_inbox_is_kept_and_that_of_nothing_beside_it()
    {
        await using var connection = await _hub
            .Services.GetRequiredService<NpgsqlDataSource>()
            .OpenConnectionAsync();
        for (var time = 0; time < 10; time++)
        {
            await using var batch = new NpgsqlBatch(connection);
            await using var rows = await KeptPlan.ReadAsync(
                batch,
                InboxStore.List,
                ["commune", 100],
                CancellationToken.None
            );
        }

        await using var after = new NpgsqlCommand(
            """
            SELECT (SELECT generic_plans > 0 AND custom_plans = 0 FROM pg_prepared_statements WHERE statement = $1),
                current_setting('plan_cache_mode'), current_setting('enable_seqscan')
            """,
            connection
        );
        after.Parameters.Add(new() { Value = InboxStore.List });
        await using var reader = await after.ExecuteReaderAsync();
        await reader.ReadAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reader.GetBoolean(0), "planned once");
            Assert.That(reader.GetString(1), Is.EqualTo("force_custom_plan"));
            Assert.That(reader.GetString(2), Is.EqualTo("on"));
        }
    }

    /// <summary>Whoever misses such a mark does the same once more; docs/durability.md, "What is not waited for".</summary>
    [Test]
    public async Task A_mark_that_may_be_forgotten_does_not_wait_for_the_disk()
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(
            connection,
            $"""
            SET LOCAL synchronous_commit = on;
            UPDATE delivery SET state = 'waiting', next_attempt_at = now() WHERE id = '{_delivery}'
            """
        );
        await using var mark = new NpgsqlCommand(DispatchMarks.Sent, connection);
        mark.Parameters.Add(new() { Value = (Guid[])[_delivery] });
        mark.Parameters.Add(new() { Value = TimeProvider.System.GetUtcNow() });
        mark.Parameters.Add(new() { Value = (Guid[])[Guid.CreateVersion7()] });
        mark.Parameters.Add(new() { Value = (string[])["commune"] });
        mark.Parameters.Add(new() { Value = _delivery });
        mark.Parameters.Add(new() { Value = _delivery });
        mark.Parameters.Add(new() { Value = 0L });
        Assert.That(await mark.ExecuteNonQueryAsync(), Is.EqualTo(1), "marked");

        await using var waits = new NpgsqlCommand("SHOW synchronous_commit", connection);
        Assert.That(await waits.ExecuteScalarAsync(), Is.EqualTo("off"));

        await transaction.RollbackAsync();
        await using var next = new NpgsqlCommand("SHOW synchronous_commit", connection);
        Assert.That(await next.ExecuteScalarAsync(), Is.EqualTo("on"), "for this once");
    }

    private async Task<IReadOnlyList<(string Node, string Relation)>> ScansAsync(
        string sql,
        string types,
        string values
    ) =>
        [
            .. from node in await PlanAsync("", "enable_seqscan = off", sql, types, values)
            let kind = node.GetProperty("Node Type").GetString()!
            where kind.EndsWith("Scan", StringComparison.Ordinal)
            where node.TryGetProperty("Relation Name", out _)
            select (kind, node.GetProperty("Relation Name").GetString()!),
        ];

    private async Task<JsonElement[]> PlanAsync(
        string analyze,
        string setting,
        string sql,
        string types,
        string values
    )
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(
            connection,
            $"SET LOCAL {setting}; SET LOCAL jit = off; SET LOCAL plan_cache_mode = force_custom_plan"
        );
        await ExecuteAsync(connection, "DEALLOCATE ALL");
        await ExecuteAsync(
            connection,
            types.Length == 0 ? $"PREPARE hot AS {sql}" : $"PREPARE hot ({types}) AS {sql}"
        );
        var filled = values
            .Replace("{delivery}", _delivery.ToString(), StringComparison.Ordinal)
            .Replace("{package}", _package.ToString(), StringComparison.Ordinal)
            .Replace("{sender}", _sender.ToString(), StringComparison.Ordinal)
            .Replace("{recipient}", _recipient.ToString(), StringComparison.Ordinal)
            .Replace("{deliveries}", _deliveries, StringComparison.Ordinal)
            .Replace("{packages}", _packages, StringComparison.Ordinal);
        await using var explain = new NpgsqlCommand(
            $"EXPLAIN ({analyze}FORMAT JSON) EXECUTE hot"
                + (types.Length == 0 ? "" : $" ({filled})"),
            connection
        );
        var plan = JsonSerializer.Deserialize<JsonElement>(
            (string)(await explain.ExecuteScalarAsync())!
        );
        await ExecuteAsync(connection, "DEALLOCATE ALL");
        await transaction.RollbackAsync();
        return [.. Nodes(plan[0].GetProperty("Plan"))];
    }

    private static IEnumerable<JsonElement> Nodes(JsonElement plan) =>
        plan.TryGetProperty("Plans", out var below)
            ? below.EnumerateArray().SelectMany(Nodes).Prepend(plan)
            : [plan];

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static TestCaseData Case(string name, string sql, string types, string values) =>
        new TestCaseData(sql, types, values).SetArgDisplayNames(name);
}
