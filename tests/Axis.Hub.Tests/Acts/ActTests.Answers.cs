using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Acts;

/// <summary>Answers that come again or too late, when another question is open than the one they were given to.</summary>
public sealed partial class ActTests
{
    private const string LongAgo = "2026/11/20 09:00:00";

    // As one says it whose clock is set wrongly.
    private const string Ahead = "2099/01/01 09:00:00";
    private const string FurtherAhead = "2099/01/01 09:00:01";

    [TestCase(LongAgo)]
    [TestCase(Ahead)]
    public async Task An_agreement_to_an_update_said_again_during_a_recall_confirms_no_destruction(
        string said
    )
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await _office.SubmitAsync((letter with { Business = 2 }).Signed());
        var agreed = await AnswerAsync(letter, "15", said, "Đồng ý");
        await _office.SubmitAsync((letter with { Business = 1 }).Signed());

        var again = await AnswerAsync(letter, "15", said, "Đồng ý (gửi lại)");
        var content = await _commune.GetAnswerAsync($"v1/packages/{receipt.PackageId}/content");
        var real = await AnswerAsync(letter, "15", FurtherAhead, "Đã hủy");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(agreed), Is.EqualTo(("applied", "received")));
            Assert.That(Judged(again), Is.EqualTo(("late", "recall_asked")));
            Assert.That(content.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(Judged(real), Is.EqualTo(("applied", "recalled")));
            Assert.That(
                await QuestionsAsync(receipt),
                Is.EqualTo(new[] { ("update", "agreed"), ("recall", "agreed") })
            );
        }
    }

    [TestCase(LongAgo)]
    [TestCase(Ahead)]
    public async Task A_refusal_said_again_does_not_answer_the_second_recall(string said)
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await TakeBackAsync(letter);
        var declined = await AnswerAsync(letter, "16", said, "Đang xử lý");
        await TakeBackAsync(letter, "Vẫn xin lại");

        var again = await AnswerAsync(letter, "16", said, "Đang xử lý (gửi lại)");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(declined), Is.EqualTo(("applied", "received")));
            Assert.That(Judged(again), Is.EqualTo(("late", "recall_asked")));
            Assert.That(
                await QuestionsAsync(receipt),
                Is.EqualTo(new[] { ("recall", "declined"), ("recall", "asked") })
            );
        }
    }

    [Test]
    public async Task An_agreement_that_crosses_a_second_update_is_not_an_agreement_to_it()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await _office.SubmitAsync((letter with { Business = 2 }).Signed());
        await _office.SubmitAsync((letter with { Business = 2, Subject = "Lần hai" }).Signed());

        var crossing = await AnswerAsync(letter, "15", LongAgo, "Đồng ý lần một");
        var real = await AnswerAsync(letter, "15", Ahead, "Đồng ý lần hai");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(crossing), Is.EqualTo(("late", "update_asked")));
            Assert.That(Judged(real), Is.EqualTo(("applied", "received")));
            Assert.That(
                await QuestionsAsync(receipt),
                Is.EqualTo(new[] { ("update", "overtaken"), ("update", "agreed") })
            );
        }
    }

    [Test]
    public async Task The_question_that_an_update_of_an_unknown_letter_brings_counts_as_one()
    {
        var update = new Letter(TestProvince.Office, TestProvince.Commune) { Business = 2 };
        var receipt = await _office.SubmitAsync(update.Signed());
        await ReportAsync(update, "03");
        var agreed = await AnswerAsync(update, "15", LongAgo, "Đồng ý");
        await TakeBackAsync(update);

        var again = await AnswerAsync(update, "15", LongAgo, "Đồng ý (gửi lại)");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(agreed), Is.EqualTo(("applied", "received")));
            Assert.That(Judged(again), Is.EqualTo(("late", "recall_asked")));
            Assert.That(
                await StageAsync(receipt, TestProvince.Commune),
                Is.EqualTo("recall_asked")
            );
        }
    }

    [Test]
    public async Task An_answer_to_a_second_question_must_tell_its_time()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        var delivery = receipt.DeliveryTo(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await _office.SubmitAsync((letter with { Business = 2 }).Signed());
        var first = await TellAsync(delivery, new { status = "15", description = "Đồng ý" });
        await TakeBackAsync(letter);

        var untimed = await AnswerAsync(letter, "15", said: null, "Đã hủy");
        var inAFewWords = await TellAsync(delivery, new { status = "15" });
        var timed = await TellAsync(
            delivery,
            new { status = "15", at = TimeProvider.System.GetUtcNow().AddHours(1) }
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(first), Is.EqualTo(("applied", "received")), first.Text);
            foreach (var refused in (Answer[])[untimed, inAFewWords])
            {
                Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
                Assert.That(refused.Codes, Is.EqualTo(new[] { "AXIS-5104" }));
            }
            Assert.That(Judged(timed), Is.EqualTo(("applied", "recalled")), timed.Text);
            Assert.That(
                await _hub.CountAsync(
                    $"SELECT count(*) FROM status_report WHERE delivery_id = '{delivery}' AND status = '15'"
                ),
                Is.EqualTo(2),
                "nothing is kept of what is refused"
            );
        }
    }

    [TestCase(1, "15", "recalled")]
    [TestCase(1, "16", "received")]
    [TestCase(2, "15", "received")]
    [TestCase(1, "05", "recall_asked")]
    public async Task What_is_said_of_the_delivery_of_a_recall_or_an_update_is_said_of_its_letter(
        int business,
        string code,
        string stage
    )
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await _office.SubmitAsync((letter with { Business = business }).Signed());
        var notice = (await _commune.ItemsAsync("v1/inbox?limit=1000"))
            .Single(item => DocumentOf(item) == letter.DocumentId)
            .GetProperty("deliveryId")
            .GetGuid();

        var said = await TellAsync(notice, new { status = code, description = "Văn thư" });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(said), Is.EqualTo(("applied", stage)), said.Text);
            Assert.That(
                said.Json.GetProperty("deliveryId").GetGuid(),
                Is.EqualTo(receipt.DeliveryTo(TestProvince.Commune))
            );
            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo(stage));
            Assert.That(
                await InboxAsync(letter),
                Has.Count.EqualTo(1),
                "the package itself is taken by an acknowledgement"
            );
        }
    }

    private Task<Answer> AnswerAsync(Letter letter, string code, string? said, string words) =>
        _commune.SubmitAsync(
            new Report(TestProvince.Commune, code, TestProvince.Office, letter.DocumentId)
            {
                Timestamp = said,
                Description = words,
            }.Bytes()
        );

    private async Task<Answer> TellAsync(Guid delivery, object said)
    {
        using var response = await _commune.PostAsync(
            new Uri($"v1/deliveries/{delivery}/status", UriKind.Relative),
            JsonContent.Create(said)
        );
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode, text, JsonSerializer.Deserialize<JsonElement>(text));
    }

    private async Task<IEnumerable<(string?, string?)>> QuestionsAsync(Answer receipt) =>
        (await DeliveryAsync(receipt, TestProvince.Commune))
            .GetProperty("dialogues")
            .EnumerateArray()
            .Select(one =>
                (one.GetProperty("kind").GetString(), one.GetProperty("state").GetString())
            );
}
