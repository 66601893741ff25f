using Axis.Hub.Statuses;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Statuses;

/// <summary>What time does: reminders of a recall, and the end of what nobody takes.</summary>
public sealed class DialogueClockTests
{
    private SetClock _clock = null!;
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;

    [SetUp]
    public async Task StartAsync()
    {
        // Ahead of the database, whose own clock says since when agencies are served.
        _clock = new SetClock(TimeProvider.System.GetUtcNow().AddHours(1));
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            settings:
            [
                ("Dialogues:MaxReminders", "2"),
                // Only when the test says so.
                ("Dialogues:LookInterval", "1.00:00:00"),
            ]
        );
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_recall_is_reminded_of_until_it_is_answered_or_often_enough()
    {
        var answered = await RecalledAsync();
        var silent = await RecalledAsync();

        var rounds = new List<int> { await RemindAsync() };
        _clock.Now += TimeSpan.FromHours(25);
        rounds.Add(await RemindAsync());
        await ReportAsync(answered, "16");
        _clock.Now += TimeSpan.FromHours(25);
        rounds.Add(await RemindAsync());
        _clock.Now += TimeSpan.FromDays(9);
        rounds.Add(await RemindAsync());

        // The clock ran on, and tokens with it.
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        var heard = await RemindersAsync(commune);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rounds, Is.EqualTo(new[] { 0, 2, 1, 0 }));
            Assert.That(
                heard,
                Is.EquivalentTo(
                    new[]
                    {
                        (answered.DocumentId, 1),
                        (silent.DocumentId, 1),
                        (silent.DocumentId, 2),
                    }
                )
            );
            Assert.That(await RemindersAsync(office), Is.EquivalentTo(heard));
            Assert.That(
                await _hub.CountAsync(
                    "SELECT count(*) FROM delivery_history WHERE what = 'reminded'"
                ),
                Is.EqualTo(3)
            );
        }
    }

    [Test]
    public async Task Only_one_node_reminds_at_a_time()
    {
        await RecalledAsync();
        _clock.Now += TimeSpan.FromHours(25);

        var rounds = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RemindAsync()));

        Assert.That(rounds.Sum(), Is.EqualTo(1));
    }

    [Test]
    public async Task What_nobody_takes_expires_and_both_sides_hear_of_it()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var receipt = await _office.SubmitAsync(letter.Signed());
        var taken = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune).Signed()
        );
        await _commune.AcknowledgeAsync(taken.DeliveryTo(TestProvince.Commune));
        var clock = _hub.Services.GetRequiredService<DialogueClock>();

        var tooEarly = await clock.ExpireAsync(CancellationToken.None);
        _clock.Now += TimeSpan.FromDays(91);
        var due = await clock.ExpireAsync(CancellationToken.None);

        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        var view = await office.GetAnswerAsync($"v1/packages/{receipt.PackageId}");
        var late = await commune.SubmitAsync(
            new Report(TestProvince.Commune, "03", TestProvince.Office, letter.DocumentId).Bytes()
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That((tooEarly, due), Is.EqualTo((0, 1)));
            Assert.That(
                view.Json.GetProperty("deliveries")[0].GetProperty("stage").GetString(),
                Is.EqualTo("expired")
            );
            Assert.That(late.Json.GetProperty("outcome").GetString(), Is.EqualTo("late"));
            foreach (var side in (HttpClient[])[office, commune])
            {
                Assert.That(
                    (await side.ItemsAsync("v1/events")).Select(one =>
                        one.GetProperty("type").GetString()
                    ),
                    Has.Exactly(1).EqualTo("vn.axis.delivery.expired")
                );
            }
        }
    }

    private Task<int> RemindAsync() =>
        _hub.Services.GetRequiredService<DialogueClock>().RemindAsync(CancellationToken.None);

    private async Task<Letter> RecalledAsync()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        await _office.SubmitAsync(letter.Signed());
        await ReportAsync(letter, "03");
        await _office.SubmitAsync((letter with { Business = 1 }).Signed());
        return letter;
    }

    private async Task ReportAsync(Letter letter, string code)
    {
        using var commune = await _hub.ClientAsync("commune");
        var answer = await commune.SubmitAsync(
            new Report(TestProvince.Commune, code, TestProvince.Office, letter.DocumentId).Bytes()
        );
        Assert.That(answer.Json.GetProperty("outcome").GetString(), Is.EqualTo("applied"));
    }

    private static async Task<IReadOnlyList<(string, int)>> RemindersAsync(HttpClient client) =>
        [
            .. (await client.ItemsAsync("v1/events?limit=1000"))
                .Where(one => one.GetProperty("type").GetString() == "vn.axis.recall.reminder")
                .Select(one => one.GetProperty("data"))
                .Select(data =>
                    (
                        data.GetProperty("documentId").GetString()!,
                        data.GetProperty("reminder").GetInt32()
                    )
                ),
        ];
}
