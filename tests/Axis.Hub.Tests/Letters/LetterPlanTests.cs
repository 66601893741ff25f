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
        yield return Way("words", "package_search", new(Words: "cung cap dien"), own: true);
        yield return Way(
            "words of anybody",
            "package_search",
            new(Words: "cung cap dien"),
            own: false
        );
        yield return Way("everything of one's own", "delivery_sender", new(), own: true);
        yield return Way("everything received", "delivery_recipient", new(), own: true);
        yield return Way("a state", "delivery_recipient", new(State: "processing"), own: true);
        yield return Way("a rare state", "delivery_exceptional", new(State: "failed"), own: false);
        yield return Way("a document id", "document_key", new(DocumentId: "x"), own: true);
        yield return Way("a number", "document_number", new(NumberKey: "15/UBND"), own: true);
        yield return Way("everything", "package_", new(), own: false);
    }

    [TestCaseSource(nameof(Ways))]
    public async Task A_way_walks_its_index_and_reads_no_table_whole(
        string index,
        LetterQuery query,
        bool own
    )
    {
        var sees = own
            ? Permissions.Letters(_registry.OfficeSystem("office")!)
            : Permissions.Letters(new OperatorCaller("truc-vh", OperatorRoles.Viewer));
        await using var connection = await _hub.Database.OpenConnectionAsync();
        // Tables of a test are small enough to be read whole; with that forbidden a scan remains only where no index serves.
        await connection.ExecuteAsync("SET enable_seqscan = off; SET jit = off");
        var now = TimeProvider.System.GetUtcNow();
        var plan = await connection.ExecuteScalarAsync<string>(
            "EXPLAIN (FORMAT JSON) " + LetterStatement.Of(query, sees),
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
                Has.Some.Contains(PartOf(index)),
                plan
            );
        }
    }

    // The index of a partition is called after its columns.
    private static string PartOf(string index) =>
        index switch
        {
            "package_search" => "subject_words_parties",
            "delivery_sender" => "sender_agency_id_package_id",
            "delivery_recipient" => "recipient_agency_id_package_id",
            "delivery_exceptional" => "delivery_stage_package_id",
            _ => index,
        };

    private static IEnumerable<JsonElement> NodesOf(JsonElement plan) =>
        plan.TryGetProperty("Plans", out var below)
            ? below.EnumerateArray().SelectMany(NodesOf).Prepend(plan)
            : [plan];

    private static TestCaseData Way(string name, string index, LetterQuery query, bool own) =>
        new TestCaseData(index, query, own).SetArgDisplayNames(name);
}
