using System.Net;
using Axis.TestKit;

namespace Axis.Hub.Tests.Acts;

/// <summary>A replacement.</summary>
public sealed partial class ActTests
{
    [Test]
    public async Task A_replacement_marks_the_old_letter_and_links_the_two()
    {
        var (old, receipt) = await SendAsync(TestProvince.Commune, TestProvince.Department);
        await ReportAsync(old, "03");
        var replacement = new Letter(TestProvince.Office, TestProvince.Commune)
        {
            Business = 3,
            Replaces = [(old.DocumentId, [])],
        };

        var answer = await _office.SubmitAsync(replacement.Signed());

        var told = (await EventsAsync(_commune, old)).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                EffectAt(answer, TestProvince.Commune),
                Is.EqualTo("replaced"),
                answer.Text
            );
            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("replaced"));
            Assert.That(await StageAsync(receipt, TestProvince.Department), Is.EqualTo("replaced"));
            Assert.That(TypeOf(told), Is.EqualTo("vn.axis.delivery.replaced"));
            Assert.That(
                told.GetProperty("data").GetProperty("actDocumentId").GetString(),
                Is.EqualTo(replacement.DocumentId)
            );
            Assert.That(
                RelationsOf(await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}")),
                Is.EqualTo(new[] { "replacedBy" })
            );
            Assert.That(
                RelationsOf(await _commune.GetAnswerAsync($"v1/packages/{answer.PackageId}")),
                Is.EqualTo(new[] { "replaces" })
            );
            Assert.That(
                Judged(await ReportAsync(old, "06")),
                Is.EqualTo(("late", "replaced")),
                "the old letter is at its end"
            );
            Assert.That(
                Judged(await ReportAsync(replacement, "03")),
                Is.EqualTo(("applied", "received"))
            );
        }
    }

    [Test]
    public async Task A_replacement_for_some_leaves_the_letter_of_the_others()
    {
        var (old, receipt) = await SendAsync(TestProvince.Commune, TestProvince.Department);

        await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Commune)
            {
                Business = 3,
                Replaces = [(old.DocumentId, [TestProvince.Commune])],
            }.Signed()
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("replaced"));
            Assert.That(
                await StageAsync(receipt, TestProvince.Department),
                Is.EqualTo("dispatched")
            );
        }
    }

    [Test]
    public async Task A_recipient_sees_no_link_to_what_only_others_were_sent()
    {
        var (old, receipt) = await SendAsync(TestProvince.Commune, TestProvince.Department);

        var replacement = await _office.SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Department)
            {
                Business = 3,
                Replaces = [(old.DocumentId, [TestProvince.Department])],
            }.Signed()
        );

        using var department = await _hub.ClientAsync("department");
        var path = $"v1/packages/{receipt.PackageId}";
        var seen = await _commune.GetAnswerAsync(path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RelationsOf(seen), Is.Empty);
            Assert.That(seen.Text, Does.Not.Contain($"{replacement.PackageId}"));
            foreach (var client in (HttpClient[])[_office, department])
            {
                Assert.That(
                    RelationsOf(await client.GetAnswerAsync(path)),
                    Is.EqualTo(new[] { "replacedBy" })
                );
            }
        }
    }

    [TestCase(LongAgo)]
    [TestCase(null)]
    public async Task A_late_report_on_the_old_letter_does_not_eat_its_replacement_of_the_same_id(
        string? said
    )
    {
        var (old, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(old, "05");
        var replacement = old with { Business = 3, Replaces = [(old.DocumentId, [])] };
        var answer = await _office.SubmitAsync(replacement.Signed());

        var late = await AnswerAsync(old, "06", said, "Xong văn bản cũ");
        var inbox = await InboxAsync(old);
        var taken = await _commune.AcknowledgeAsync(answer.DeliveryTo(TestProvince.Commune));
        var next = await AnswerAsync(replacement, "03", said, "Vào sổ văn bản mới");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(EffectAt(answer, TestProvince.Commune), Is.EqualTo("replaced"));
            Assert.That(Judged(late), Is.EqualTo(("late", "replaced")));
            Assert.That(DeliveryIn(late), Is.EqualTo(receipt.DeliveryTo(TestProvince.Commune)));
            Assert.That(inbox, Has.Count.EqualTo(1));
            Assert.That(taken, Is.EqualTo(HttpStatusCode.NoContent));
            Assert.That(Judged(next), Is.EqualTo(("applied", "received")));
            Assert.That(DeliveryIn(next), Is.EqualTo(answer.DeliveryTo(TestProvince.Commune)));
        }
    }

    [Test]
    public async Task Who_reports_after_a_replacement_came_has_taken_it_without_a_word()
    {
        var (old, _) = await SendAsync(TestProvince.Commune);
        await ReportAsync(old, "05");
        var answer = await _office.SubmitAsync(
            (old with { Business = 3, Replaces = [(old.DocumentId, [])] }).Signed()
        );

        var report = await AnswerAsync(old, "03", Ahead, "Vào sổ");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(report), Is.EqualTo(("applied", "received")));
            Assert.That(DeliveryIn(report), Is.EqualTo(answer.DeliveryTo(TestProvince.Commune)));
            Assert.That(await InboxAsync(old), Is.Empty);
        }
    }

    [Test]
    public async Task A_late_report_does_not_eat_the_update_that_is_a_letter_to_who_destroyed_the_first()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await TakeBackAsync(letter);
        await ReportAsync(letter, "15");
        var update = await _office.SubmitAsync((letter with { Business = 2 }).Signed());

        var late = await AnswerAsync(letter, "05", LongAgo, "Đang xử lý bản cũ");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(late), Is.EqualTo(("late", "recalled")));
            Assert.That(DeliveryIn(late), Is.EqualTo(receipt.DeliveryTo(TestProvince.Commune)));
            Assert.That(await InboxAsync(letter), Has.Count.EqualTo(1));
            Assert.That(await StageAsync(update, TestProvince.Commune), Is.EqualTo("dispatched"));
        }
    }

    [Test]
    public async Task A_report_without_time_is_about_the_only_letter_that_the_recipient_can_have()
    {
        var (letter, _) = await SendAsync(TestProvince.Commune);
        await TakeBackAsync(letter);
        var update = await _office.SubmitAsync((letter with { Business = 2 }).Signed());

        var report = await AnswerAsync(letter, "03", said: null, "Vào sổ");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(report), Is.EqualTo(("applied", "received")));
            Assert.That(DeliveryIn(report), Is.EqualTo(update.DeliveryTo(TestProvince.Commune)));
        }
    }

    private static Guid DeliveryIn(Answer receipt) =>
        receipt.Json.GetProperty("deliveryId").GetGuid();
}
