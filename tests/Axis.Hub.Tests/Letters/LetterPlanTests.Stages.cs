using Axis.Hub.Access;
using Axis.Hub.Letters;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Letters;

/// <summary>Letters in a stage, narrowed by words or by a second agency, however rare either is.</summary>
public sealed partial class LetterPlanTests
{
    [TestCase("năm", "assigned", Description = "all words, and less letters than are looked at")]
    [TestCase("báo cáo", "refused")]
    [TestCase("báo cáo", "processing", Description = "more letters than are looked at")]
    [TestCase("báo cáo tháng 5", "processing")]
    [TestCase("w7907", "done")]
    [TestCase("không", "processing")]
    [TestCase("huyện 7", "arrived")]
    public async Task Words_in_a_stage_are_found_page_by_page(string words, string state)
    {
        foreach (var sees in (Sees[])[Own, Everything])
        {
            await AssertFindsAsync(
                new LetterQuery(Words: words, State: state, Limit: 40),
                sees,
                "p.words @@ @words::tsquery"
            );
        }
    }

    [Test]
    public async Task Two_agencies_in_a_stage_narrow_each_other()
    {
        await using var connection = await _hub.Database.OpenConnectionAsync();
        var own = Own.Agencies!;
        Guid[] other =
        [
            await connection.QuerySingleAsync<Guid>(
                """
                SELECT d.recipient_agency_id FROM delivery d
                WHERE d.sender_agency_id = ANY(@own) AND d.recipient_agency_id <> ALL(@own)
                GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1
                """,
                new { own }
            ),
        ];
        foreach (var state in (string[])["processing", "assigned", "done"])
        {
            await AssertFindsAsync(
                new LetterQuery(Senders: own, Recipients: other, State: state),
                Everything,
                "p.sender_agency_id = ANY(@senders) AND d.recipient_agency_id = ANY(@recipients)"
            );
            await AssertFindsAsync(
                new LetterQuery(Recipients: other, State: state, Direction: LetterDirection.Sent),
                Own,
                "p.sender_agency_id = ANY(@agencies) AND d.recipient_agency_id = ANY(@recipients)"
            );
            await AssertFindsAsync(
                new LetterQuery(Senders: other, State: state, Direction: LetterDirection.Received),
                Own,
                "p.sender_agency_id = ANY(@senders) AND d.recipient_agency_id = ANY(@agencies)"
            );
        }
    }

    private async Task AssertFindsAsync(LetterQuery query, Sees sees, string narrowing)
    {
        const int Pages = 4;
        await using var connection = await _hub.Database.OpenConnectionAsync();
        var expected = await connection.QueryAsync<Guid>(
            $"""
            SELECT p.id FROM package p WHERE EXISTS (
                SELECT FROM delivery d WHERE d.package_id = p.id
                    AND (@agencies::uuid[] IS NULL OR p.sender_agency_id = ANY(@agencies)
                        OR d.recipient_agency_id = ANY(@agencies))
                    AND delivery_stage(d.state, d.work, d.dialogue) = @state AND {narrowing})
            ORDER BY p.id DESC LIMIT @most
            """,
            new
            {
                words = query.Words is null ? null : SubjectWords.ForQuestion(query.Words),
                state = query.State,
                agencies = sees.Agencies,
                senders = query.Senders,
                recipients = query.Recipients,
                most = Pages * query.Limit,
            }
        );
        var found = await ReadPagesAsync(query, sees, Pages);
        Assert.That(found, Is.EqualTo(expected), $"{query}, {sees.Agencies?.Length} agencies");
    }

    private async Task<List<Guid>> ReadPagesAsync(LetterQuery query, Sees sees, int pages)
    {
        var search = _hub.Services.GetRequiredService<LetterSearch>();
        var found = new List<Guid>();
        for (var (page, before) = (0, (Guid?)null); page < pages; page++)
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
            if ((before = answer.Next) is null)
            {
                break;
            }
        }
        return found;
    }
}
