using System.Net;
using Axis.TestKit;

namespace Axis.Hub.Tests.Deadlines;

/// <summary>An update of a letter may name another day.</summary>
public sealed partial class DeadlineTests
{
    [TestCase("2027/05/20", "2027-05-20 17:00")]
    [TestCase("2027/05/11", "2027-05-11 17:00")]
    [TestCase("2027/05/15", "2027-05-17 17:00")]
    public async Task An_update_moves_the_deadline_to_the_day_that_it_names(string day, string due)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        await SentAsync(letter);

        await UpdatedAsync(letter, day);

        var deadline = await OnlyDeadlineAsync("commune", "v1/deadlines");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(TimeOf(deadline, "dueAt"), Is.EqualTo(due));
            Assert.That(TimeOf(deadline, "firstDueAt"), Is.EqualTo("2027-05-12 17:00"));
            Assert.That(await EventsAsync("commune"), Is.EqualTo(new[] { "deadline.moved" }));
            Assert.That(await EventsAsync("office"), Is.Empty, "it knows");
            Assert.That(
                await _hub.CountAsync(
                    "SELECT count(*) FROM delivery_history WHERE what = 'deadline_moved' AND detail = '"
                        + due[..10]
                        + "'"
                ),
                Is.GreaterThan(0)
            );
        }
    }

    [Test]
    public async Task Reminders_begin_anew_for_the_new_day()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        await SentAsync(letter);
        _clock.Now = At("2027-05-12 17:00");
        await RemindAsync();
        await UpdatedAsync(letter, "2027/05/20");

        _clock.Now = At("2027-05-19 17:00");
        var early = await RemindAsync();
        _clock.Now = At("2027-05-20 07:30");
        var near = await RemindAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((early, near), Is.EqualTo((0, 1)));
            Assert.That(
                await EventsAsync("commune"),
                Is.EqualTo(new[] { "deadline.passed", "deadline.moved", "deadline.near" })
            );
        }
    }

    [Test]
    public async Task A_letter_that_asked_for_no_day_may_be_given_one()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        await SentAsync(letter);

        await UpdatedAsync(letter, "2027/05/14");

        Assert.That(
            TimeOf(await OnlyDeadlineAsync("commune", "v1/deadlines"), "dueAt"),
            Is.EqualTo("2027-05-14 17:00")
        );
    }

    [TestCase(null)]
    [TestCase("2027/05/12")]
    [TestCase("0001/01/01")]
    public async Task An_update_that_names_no_other_day_moves_nothing(string? day)
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        await SentAsync(letter);

        await UpdatedAsync(letter, day);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                TimeOf(await OnlyDeadlineAsync("commune", "v1/deadlines"), "dueAt"),
                Is.EqualTo("2027-05-12 17:00")
            );
            Assert.That(await EventsAsync("commune"), Is.Empty);
        }
    }

    [Test]
    public async Task A_repeat_of_the_update_moves_nothing_again_and_one_that_is_too_late_nothing_at_all()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        await SentAsync(letter);
        var update = (letter with { Business = 2, DueOn = "2027/05/20" }).Signed();
        using var office = await _hub.ClientAsync("office");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => office.SubmitAsync(update)));
        var moved = await EventsAsync("commune");
        await ReportAsync(letter, "06");

        await UpdatedAsync(letter, "2027/05/25");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(moved, Is.EqualTo(new[] { "deadline.moved" }));
            Assert.That(await EventsAsync("commune"), Is.EqualTo(moved));
            Assert.That(await OutcomesAsync(), Is.EqualTo(new[] { "completion met" }));
            Assert.That(
                await _hub.CountAsync(
                    "SELECT count(*) FROM deadline WHERE due_at = '2027-05-20 17:00+07'"
                ),
                Is.EqualTo(1)
            );
        }
    }

    [TestCase("2027/05/21", "AXIS-5304")]
    [TestCase("2027/05/14", null)]
    public async Task Whoever_asked_for_more_time_and_has_it_by_the_update_need_not_be_answered(
        string day,
        string? refused
    )
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune) { DueOn = "2027/05/12" };
        var delivery = await SentAsync(letter);
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        await AskAsync(commune, delivery, "2027-05-20");

        await UpdatedAsync(letter, day);

        var declined = await AnswerAsync(
            office,
            delivery,
            new { granted = false, reason = "Đã gia hạn bằng bản cập nhật" }
        );
        Assert.That(
            declined.Status,
            Is.EqualTo(refused is null ? HttpStatusCode.Created : HttpStatusCode.Conflict),
            declined.Text
        );
        if (refused is not null)
        {
            Assert.That(declined.Codes, Is.EqualTo(new[] { refused }));
        }
    }

    [Test]
    public async Task Only_those_whom_the_update_reaches_have_another_day()
    {
        var letter = new Letter(TestProvince.Office, TestProvince.Commune, TestProvince.Department)
        {
            DueOn = "2027/05/12",
        };
        await SentAsync(letter);

        await UpdatedAsync(letter with { To = [TestProvince.Department] }, "2027/05/20");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                TimeOf(await OnlyDeadlineAsync("commune", "v1/deadlines"), "dueAt"),
                Is.EqualTo("2027-05-12 17:00")
            );
            Assert.That(
                TimeOf(await OnlyDeadlineAsync("department", "v1/deadlines"), "dueAt"),
                Is.EqualTo("2027-05-20 17:00")
            );
        }
    }

    private async Task<Answer> UpdatedAsync(Letter letter, string? day)
    {
        using var office = await _hub.ClientAsync("office");
        var answer = await office.SubmitAsync(
            (letter with { Business = 2, DueOn = day, Subject = "Cập nhật" }).Signed()
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return answer;
    }
}
