using System.Text.Json;
using Axis.Hub.Access;
using Axis.Hub.Letters;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Axis.TestKit;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Letters;

/// <summary>Each way of finding letters walks the index that it is meant to walk (docs/tracking.md).</summary>
public sealed class LetterPlanTests
{
    private TestHub _hub = null!;
    private RegistrySnapshot _registry = null!;

    [OneTimeSetUp]
    public async Task Ten_years_of_partitions()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await Partitions.EnsureAsync(
            _hub.Database,
            TimeProvider.System.GetUtcNow().AddMonths(-120),
            120,
            CancellationToken.None
        );
        using var office = await _hub.ClientAsync("office");
        await office.SubmitAsync(new Letter(TestProvince.Office, TestProvince.Commune).Signed());
        // With few agencies each sends so much that the planner may as well read everything.
        for (var i = 0; i < 40; i++)
        {
            await _hub.AddAgencyAsync($"H99.80.{i + 10}");
        }
        await ManyLetters.FillAsync(
            _hub.Database,
            TimeProvider.System.GetUtcNow(),
            20_000,
            days: 60
        );
        _registry = _hub.Services.GetRequiredService<RegistryCache>().Current;
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    private static IEnumerable<TestCaseData> Ways()
    {
        yield return Way("words", "words_parties", new(Words: "cải cách"), own: true);
        yield return Way("words of anybody", "words_parties", new(Words: "cai cach"), own: false);
        yield return Way(
            "received from oneself",
            "words_parties",
            new(Senders: [], Direction: LetterDirection.Received),
            own: true
        );
        yield return Way("everything sent", "sender_agency_id_id", new(), own: true);
        yield return Way("everything received", Recipient, new(), own: true);
        yield return Way("a stage received", Recipient, new(State: "processing"), own: true);
        yield return Way("a stage sent", Sender, new(State: "processing"), own: true);
        yield return Way(
            "a stage of anybody",
            "delivery_stage_package_id",
            new(State: "failed"),
            own: false
        );
        yield return Way("a document id", "document_key", new(DocumentId: "x"), own: true);
        yield return Way("a number", "document_number", new(NumberKey: "15/UBND"), own: true);
        yield return Way("everything", "_pkey", new(), own: false);
    }

    // The index of a partition is called after its columns.
    private const string Recipient = "recipient_agency_id_delivery_stage";
    private const string Sender = "sender_agency_id_delivery_stage";

    [TestCaseSource(nameof(Ways))]
    public async Task A_way_walks_its_index_and_reads_no_table_whole(
        string index,
        LetterQuery query,
        bool own
    )
    {
        var sees = own ? Own : Everything;
        await using var connection = await _hub.Database.OpenConnectionAsync();
        // Tables of a test are small enough to be read whole; with that forbidden a scan remains only where no index serves.
        await connection.ExecuteAsync("SET enable_seqscan = off; SET jit = off");
        var now = TimeProvider.System.GetUtcNow();
        var plan = await connection.ExecuteScalarAsync<string>(
            "EXPLAIN (FORMAT JSON) "
                + LetterStatement.WayOf(query, sees) switch
                {
                    LetterWay.Named => LetterStatement.Named(query, sees),
                    LetterWay.Listed => LetterStatement.Listed(query, sees),
                    _ => LetterStatement.Searched(query, sees),
                },
            LetterStatement.ValuesOf(
                query,
                sees,
                new IdRange(IdDays.Floor(now.AddDays(-35)), IdDays.Floor(now.AddDays(1))),
                21
            )
        );
        var nodes = NodesOf(JsonDocument.Parse(plan!).RootElement[0].GetProperty("Plan")).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                nodes
                    .Where(node => node.GetProperty("Node Type").GetString() == "Seq Scan")
                    .Select(node => node.GetProperty("Relation Name").GetString()),
                Is.Empty,
                plan
            );
            Assert.That(
                nodes
                    .Where(node => node.TryGetProperty("Index Name", out _))
                    .Select(node => node.GetProperty("Index Name").GetString()),
                Has.Some.Contains(index),
                plan
            );
        }
    }

    [Test]
    public async Task Letters_made_for_measuring_have_the_words_that_the_database_would_give_them() =>
        Assert.That(
            await _hub.CountAsync(
                """
                SELECT count(*) FROM (SELECT words, subject FROM package ORDER BY id DESC LIMIT 300) AS p
                WHERE p.words <> letter_words(p.subject)
                """
            ),
            Is.Zero
        );

    private Sees Own => Permissions.Letters(_registry.OfficeSystem("office")!);

    private static Sees Everything =>
        Permissions.Letters(new OperatorCaller("truc-vh", OperatorRoles.Viewer));

    private static IEnumerable<JsonElement> NodesOf(JsonElement plan) =>
        plan.TryGetProperty("Plans", out var below)
            ? below.EnumerateArray().SelectMany(NodesOf).Prepend(plan)
            : [plan];

    private static TestCaseData Way(string name, string index, LetterQuery query, bool own) =>
        new TestCaseData(index, query, own).SetArgDisplayNames(name);
}
