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
public sealed partial class LetterPlanTests
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
        yield return Way("words", "parties_words", new(Words: "cải cách"), own: true);
        yield return Way("words of anybody", "parties_words", new(Words: "cai cach"), own: false);
        yield return Way(
            "received from oneself",
            "parties_words",
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
        yield return Way(
            "many agencies",
            "parties_words",
            new(Senders: [.. Enumerable.Range(0, 9).Select(_ => Guid.CreateVersion7())]),
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
        var window = new IdRange(IdDays.Floor(now.AddDays(-35)), IdDays.Floor(now.AddDays(1)));
        var plan = await connection.ExecuteScalarAsync<string>(
            "EXPLAIN (FORMAT JSON) "
                + LetterStatement.WayOf(query, sees) switch
                {
                    LetterWay.Named => LetterStatement.Named(query, sees),
                    LetterWay.Listed => LetterStatement.Listed(query, sees),
                    _ => LetterStatement.Searched(query, sees),
                },
            LetterStatement.ValuesOf(query, sees, window, 21)
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

    private static IEnumerable<TestCaseData> Questions()
    {
        yield return Asked("frequent words", new(Words: "báo cáo"));
        yield return Asked("words in a fiftieth", new(Words: "bao cao thang 5"));
        yield return Asked("a word of one letter", new(Words: "w7907"));
        yield return Asked("a word of no letter", new(Words: "không"));
        yield return Asked("a frequent word in a frequent stage", new(Words: "bão", State: "done"));
        yield return Asked("a frequent word in a rare stage", new(Words: "năm", State: "assigned"));
        yield return Asked("a stage", new(State: "received"));
        yield return Asked("a rare stage", new(State: "withdrawn"));
        yield return Asked("what is sent", new(Direction: LetterDirection.Sent));
        yield return Asked("what is received", new(Direction: LetterDirection.Received));
        yield return Asked("everything", new());
        yield return Asked("a month back", new(Words: "cải cách", Until: s_month));
        yield return Asked("a week", new(From: s_month.AddDays(-7), Until: s_month));
    }

    private static readonly DateTimeOffset s_month = TimeProvider.System.GetUtcNow().AddDays(-30);

    private const string Plainly = """
        SELECT p.id FROM package p
        WHERE (@words::text IS NULL OR p.words @@ @words::tsquery) AND p.id >= @from AND p.id < @before AND EXISTS (
            SELECT FROM delivery d WHERE d.package_id = p.id
                AND (@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies)
                    OR d.recipient_agency_id = ANY(@agencies))
                AND (@state::text IS NULL OR delivery_stage(d.state, d.work, d.dialogue) = @state)
                AND (@sent::bool IS NULL OR (CASE WHEN @sent THEN p.sender_agency_id ELSE d.recipient_agency_id END)
                    = ANY(@agencies)))
        ORDER BY p.id DESC LIMIT @limit
        """;

    /// <summary>Pages that follow each other, whichever ways found them, are what reading everything gives.</summary>
    [TestCaseSource(nameof(Questions))]
    public async Task Pages_are_what_reading_everything_gives(LetterQuery query)
    {
        const int Pages = 3;
        var search = _hub.Services.GetRequiredService<LetterSearch>();
        var all = _registry.Agencies.Select(agency => agency.Id).ToArray();
        foreach (var sees in (Sees[])[Own, new Sees(all), Everything])
        {
            if (sees.IsEverything && query.Direction is not null)
            {
                continue;
            }
            await using var connection = await _hub.Database.OpenConnectionAsync();
            var expected = await connection.QueryAsync<Guid>(
                Plainly,
                new
                {
                    words = query.Words is null ? null : SubjectWords.ForQuestion(query.Words),
                    state = query.State,
                    agencies = sees.Agencies,
                    sent = query.Direction is { } side ? side == LetterDirection.Sent : (bool?)null,
                    from = query.Range.From,
                    before = query.Range.Before,
                    limit = Pages * query.Limit,
                }
            );
            var found = new List<Guid>();
            Guid? before = null;
            for (var page = 0; page < Pages; page++)
            {
                var answer = await search.FindAsync(
                    query with
                    {
                        Before = before,
                    },
                    sees,
                    CancellationToken.None
                );
                found.AddRange(answer.Items.Select(item => item.PackageId));
                if (answer.Next is not { } next)
                {
                    break;
                }
                before = next;
            }
            Assert.That(found, Is.EqualTo(expected), $"{sees.Agencies?.Length} agencies");
        }
    }

    [TestCase(-1)]
    [TestCase(0)]
    [TestCase(1)]
    public async Task No_letter_falls_between_the_glance_and_the_index(int beside)
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        var (id, subject) = await connection.QuerySingleAsync<(Guid, string)>(
            $"SELECT id, subject FROM package ORDER BY id DESC OFFSET {LetterStatement.Glance + beside} LIMIT 1"
        );
        var found = await _hub
            .Services.GetRequiredService<LetterSearch>()
            .FindAsync(new(Words: subject), Everything, CancellationToken.None);
        Assert.That(found.Items.Select(item => item.PackageId), Is.EqualTo(new[] { id }));
    }

    private static TestCaseData Asked(string name, LetterQuery query) =>
        new TestCaseData(query).SetArgDisplayNames(name);

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
