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
}
