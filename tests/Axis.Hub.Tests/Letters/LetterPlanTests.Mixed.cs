using Axis.Hub.Access;
using Axis.Hub.Letters;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Letters;

/// <summary>Whatever is asked together, and by whoever: pages are what reading everything gives.</summary>
public sealed partial class LetterPlanTests
{
    private const string Naively = """
        SELECT p.id FROM package p
        WHERE (@words::text IS NULL OR p.words @@ @words::tsquery) AND p.id >= @from AND p.id < @before AND EXISTS (
            SELECT FROM delivery d WHERE d.package_id = p.id
                AND (@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies)
                    OR d.recipient_agency_id = ANY(@agencies))
                AND (@senders::uuid[] IS NULL OR p.sender_agency_id = ANY(@senders))
                AND (@recipients::uuid[] IS NULL OR d.recipient_agency_id = ANY(@recipients))
                AND (@state::text IS NULL OR delivery_stage(d.state, d.work, d.dialogue) = @state)
                AND (@direction::text IS NULL
                    OR (CASE @direction WHEN 'Sent' THEN p.sender_agency_id ELSE d.recipient_agency_id END) = ANY(@agencies)))
        ORDER BY p.id DESC LIMIT @most
        """;

    // In every letter, in some, in few, in one and in none; more together than the index is asked one by one.
    private static readonly string?[] s_words =
    [
        null,
        "năm",
        "báo cáo",
        "báo cáo tháng 5",
        "bão huyện 7",
        "w7907",
        "không",
        "báo cáo phòng chống lụt bão tháng năm việc",
    ];

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Anything_asked_together_is_found_page_by_page(int seed)
    {
        const int Asked = 8;
        const int Pages = 3;
        var chance = new Random(seed);
        var all = _registry.Agencies.Select(agency => agency.Id).ToArray();
        await using var connection = await _hub.Database.OpenConnectionAsync();
        for (var n = 0; n < Asked; n++)
        {
            var sees = One([Own, new Sees(Some(3)), new Sees(Some(9)), new Sees(all), Everything]);
            var query = new LetterQuery(
                Words: One(s_words),
                State: One([null, .. StageNames.All]),
                Senders: One([null, null, Some(1), Some(9)]),
                Recipients: One([null, null, Some(1), Some(9)]),
                Direction: sees.IsEverything
                    ? null
                    : One<LetterDirection?>([null, LetterDirection.Sent, LetterDirection.Received]),
                Until: One<DateTimeOffset?>([null, s_month]),
                Limit: 1 + chance.Next(40)
            );
            var expected = await connection.QueryAsync<Guid>(
                Naively,
                new
                {
                    words = query.Words is null ? null : SubjectWords.ForQuestion(query.Words),
                    state = query.State,
                    senders = query.Senders,
                    recipients = query.Recipients,
                    agencies = sees.Agencies,
                    direction = query.Direction?.ToString(),
                    from = query.Range.From,
                    before = query.Range.Before,
                    most = Pages * query.Limit,
                }
            );
            var found = await ReadPagesAsync(query, sees, Pages);
            Assert.That(
                found,
                Is.EqualTo(expected),
                $"{query}, senders {query.Senders?.Length}, recipients {query.Recipients?.Length}, {sees.Agencies?.Length} agencies"
            );
        }

        T One<T>(T[] of) => of[chance.Next(of.Length)];

        Guid[] Some(int number) =>
            [.. Enumerable.Range(0, number).Select(_ => One(all)).Distinct()];
    }

    /// <summary>Ids of one instant are in no order: a delivery may come before its package.</summary>
    [Test]
    public async Task The_last_letter_of_a_page_has_all_its_recipients()
    {
        var search = _hub.Services.GetRequiredService<LetterSearch>();
        Guid? before = null;
        for (var page = 0; page < 12; page++)
        {
            var answer = await search.FindAsync(
                new LetterQuery(Before: before, Limit: 1),
                Everything,
                CancellationToken.None
            );
            var letter = answer.Items.Single();
            Assert.That(
                letter.Recipients,
                Is.EqualTo(
                    await _hub.CountAsync(
                        $"SELECT count(*) FROM delivery WHERE package_id = '{letter.PackageId}'"
                    )
                )
            );
            before = answer.Next;
        }
    }

    [Test]
    public async Task The_rarest_word_is_asked_for_first()
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        var rarest = await connection.QueryAsync<(string Word, int Letters)>(
            LetterStatement.Rarity,
            LetterStatement.RarityValuesOf(
                new LetterQuery(Words: "năm báo không cáo"),
                new IdRange(Guid.Empty, Guid.AllBitsSet)
            )
        );
        Assert.That(rarest.Select(one => one.Word), Is.EqualTo(["khong", "cao", "bao", "nam"]));
        Assert.That(rarest.First().Letters, Is.Zero);
    }
}
