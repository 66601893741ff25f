using System.Net;
using Axis.TestKit;

namespace Axis.Hub.Tests.Acts;

/// <summary>A recall, by a package and by a 13.</summary>
public sealed partial class ActTests
{
    [Test]
    public async Task A_letter_recalled_before_it_is_collected_is_gone_from_the_inbox_at_once()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        var delivery = receipt.DeliveryTo(TestProvince.Commune);

        var recall = await _office.SubmitAsync((letter with { Business = 1 }).Signed());

        Assert.That(EffectAt(recall, TestProvince.Commune), Is.EqualTo("withdrawn"), recall.Text);
        Assert.That(recall.Json.GetProperty("deliveries").GetArrayLength(), Is.Zero);
        var content = await _commune.GetAnswerAsync($"v1/inbox/{delivery}/content");
        var package = await _commune.GetAnswerAsync($"v1/packages/{receipt.PackageId}/content");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                (await _commune.ItemsAsync("v1/inbox?limit=1000")).Select(DocumentOf),
                Does.Not.Contain(letter.DocumentId)
            );
            Assert.That(content.Status, Is.EqualTo(HttpStatusCode.Gone));
            Assert.That(content.Codes, Is.EqualTo(new[] { "AXIS-5211" }));
            Assert.That(package.Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await _commune.AcknowledgeAsync(delivery), Is.EqualTo(HttpStatusCode.Gone));
            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("withdrawn"));
            Assert.That(
                TypesOf(await EventsAsync(_commune, letter)),
                Is.EqualTo(new[] { "vn.axis.delivery.withdrawn" })
            );
        }
    }

    [Test]
    public async Task An_amqp_recipient_that_takes_a_withdrawn_letter_off_its_queue_is_told_to_destroy_it()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Department);
        var delivery = receipt.DeliveryTo(TestProvince.Department);
        await _department.NextDeliveryAsync(letter.DocumentId);

        await _office.SubmitAsync((letter with { Business = 1 }).Signed());
        var told = await _department.NextEventAsync(one => DocumentIn(one) == letter.DocumentId);
        await _department.AcknowledgeAsync(delivery);
        var problem = await Eventually.GetAsync(() =>
            Task.FromResult(
                _department.Problems.FirstOrDefault(one =>
                    one.Json.GetProperty("errors")[0].TryGetProperty("value", out var value)
                    && value.GetString() == delivery.ToString()
                )
            )
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(TypeOf(told.Json), Is.EqualTo("vn.axis.delivery.withdrawn"));
            Assert.That(
                problem.Json.GetProperty("errors")[0].GetProperty("code").GetString(),
                Is.EqualTo("AXIS-5211")
            );
            Assert.That(
                await StageAsync(receipt, TestProvince.Department),
                Is.EqualTo("withdrawn")
            );
        }
    }

    [Test]
    public async Task A_letter_recalled_after_it_was_collected_is_asked_back_and_its_destruction_confirmed()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune, TestProvince.Department);
        var delivery = receipt.DeliveryTo(TestProvince.Commune);
        await _commune.AcknowledgeAsync(delivery);
        await ReportAsync(letter, "03");

        var recall = await _office.SubmitAsync((letter with { Business = 1 }).Signed());
        Assert.That(EffectAt(recall, TestProvince.Commune), Is.EqualTo("asked"), recall.Text);
        Assert.That(EffectAt(recall, TestProvince.Department), Is.EqualTo("withdrawn"));
        var notice = (await _commune.ItemsAsync("v1/inbox?limit=1000")).Single(item =>
            DocumentOf(item) == letter.DocumentId
        );
        await _commune.AcknowledgeAsync(notice.GetProperty("deliveryId").GetGuid());
        var agreed = await ReportAsync(letter, "15");

        var events = await EventsAsync(_office, letter);
        var view = await DeliveryAsync(receipt, TestProvince.Commune);
        var dialogue = view.GetProperty("dialogues").EnumerateArray().Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(notice.GetProperty("business").GetString(), Is.EqualTo("recall"));
            Assert.That(agreed.Json.GetProperty("deliveryId").GetGuid(), Is.EqualTo(delivery));
            Assert.That(
                TypesOf(await EventsAsync(_commune, letter)),
                Is.EqualTo(new[] { "vn.axis.recall.asked" })
            );
            Assert.That(
                TypesOf(events),
                Is.EqualTo(new[] { "vn.axis.delivery.status", "vn.axis.recall.answered" })
            );
            Assert.That(
                events.Select(one => one.GetProperty("sequence").GetString()),
                Is.EqualTo(new[] { "0000000001", "0000000003" }),
                "the second of this delivery went to the recipient"
            );
            Assert.That(view.GetProperty("stage").GetString(), Is.EqualTo("recalled"));
            Assert.That(view.GetProperty("status").GetString(), Is.EqualTo("15"));
            Assert.That(dialogue.GetProperty("state").GetString(), Is.EqualTo("agreed"));
            Assert.That(
                (await _commune.GetAnswerAsync($"v1/inbox/{delivery}/content")).Codes,
                Is.EqualTo(new[] { "AXIS-5216" })
            );
            Assert.That(
                RelationsOf(await _office.GetAnswerAsync($"v1/packages/{receipt.PackageId}")),
                Is.EqualTo(new[] { "recalledBy" })
            );
        }
    }

    [Test]
    public async Task A_declined_recall_leaves_the_work_where_it_got_to_meanwhile()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "03");
        await _office.SubmitAsync((letter with { Business = 1 }).Signed());

        var crossing = await ReportAsync(letter, "05");
        var declined = await ReportAsync(letter, "16");
        var later = await ReportAsync(letter, "03", "Vào sổ lại");
        var done = await ReportAsync(letter, "06");
        var tooLate = await ReportAsync(letter, "15");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(crossing), Is.EqualTo(("applied", "recall_asked")));
            Assert.That(Judged(declined), Is.EqualTo(("applied", "processing")));
            Assert.That(Judged(later), Is.EqualTo(("late", "processing")));
            Assert.That(Judged(done), Is.EqualTo(("applied", "done")));
            Assert.That(Judged(tooLate), Is.EqualTo(("late", "done")));
            Assert.That(
                (await DeliveryAsync(receipt, TestProvince.Commune))
                    .GetProperty("dialogues")[0]
                    .GetProperty("state")
                    .GetString(),
                Is.EqualTo("declined")
            );
        }
    }

    [Test]
    public async Task A_recall_that_names_some_recipients_recalls_those()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune, TestProvince.Department);

        var recall = await _office.SubmitAsync(
            (letter with { Business = 1, To = [TestProvince.DepartmentOld] }).Signed()
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(recall.Json.GetProperty("effects").GetArrayLength(), Is.EqualTo(1));
            Assert.That(
                await StageAsync(receipt, TestProvince.Department),
                Is.EqualTo("withdrawn")
            );
            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("dispatched"));
        }
    }

    [Test]
    public async Task A_13_and_a_recall_package_are_one_question()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "01");

        var asked = await _office.SubmitAsync(
            new Report(TestProvince.Office, "13", TestProvince.Commune, letter.DocumentId).Bytes()
        );
        var recall = await _office.SubmitAsync((letter with { Business = 1 }).Signed());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Judged(asked), Is.EqualTo(("applied", "recall_asked")));
            Assert.That(
                recall.Json.GetProperty("effects")[0].GetProperty("outcome").GetString(),
                Is.EqualTo("repeated")
            );
            Assert.That(
                (await DeliveryAsync(receipt, TestProvince.Commune))
                    .GetProperty("dialogues")
                    .GetArrayLength(),
                Is.EqualTo(1)
            );
        }
    }

    [TestCase("in Bussiness/DocumentId, under a new id of its own")]
    [TestCase("by number and date, under another id")]
    [TestCase("by the id with the other code of the agency")]
    public async Task A_recall_finds_its_letter_however_it_is_named(string how)
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        var recall = letter with { Business = 1 };
        recall = how[..2] switch
        {
            "in" => recall with
            {
                Target = letter.DocumentId,
                DocumentIdOverride = $"TH-{letter.Number}",
                Notation = "TH",
            },
            _ when how.Contains("number") => recall with
            {
                DocumentIdOverride = $"TH-{letter.Number}",
            },
            _ => recall with
            {
                Notation = "TH",
                DocumentIdOverride = $"TH-{letter.Number}",
                Target = letter.DocumentId.Replace(
                    TestProvince.Office + ",",
                    TestProvince.OfficeOld + ","
                ),
            },
        };

        var answer = await _office.SubmitAsync(recall.Signed());

        Assert.That(EffectAt(answer, TestProvince.Commune), Is.EqualTo("withdrawn"), answer.Text);
        Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("withdrawn"));
    }

    [Test]
    public async Task Nobody_recalls_the_letter_of_another()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);

        var attack = await _department.AnswerToAsync(
            await _department.SubmitAsync(
                new Letter(TestProvince.Department, TestProvince.Commune)
                {
                    Business = 1,
                    Target = letter.DocumentId,
                }.Signed()
            )
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(attack.Type, Is.EqualTo("axis.receipt"));
            Assert.That(
                attack
                    .Json.GetProperty("warnings")
                    .EnumerateArray()
                    .Select(one => one.GetProperty("code").GetString()),
                Does.Contain("AXIS-5212")
            );
            Assert.That(await StageAsync(receipt, TestProvince.Commune), Is.EqualTo("dispatched"));
        }
    }

    [Test]
    public async Task Two_letters_of_one_number_and_date_are_not_guessed_between()
    {
        var (first, _) = await SendAsync(TestProvince.Commune);
        await _office.SubmitAsync(
            (first with { DocumentIdOverride = $"second-{first.Number}" }).Signed()
        );

        var recall = await _office.SubmitAsync(
            (first with { Business = 1, DocumentIdOverride = $"third-{first.Number}" }).Signed()
        );

        Assert.That(recall.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(recall.Codes, Is.EqualTo(new[] { "AXIS-5213" }));
    }

    [Test]
    public async Task Many_copies_of_one_recall_at_once_are_carried_out_once()
    {
        var (letter, receipt) = await SendAsync(TestProvince.Commune);
        await ReportAsync(letter, "01");
        var recall = (letter with { Business = 1 }).Signed();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => _office.SubmitAsync(recall))
        );

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Select(answer => answer.Text).Distinct().Count(), Is.EqualTo(1));
            Assert.That(
                answers.Count(answer => answer.Status == HttpStatusCode.Created),
                Is.EqualTo(1)
            );
            Assert.That(
                (await DeliveryAsync(receipt, TestProvince.Commune))
                    .GetProperty("dialogues")
                    .GetArrayLength(),
                Is.EqualTo(1)
            );
        }
    }

    [Test]
    public async Task A_recall_that_races_the_acknowledgement_ends_the_same_for_both_sides()
    {
        for (var round = 0; round < 8; round++)
        {
            var (letter, receipt) = await SendAsync(TestProvince.Commune);
            var delivery = receipt.DeliveryTo(TestProvince.Commune);

            var acknowledging = _commune.AcknowledgeAsync(delivery);
            var recall = await _office.SubmitAsync((letter with { Business = 1 }).Signed());
            var acknowledged = await acknowledging;

            var effect = EffectAt(recall, TestProvince.Commune);
            Assert.That(
                (acknowledged, effect),
                Is.EqualTo((HttpStatusCode.Gone, "withdrawn"))
                    .Or.EqualTo((HttpStatusCode.NoContent, "asked"))
            );
            Assert.That(
                await StageAsync(receipt, TestProvince.Commune),
                Is.EqualTo(effect == "asked" ? "recall_asked" : "withdrawn")
            );
        }
    }
}
