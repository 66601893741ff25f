using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Hub.Deadlines;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Deadlines;

/// <summary>The clocks of letters: who has one, who is reminded, who may give more time, and what stops them.</summary>
public sealed partial class DeadlineTests
{
    // A Monday, nine o'clock in Vietnam, when nothing is due; far ahead of the database, whose clock says since when agencies are served.
    private static readonly DateTimeOffset s_monday = new(2027, 5, 10, 2, 0, 0, TimeSpan.Zero);

    private SetClock _clock = null!;
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _clock = new SetClock(s_monday);
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            settings:
            [
                ("Deadlines:MaxOverdueNotices", "2"),
                // Only when the test says so.
                ("Deadlines:LookInterval", "1.00:00:00"),
                ("Dialogues:LookInterval", "1.00:00:00"),
            ]
        );
        await _hub.AddOperatorAsync("truc-vh", "viewer");
    }

    [SetUp]
    public async Task Nothing_runs()
    {
        _clock.Now = s_monday;
        await _hub.ChangeRegistryAsync("TRUNCATE deadline, deadline_extension, event");
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _hub.DisposeAsync();

    [Test]
    public async Task A_letter_with_a_due_date_is_due_with_the_office_hours_of_that_day()
    {
        var delivery = await SentAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/15" }
        );

        var received = await OnlyDeadlineAsync("commune", "v1/deadlines");
        var sent = await OnlyDeadlineAsync("office", "v1/deadlines?direction=sent");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(received.GetProperty("deliveryId").GetGuid(), Is.EqualTo(delivery));
            Assert.That(received.GetProperty("kind").GetString(), Is.EqualTo("completion"));
            // 15 May is a Saturday.
            Assert.That(TimeOf(received, "dueAt"), Is.EqualTo("2027-05-17 17:00"));
            Assert.That(
                received.GetProperty("workingHoursLeft").GetDouble(),
                Is.EqualTo(6.5 + 5 * 8)
            );
            Assert.That(sent.GetProperty("deliveryId").GetGuid(), Is.EqualTo(delivery));
            Assert.That(await DeadlinesAsync("office", "v1/deadlines"), Is.Empty);
            Assert.That(
                await DeadlinesAsync("department", "v1/deadlines?direction=sent"),
                Is.Empty
            );
        }
    }

    [TestCase(1, "2027-05-10 14:30")]
    [TestCase(2, "2027-05-10 11:00")]
    [TestCase(3, "2027-05-10 10:00")]
    public async Task An_urgent_letter_is_to_be_received_within_hours(int priority, string due)
    {
        await SentAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { Priority = priority }
        );

        var deadline = await OnlyDeadlineAsync("commune", "v1/deadlines");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(deadline.GetProperty("kind").GetString(), Is.EqualTo("reception"));
            Assert.That(TimeOf(deadline, "dueAt"), Is.EqualTo(due));
        }
    }

    [Test]
    public async Task A_letter_that_asks_for_nothing_has_no_clock()
    {
        await SentAsync(new Letter(TestProvince.Office, TestProvince.Commune));
        Assert.That(await _hub.CountAsync("SELECT count(*) FROM deadline"), Is.Zero);
    }

    [TestCase("03", "reception met, completion")]
    [TestCase("01", "completion, reception")]
    [TestCase("06", "completion met, reception met")]
    [TestCase("02", "completion void, reception met")]
    public async Task A_report_stops_the_clocks_it_answers(string code, string expected)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune)
        {
            Priority = 1,
            DueOn = "2027/05/14",
        };
        await SentAsync(letter);
        await ReportAsync(letter, code);
        Assert.That(await OutcomesAsync(), Is.EquivalentTo(expected.Split(", ")));
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Work_that_is_done_under_an_open_question_stops_the_clocks(int business)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune)
        {
            Priority = 1,
            DueOn = "2027/05/14",
        };
        await SentAsync(letter);
        await ReportAsync(letter, "01");
        using var office = await _hub.ClientAsync("office");
        await office.SubmitAsync((letter with { Business = business }).Signed());

        await ReportAsync(letter, "03");
        var received = await OutcomesAsync();
        await ReportAsync(letter, "06");

        Assert.That(received, Is.EquivalentTo(new[] { "reception met", "completion" }));
        Assert.That(
            await OutcomesAsync(),
            Is.EquivalentTo(new[] { "reception met", "completion met" })
        );
    }

    [Test]
    public async Task What_is_answered_late_is_missed_and_what_is_taken_back_is_void()
    {
        var late = new Letter(TestProvince.Office, TestProvince.Commune) { Priority = 3 };
        var withdrawn = new Letter(TestProvince.Office, TestProvince.Commune)
        {
            DueOn = "2027/05/14",
        };
        await SentAsync(late);
        await SentAsync(withdrawn);
        _clock.Now = s_monday.AddHours(2);
        await ReportAsync(late, "03");
        using var office = await _hub.ClientAsync("office");
        await office.SubmitAsync((withdrawn with { Business = 1 }).Signed());

        Assert.That(
            await OutcomesAsync(),
            Is.EquivalentTo(new[] { "reception missed", "completion void" })
        );
    }

    [Test]
    public async Task Reminders_come_before_and_after_and_end()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        await SentAsync(letter);
        var rounds = new List<(int, string)>();
        // The last is long after: two notices are enough.
        foreach (
            var at in (string[])
                [
                    "2027-05-12 07:29",
                    "2027-05-12 07:30",
                    "2027-05-12 16:00",
                    "2027-05-12 17:00",
                    "2027-05-13 16:59",
                    "2027-05-13 17:00",
                    "2027-06-01 09:00",
                ]
        )
        {
            _clock.Now = At(at);
            rounds.Add((await RemindAsync(), at));
        }

        var recipient = await EventsAsync("commune");
        var sender = await EventsAsync("office");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                rounds.Where(round => round.Item1 > 0).Select(round => round.Item2),
                Is.EqualTo(new[] { "2027-05-12 07:30", "2027-05-12 17:00", "2027-05-13 17:00" })
            );
            Assert.That(
                recipient,
                Is.EqualTo(new[] { "deadline.near", "deadline.passed", "deadline.passed" })
            );
            Assert.That(sender, Is.EqualTo(new[] { "deadline.passed", "deadline.passed" }));
            Assert.That(
                await DeadlinesAsync("commune", "v1/deadlines?state=overdue"),
                Has.Count.EqualTo(1)
            );
        }
    }

    [Test]
    public async Task What_is_done_is_not_reminded_of()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        await SentAsync(letter);
        await ReportAsync(letter, "06");
        _clock.Now = At("2027-05-13 09:00");
        Assert.That(await RemindAsync(), Is.Zero);
    }

    [Test]
    public async Task Only_one_node_reminds_at_a_time()
    {
        await SentAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" }
        );
        _clock.Now = At("2027-05-12 17:00");
        var rounds = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RemindAsync()));
        Assert.That(rounds.Sum(), Is.EqualTo(1));
    }

    [Test]
    public async Task The_sender_sees_what_it_waits_for_oldest_first_page_by_page()
    {
        await _hub.ChangeRegistryAsync("UPDATE delivery SET state = 'withdrawn'");
        var letters = Enumerable
            .Range(0, 3)
            .Select(_ => new Letter(TestProvince.Office, TestProvince.Commune))
            .ToArray();
        foreach (var letter in letters)
        {
            await SentAsync(letter);
        }
        await ReportAsync(letters[1], "06");
        _clock.Now = s_monday.AddHours(1);
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        var first = await office.GetAnswerAsync($"{FollowUpOfAll}&limit=1");
        var second = await office.GetAnswerAsync(
            $"{FollowUpOfAll}&after={first.Json.GetProperty("next").GetGuid()}"
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DocumentsIn(first.Json), Is.EqualTo(new[] { letters[0].DocumentId }));
            Assert.That(DocumentsIn(second.Json), Is.EqualTo(new[] { letters[2].DocumentId }));
            Assert.That(second.Json.TryGetProperty("next", out _), Is.False);
            Assert.That(
                first.Json.GetProperty("items")[0].GetProperty("workingHours").GetDouble(),
                Is.EqualTo(1)
            );
            Assert.That(DocumentsIn((await commune.GetAnswerAsync(FollowUpOfAll)).Json), Is.Empty);
        }
    }

    [Test]
    public async Task An_operator_lists_the_deadlines_of_any_agency_page_by_page()
    {
        var first = await SentAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" }
        );
        var second = await SentAsync(
            new Letter(TestProvince.Office, TestProvince.Department) { DueOn = "2027/05/13" }
        );
        using var viewer = await _hub.ClientAsync("truc-vh", ops: true);

        var page = await viewer.GetAnswerAsync("ops/v1/deadlines?limit=1");
        var next = await viewer.GetAnswerAsync(
            $"ops/v1/deadlines?limit=1&after={page.Json.GetProperty("next").GetString()}"
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DeliveriesIn(page.Json), Is.EqualTo(new[] { first }));
            Assert.That(DeliveriesIn(next.Json), Is.EqualTo(new[] { second }));
            Assert.That(
                DeliveriesIn(
                    (await viewer.GetAnswerAsync("ops/v1/deadlines?recipient=H99.01")).Json
                ),
                Is.EqualTo(new[] { second })
            );
            Assert.That(
                DeliveriesIn((await viewer.GetAnswerAsync("ops/v1/deadlines?sender=H99")).Json),
                Is.EqualTo(new[] { first, second })
            );
            Assert.That(
                (await viewer.GetAnswerAsync("ops/v1/deadlines?sender=H99&recipient=H99.01")).Codes,
                Is.EqualTo(new[] { "AXIS-6005" })
            );
            Assert.That(
                (await viewer.GetAnswerAsync("ops/v1/deadlines?after=x")).Codes,
                Is.EqualTo(new[] { "AXIS-6005" })
            );
        }
    }

    private async Task<Guid> SentAsync(Letter letter)
    {
        using var office = await _hub.ClientAsync("office");
        var receipt = await office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        return receipt.DeliveryTo(letter.To[0]);
    }

    private async Task ReportAsync(Letter letter, string code)
    {
        using var commune = await _hub.ClientAsync("commune");
        var answer = await commune.SubmitAsync(
            new Report(TestProvince.Commune, code, TestProvince.Office, letter.DocumentId).Bytes()
        );
        Assert.That(answer.Json.GetProperty("outcome").GetString(), Is.EqualTo("applied"));
    }

    private Task<int> RemindAsync() =>
        _hub.Services.GetRequiredService<DeadlineClock>().RemindAsync(CancellationToken.None);

    private static async Task<Answer> PostAsync<T>(HttpClient client, string path, T body)
    {
        using var response = await client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }

    private async Task<IReadOnlyList<JsonElement>> DeadlinesAsync(string who, string path)
    {
        using var client = await _hub.ClientAsync(who);
        return await client.ItemsAsync(path);
    }

    private async Task<JsonElement> OnlyDeadlineAsync(string who, string path) =>
        (await DeadlinesAsync(who, path)).Single();

    private async Task<IReadOnlyList<string>> EventsAsync(string who)
    {
        using var client = await _hub.ClientAsync(who);
        return
        [
            .. (await client.ItemsAsync("v1/events?limit=1000"))
                .Select(one => one.GetProperty("type").GetString()!["vn.axis.".Length..])
                .Where(type =>
                    type.StartsWith("deadline", StringComparison.Ordinal)
                    || type.StartsWith("extension", StringComparison.Ordinal)
                ),
        ];
    }

    private async Task<IReadOnlyList<string>> OutcomesAsync()
    {
        await using var command = _hub.Database.CreateCommand(
            "SELECT concat_ws(' ', kind, outcome) FROM deadline"
        );
        await using var reader = await command.ExecuteReaderAsync();
        var outcomes = new List<string>();
        while (await reader.ReadAsync())
        {
            outcomes.Add(reader.GetString(0));
        }
        return outcomes;
    }

    private static IEnumerable<string> DocumentsIn(JsonElement page) =>
        page.GetProperty("items")
            .EnumerateArray()
            .Select(item => item.GetProperty("documentId").GetString()!);

    private static IEnumerable<Guid> DeliveriesIn(JsonElement page) =>
        page.GetProperty("items")
            .EnumerateArray()
            .Select(item => item.GetProperty("deliveryId").GetGuid());

    private static string TimeOf(JsonElement item, string name) =>
        item.GetProperty(name)
            .GetDateTimeOffset()
            .ToOffset(TimeSpan.FromHours(7))
            .ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static DateTimeOffset At(string text) =>
        new DateTimeOffset(
            DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
            TimeSpan.FromHours(7)
        ).ToUniversalTime();
}
