using System.Net;
using Axis.TestKit;

namespace Axis.Hub.Tests.Deadlines;

/// <summary>More time: asked by one side, given or not by the other.</summary>
public sealed partial class DeadlineTests
{
    [Test]
    public async Task More_time_is_asked_by_one_side_and_given_by_the_other()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        var delivery = await SentAsync(letter);
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");

        var asked = await AskAsync(commune, delivery, "2027-05-20");
        var repeated = await AskAsync(commune, delivery, "2027-05-20");
        var another = await AskAsync(commune, delivery, "2027-05-21");
        var waiting = await OnlyDeadlineAsync("office", "v1/deadlines?direction=sent");
        var granted = await AnswerAsync(office, delivery, new { granted = true });
        var again = await AnswerAsync(office, delivery, new { granted = true });
        var after = await OnlyDeadlineAsync("commune", "v1/deadlines");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (asked.Status, repeated.Status),
                Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK))
            );
            Assert.That(another.Codes, Is.EqualTo(new[] { "AXIS-5302" }));
            Assert.That(TimeOf(waiting, "extensionAskedUntil"), Is.EqualTo("2027-05-20 17:00"));
            Assert.That(
                (granted.Status, again.Status),
                Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK))
            );
            Assert.That(TimeOf(after, "dueAt"), Is.EqualTo("2027-05-20 17:00"));
            Assert.That(TimeOf(after, "firstDueAt"), Is.EqualTo("2027-05-12 17:00"));
            Assert.That(await EventsAsync("office"), Is.EqualTo(new[] { "extension.asked" }));
            Assert.That(await EventsAsync("commune"), Is.EqualTo(new[] { "extension.answered" }));
        }
        _clock.Now = At("2027-05-13 09:00");
        Assert.That(await RemindAsync(), Is.Zero, "it is not overdue any more");
    }

    [Test]
    public async Task More_time_that_is_asked_of_an_update_is_of_its_letter()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        var delivery = await SentAsync(letter);
        var update = (await UpdatedAsync(letter, "2027/05/14")).DeliveryTo(TestProvince.Commune);
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");

        var asked = await AskAsync(commune, update, "2027-05-20");
        var byLetter = await AskAsync(commune, delivery, "2027-05-20");
        var wrongSide = await AnswerAsync(commune, update, new { granted = true });
        var granted = await AnswerAsync(office, update, new { granted = true });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (asked.Status, byLetter.Status, wrongSide.Status, granted.Status),
                Is.EqualTo(
                    (
                        HttpStatusCode.Created,
                        HttpStatusCode.OK,
                        HttpStatusCode.NotFound,
                        HttpStatusCode.Created
                    )
                )
            );
            Assert.That(asked.Json.GetProperty("deliveryId").GetGuid(), Is.EqualTo(delivery));
            Assert.That(
                TimeOf(await OnlyDeadlineAsync("commune", "v1/deadlines"), "dueAt"),
                Is.EqualTo("2027-05-20 17:00")
            );
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM event WHERE delivery_id = '{delivery}' AND type LIKE 'vn.axis.extension.%'"
                ),
                Is.EqualTo(2)
            );
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM event WHERE delivery_id = '{update}' AND type LIKE 'vn.axis.extension.%'"
                ),
                Is.Zero
            );
        }
    }

    [Test]
    public async Task More_time_may_be_declined_and_then_asked_for_again()
    {
        var delivery = await SentAsync(
            new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" }
        );
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");

        await AskAsync(commune, delivery, "2027-05-20");
        var unsaid = await AnswerAsync(office, delivery, new { granted = false });
        var declined = await AnswerAsync(
            office,
            delivery,
            new { granted = false, reason = "Phải xong trước kỳ họp" }
        );
        var again = await AskAsync(commune, delivery, "2027-05-14");
        var shorter = await AnswerAsync(
            office,
            delivery,
            new { granted = true, until = "2027-05-13" }
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(unsaid.Codes, Is.EqualTo(new[] { "AXIS-6005" }));
            Assert.That(declined.Json.GetProperty("state").GetString(), Is.EqualTo("declined"));
            Assert.That(again.Status, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(TimeOf(shorter.Json, "dueAt"), Is.EqualTo("2027-05-13 17:00"));
        }
    }

    [Test]
    public async Task Nobody_else_asks_or_answers_and_nothing_else_is_extended()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        var delivery = await SentAsync(letter);
        var plain = await SentAsync(new Letter(TestProvince.Office, TestProvince.Commune));
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        using var department = await _hub.ClientAsync("department");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (await AskAsync(office, delivery, "2027-05-20")).Codes,
                Is.EqualTo(new[] { "AXIS-6004" })
            );
            Assert.That(
                (await AskAsync(department, delivery, "2027-05-20")).Codes,
                Is.EqualTo(new[] { "AXIS-6004" })
            );
            Assert.That(
                (await AskAsync(commune, plain, "2027-05-20")).Codes,
                Is.EqualTo(new[] { "AXIS-5301" })
            );
            Assert.That(
                (await AskAsync(commune, delivery, "2027-05-12")).Codes,
                Is.EqualTo(new[] { "AXIS-5303" })
            );
            Assert.That(
                (await AskAsync(commune, delivery, "2027-05-20", "")).Codes,
                Is.EqualTo(new[] { "AXIS-6005" })
            );
            Assert.That(
                (await AnswerAsync(office, delivery, new { granted = true })).Codes,
                Is.EqualTo(new[] { "AXIS-5304" })
            );
            Assert.That(
                (await AskAsync(commune, delivery, "2027-05-20")).Status,
                Is.EqualTo(HttpStatusCode.Created)
            );
            Assert.That(
                (await AnswerAsync(commune, delivery, new { granted = true })).Codes,
                Is.EqualTo(new[] { "AXIS-6004" })
            );
        }
        await ReportAsync(letter, "06");
        Assert.That(
            (await AnswerAsync(office, delivery, new { granted = true })).Codes,
            Is.EqualTo(new[] { "AXIS-5301" })
        );
    }

    private static async Task<Answer> AskAsync(
        HttpClient client,
        Guid delivery,
        string until,
        string reason = "Cần thêm ý kiến"
    ) => await PostAsync(client, $"v1/deliveries/{delivery}/extension", new { until, reason });

    private static Task<Answer> AnswerAsync<T>(HttpClient client, Guid delivery, T said) =>
        PostAsync(client, $"v1/deliveries/{delivery}/extension/answer", said);
}
