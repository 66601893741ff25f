using Axis.TestKit;

namespace Axis.Hub.Tests.Acts;

/// <summary>An update, and what becomes of it when its letter goes.</summary>
public sealed partial class ActTests
{
    [Test]
    public async Task Its_update_that_nobody_took_is_gone_from_the_inbox_too()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune, TestProvince.Second);
        var second = receipt.DeliveryTo(TestProvince.Second);
        await _office.AcknowledgeAsync(second);
        var update = await _office.SubmitAsync((letter with { Business = 2 }).Signed());

        await _office.SubmitAsync((letter with { Business = 1 }).Signed());

        var content = await _commune.GetAnswerAsync(
            $"v1/inbox/{update.DeliveryTo(TestProvince.Commune)}/content"
        );
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (await _commune.ItemsAsync("v1/inbox?limit=1000")).Select(DocumentOf),
                Does.Not.Contain(letter.DocumentId)
            );
            Assert.That(content.Codes, Is.EqualTo(new[] { "AXIS-5211" }));
            Assert.That(await StageAsync(update, TestProvince.Commune), Is.EqualTo("withdrawn"));
            // Whoever has the letter is asked, and may still read what was said of it.
            Assert.That(await StageAsync(update, TestProvince.Second), Is.EqualTo("dispatched"));
        }
    }

    [Test]
    public async Task An_update_asks_those_who_have_the_letter_adds_some_and_withdraws_it_from_others()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune, TestProvince.Department);
        await ReportAsync(letter, "03");
        await _department.NextDeliveryAsync(letter.DocumentId);
        var update = letter with
        {
            Business = 2,
            Target = letter.DocumentId,
            To = [TestProvince.Commune, TestProvince.Department],
            Receivers = [(TestProvince.Department, false), (TestProvince.Second, true)],
        };

        var answer = await _office.SubmitAsync(update.Signed());

        Assert.That(EffectAt(answer, TestProvince.Commune), Is.EqualTo("asked"), answer.Text);
        Assert.That(EffectAt(answer, TestProvince.Department), Is.EqualTo("withdrawn"));
        Assert.That(
            answer
                .Json.GetProperty("deliveries")
                .EnumerateArray()
                .Select(one => one.GetProperty("recipient").GetString()),
            Is.EqualTo(new[] { TestProvince.Commune, TestProvince.Second })
        );
        // The added recipient works with the update as with any letter, and answers under its document id.
        var added = await _office.SubmitAsync(
            new Report(TestProvince.Second, "03", TestProvince.Office, letter.DocumentId).Bytes()
        );
        var agreed = await ReportAsync(letter, "15");
        var next = await ReportAsync(letter, "05");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(added), Is.EqualTo(("applied", "received")));
            Assert.That(
                added.Json.GetProperty("deliveryId").GetGuid(),
                Is.EqualTo(answer.DeliveryTo(TestProvince.Second))
            );
            Assert.That(Judged(agreed), Is.EqualTo(("applied", "received")));
            Assert.That(Judged(next), Is.EqualTo(("applied", "processing")));
            Assert.That(
                await StageAsync(receipt, TestProvince.Department),
                Is.EqualTo("withdrawn")
            );
        }
    }

    [Test]
    public async Task An_agreement_to_an_update_does_not_confirm_a_destruction()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await _office.SubmitAsync((letter with { Business = 2 }).Signed());
        await _office.SubmitAsync((letter with { Business = 1 }).Signed());

        // Said before the recall was asked, so about the update; the other is said after.
        var crossing = await ReportAsync(letter, "15");
        var real = await _commune.SubmitAsync(
            new Report(TestProvince.Commune, "15", TestProvince.Office, letter.DocumentId)
            {
                Timestamp = "2099/01/01 00:00:00",
            }.Bytes()
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(crossing), Is.EqualTo(("late", "recall_asked")));
            Assert.That(Judged(real), Is.EqualTo(("applied", "recalled")));
            Assert.That(
                (await DeliveryAsync(receipt, TestProvince.Commune))
                    .GetProperty("dialogues")
                    .EnumerateArray()
                    .Select(one =>
                        (one.GetProperty("kind").GetString(), one.GetProperty("state").GetString())
                    ),
                Is.EqualTo(new[] { ("update", "overtaken"), ("recall", "agreed") })
            );
        }
    }

    [Test]
    public async Task A_13_takes_the_update_that_nobody_took_along_once_however_often_it_is_said()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        var update = await _office.SubmitAsync((letter with { Business = 2 }).Signed());

        var first = await TakeBackAsync(letter);
        var again = await TakeBackAsync(letter, "Xin nhắc lại");
        var recall = await _office.SubmitAsync((letter with { Business = 1 }).Signed());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(first), Is.EqualTo(("applied", "withdrawn")));
            Assert.That(Judged(again), Is.EqualTo(("repeated", "withdrawn")));
            Assert.That(
                recall.Json.GetProperty("effects")[0].GetProperty("outcome").GetString(),
                Is.EqualTo("repeated")
            );
            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("withdrawn"));
            Assert.That(await StageAsync(update, TestProvince.Commune), Is.EqualTo("withdrawn"));
            Assert.That(await InboxAsync(letter), Is.Empty);
            Assert.That(
                (await EventsAsync(_commune, letter))
                    .Where(one => TypeOf(one) == "vn.axis.delivery.withdrawn")
                    .Select(one => one.GetProperty("subject").GetString()),
                Is.EquivalentTo(
                    new[] { receipt, update }.Select(one =>
                        one.DeliveryTo(TestProvince.Commune).ToString()
                    )
                ),
                "each is told once"
            );
        }
    }

    [Test]
    public async Task Whoever_an_update_removes_loses_the_updates_of_before_too()
    {
        var (letter, _) = await SendAsync(TestProvince.Commune, TestProvince.Second);
        var first = await _office.SubmitAsync((letter with { Business = 2 }).Signed());

        await _office.SubmitAsync(
            (
                letter with
                {
                    Business = 2,
                    Subject = "Bỏ bớt nơi nhận",
                    Receivers = [(TestProvince.Commune, false)],
                }
            ).Signed()
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await StageAsync(first, TestProvince.Commune), Is.EqualTo("withdrawn"));
            Assert.That(await StageAsync(first, TestProvince.Second), Is.EqualTo("dispatched"));
            Assert.That(await InboxAsync(letter), Is.Empty);
        }
    }

    [TestCase("15", "withdrawn")]
    [TestCase("16", "dispatched")]
    public async Task When_the_letter_is_taken_its_update_waits_for_the_answer_to_the_recall(
        string answer,
        string expected
    )
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await _commune.AcknowledgeAsync(receipt.DeliveryTo(TestProvince.Commune));
        var update = await _office.SubmitAsync((letter with { Business = 2 }).Signed());
        await TakeBackAsync(letter);
        var asked = await StageAsync(update, TestProvince.Commune);

        await _commune.SubmitAsync(
            new Report(TestProvince.Commune, answer, TestProvince.Office, letter.DocumentId)
            {
                Timestamp = "2099/01/01 00:00:00",
            }.Bytes()
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked, Is.EqualTo("dispatched"));
            Assert.That(await StageAsync(update, TestProvince.Commune), Is.EqualTo(expected));
        }
    }

    [Test]
    public async Task A_replacement_takes_the_update_of_the_old_letter_along()
    {
        var (letter, _) = await SendAsync(TestProvince.Commune);
        var update = await _office.SubmitAsync((letter with { Business = 2 }).Signed());

        await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
            {
                Business = 3,
                Replaces = [(letter.DocumentId, [])],
            }.Signed()
        );

        Assert.That(await StageAsync(update, TestProvince.Commune), Is.EqualTo("withdrawn"));
    }

    [Test]
    public async Task An_update_that_was_taken_is_not_taken_away()
    {
        var (letter, _) = await SendAsync(TestProvince.Commune);
        var update = await _office.SubmitAsync((letter with { Business = 2 }).Signed());
        await _commune.AcknowledgeAsync(update.DeliveryTo(TestProvince.Commune));

        await TakeBackAsync(letter);

        Assert.That(await StageAsync(update, TestProvince.Commune), Is.EqualTo("collected"));
    }

    [Test]
    public async Task An_update_that_crosses_a_recall_is_never_left_behind()
    {
        for (var round = 0; round < 8; round++)
        {
            var (letter, receipt) = await SendAsync(TestProvince.Commune);
            var updates = Enumerable
                .Range(0, 3)
                .Select(n => (letter with { Business = 2, Subject = $"Lần {n}" }).Signed())
                .ToArray();

            // An update that comes after the recall is a letter to who has lost the first; one that comes before goes
            // with it. Neither of them tells of a letter that is gone.
            await Task.WhenAll([
                .. updates.Select(update => _office.SubmitAsync(update)),
                round % 2 == 0
                    ? TakeBackAsync(letter)
                    : _office.SubmitAsync((letter with { Business = 1 }).Signed()),
            ]);

            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("withdrawn"));
            Assert.That(
                await _hub.CountAsync(
                    $"""
                    SELECT count(*) FROM delivery
                    WHERE about = '{receipt.DeliveryTo(
                        TestProvince.Commune
                    )}' AND state <> 'withdrawn'
                    """
                ),
                Is.Zero
            );
        }
    }

    private Task<Answer> TakeBackAsync(Letter letter, string reason = "Gửi nhầm") =>
        _office.SubmitAsync(
            new Report(TestProvince.Office, "13", TestProvince.Commune, letter.DocumentId)
            {
                Description = reason,
            }.Bytes()
        );

    /// <summary>What lies in the inbox of the commune under the id of a letter.</summary>
    private async Task<IReadOnlyList<string?>> InboxAsync(Letter letter) =>
        [
            .. (await _commune.ItemsAsync("v1/inbox?limit=1000"))
                .Select(DocumentOf)
                .Where(id => id == letter.DocumentId),
        ];
}
