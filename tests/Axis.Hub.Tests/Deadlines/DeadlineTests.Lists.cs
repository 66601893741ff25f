using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Deadlines;

/// <summary>Pages of the lists: nothing is skipped at their borders, nothing comes twice.</summary>
public sealed partial class DeadlineTests
{
    // Rows are found by the time in their ids, which the machine's clock gives.
    private const string FollowUpOfAll = "v1/follow-up?from=2026-01-01";

    [Test]
    public async Task Two_clocks_of_a_letter_that_are_due_at_once_are_on_two_pages()
    {
        // Four hours from lunch on, and by the end of the day.
        _clock.Now = At("2027-05-10 12:00");
        await SentAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
            {
                Priority = 1,
                DueOn = "2027/05/10",
            }
        );

        var items = await PagesAsync("commune", "v1/deadlines?limit=1");

        Assert.That(
            items.Select(item => (item.GetProperty("kind").GetString(), TimeOf(item, "dueAt"))),
            Is.EqualTo(
                new[] { ("completion", "2027-05-10 17:00"), ("reception", "2027-05-10 17:00") }
            )
        );
    }

    [Test]
    public async Task Clocks_that_differ_by_microseconds_follow_each_other()
    {
        var sent = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            sent.Add(
                await SentAsync(
                    new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" }
                )
            );
        }
        // The later a letter was sent, the sooner it is due.
        foreach (var (delivery, micros) in sent.Zip((int[])[800, 500, 200]))
        {
            await _hub.ChangeRegistryAsync(
                $"UPDATE deadline SET due_at = due_at + interval '{micros} microseconds' WHERE delivery_id = $1::uuid",
                $"{delivery}"
            );
        }

        sent.Reverse();
        var own = await PagesAsync("commune", "v1/deadlines?limit=1");
        var any = await PagesAsync("truc-vh", "ops/v1/deadlines?limit=1", ops: true);
        Assert.That(own.Select(DeliveryOf), Is.EqualTo(sent));
        Assert.That(any.Select(DeliveryOf), Is.EqualTo(sent));
    }

    [TestCase("1.completion")]
    [TestCase("1.work.01890a5d00007000800000000000000a")]
    [TestCase("-1.completion.01890a5d00007000800000000000000a")]
    [TestCase("9223372036854775807.completion.01890a5d00007000800000000000000a")]
    [TestCase("1.completion.01890a5d")]
    public async Task A_cursor_that_no_page_gave_is_refused(string cursor)
    {
        using var commune = await _hub.ClientAsync("commune");
        Assert.That(
            (await commune.GetAnswerAsync($"v1/deadlines?after={cursor}")).Codes,
            Is.EqualTo(new[] { "AXIS-6005" })
        );
    }

    [Test]
    public async Task Recalls_of_letters_that_nobody_knows_do_not_end_the_list_of_what_is_waited_for()
    {
        await _hub.ChangeRegistryAsync("UPDATE delivery SET state = 'withdrawn'");
        var letters = Enumerable
            .Range(0, 3)
            .Select(_ => new Letter(TestProvince.Office, TestProvince.Commune))
            .ToArray();
        foreach (var letter in letters)
        {
            // It recalls nothing, and is delivered as a letter of its own.
            for (var i = 0; i < 2; i++)
            {
                await SentAsync(
                    new Letter(TestProvince.Office, TestProvince.Commune)
                    {
                        Business = 1,
                        Target = $"{TestProvince.Office},2020/01/01,{Guid.CreateVersion7():n}/X",
                    }
                );
            }
            await SentAsync(letter);
        }

        foreach (var limit in (int[])[1, 2, 100])
        {
            var items = await PagesAsync("office", $"{FollowUpOfAll}&limit={limit}");
            Assert.That(
                items.Select(item => item.GetProperty("documentId").GetString()),
                Is.EqualTo(letters.Select(letter => letter.DocumentId)),
                $"{limit} on a page"
            );
        }
    }

    /// <summary>All pages, one after the other.</summary>
    private async Task<IReadOnlyList<JsonElement>> PagesAsync(
        string who,
        string path,
        bool ops = false
    )
    {
        using var client = await _hub.ClientAsync(who, ops: ops);
        var items = new List<JsonElement>();
        for (var next = ""; ; )
        {
            var page = await client.GetAnswerAsync(path + next);
            items.AddRange(page.Json.GetProperty("items").EnumerateArray());
            Assert.That(items, Has.Count.LessThan(100), "the pages come to an end");
            if (!page.Json.TryGetProperty("next", out var after))
            {
                return items;
            }
            next = $"&after={after.GetString()}";
        }
    }

    private static Guid DeliveryOf(JsonElement item) => item.GetProperty("deliveryId").GetGuid();
}
