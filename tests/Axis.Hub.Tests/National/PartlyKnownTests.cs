using System.Net;
using System.Text.Json;
using Axis.Hub.Registry;
using Axis.NationalSim.Provinces;
using Axis.TestKit;

namespace Axis.Hub.Tests.National;

/// <summary>Letters of which one side knows only some recipients: the known ones get them, the others are seen.</summary>
public sealed class PartlyKnownTests
{
    private const string Unknown = "G98";
    private const string Known = "G05";

    private Border _border = null!;
    private HttpClient _ops = null!;
    private HttpClient _office = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        _border = await Border.OpenAsync(LocalServersSetUp.Servers);
        await _border.Hub.AddOperatorAsync("keeper", "operator", "viewer");
        await _border.Hub.AddAgencyAsync(Unknown, null, AgencyReach.National);
        await _border.Hub.AddAgencyAsync(Known, null, AgencyReach.National);
        _ops = await _border.Hub.ClientAsync("keeper", ops: true);
        _office = await _border.Hub.ClientAsync("office");
    }

    [OneTimeTearDown]
    public async Task CloseAsync()
    {
        _office.Dispose();
        _ops.Dispose();
        await _border.DisposeAsync();
    }

    [Test]
    public async Task A_recipient_that_the_far_side_refuses_keeps_the_letter_from_no_other()
    {
        _border.Sim.Close(TestProvince.Ministry);
        var letter = new Letter(
            TestProvince.Office,
            Known,
            Unknown,
            TestProvince.Ministry,
            Border.Neighbour
        );
        var answer = await _office.SubmitAsync(letter.Signed());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);

        await _border.ArrivedAsync(letter, Known);
        await _border.ArrivedAsync(letter, Border.Neighbour);
        await _border.StateAsync(letter, Unknown, "failed");
        await _border.StateAsync(letter, TestProvince.Ministry, "failed");
        Assert.That(Copies(letter), Is.EquivalentTo(new[] { Known, Border.Neighbour }));

        // What is mended is sent again to those who lack it, and to nobody else.
        _border.Sim.Add(new(TestProvince.Ministry, TestProvince.MinistryOld, "VPCP"));
        using var replayed = await _ops.PostAsync("ops/v1/national/national/replay", null);
        Assert.That(replayed.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        await _border.StateAsync(letter, Unknown, "failed");
        Assert.That(
            Copies(letter),
            Is.EquivalentTo(new[] { Known, Border.Neighbour, TestProvince.Ministry })
        );
    }

    [Test]
    public async Task A_recipient_of_ours_that_nobody_knew_gets_the_letter_when_it_is_registered()
    {
        var written = _border.Sim.Write(
            new LetterWish
            {
                To = [TestProvince.Commune, Border.Stranger],
                From = TestProvince.Ministry,
                Priority = 1,
            }
        );
        var item = await ListedAsync(written.DocumentId!);
        Assert.That(item.GetProperty("missing")[0].GetString(), Is.EqualTo(Border.Stranger));
        Assert.That(await RecipientsAsync(written.DocumentId!), Is.EqualTo(1));
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_inward WHERE document_id = '{written.DocumentId}' AND acknowledged_at IS NOT NULL"
            ) == 2
        );
        await Eventually.HoldsAsync(async () => await AnswersAsync(written.DocumentId!) == 1);
        Assert.That(await ListedTimesAsync(written.DocumentId!), Is.EqualTo(1));
        var path = $"undeliverable/{item.GetProperty("id").GetString()}/replay";
        Assert.That(
            (await ReplayAsync(path)).GetProperty("reasons").GetArrayLength(),
            Is.EqualTo(1)
        );
        Assert.That(await RecipientsAsync(written.DocumentId!), Is.EqualTo(1));

        await _border.Hub.AddAgencyAsync(Border.Stranger);
        await _border.Hub.AddOfficeSystemAsync(
            "stranger",
            Door.Http,
            SignaturePolicy.Record,
            Border.Stranger
        );
        await _border.Hub.ChangeRegistryAsync(
            "UPDATE office_system SET announces_arrivals = true WHERE id = 'stranger'"
        );
        var replayed = await ReplayAsync(path);

        Assert.That(replayed.GetProperty("state").GetString(), Is.EqualTo("accepted"));
        using var stranger = await _border.Hub.ClientAsync("stranger");
        var inbox = await stranger.ItemsAsync("v1/inbox?limit=10");
        Assert.That(inbox.Single().GetProperty("sha256").GetString(), Is.EqualTo(written.Sha256));
        var told = (await stranger.ItemsAsync("v1/events?limit=10")).Single();
        Assert.That(
            (told.GetProperty("type").GetString(), told.GetProperty("subject").GetString()),
            Is.EqualTo(
                ("vn.axis.delivery.dispatched", inbox[0].GetProperty("deliveryId").GetString())
            ),
            "it asks to be told of its inbox"
        );
        Assert.That(await RecipientsAsync(written.DocumentId!), Is.EqualTo(2));
        // It is urgent, so its clock runs for the late one too.
        Assert.That(
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM deadline d JOIN package p ON p.id = d.package_id WHERE p.document_id = '{written.DocumentId}'"
            ),
            Is.EqualTo(2)
        );
        // Reports, recalls and retention look for a delivery in the days of its letter, however late it was made.
        Assert.That(
            await _border.Hub.CountAsync(
                $"""
                SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id
                WHERE p.document_id = '{written.DocumentId}' AND left(d.id::text, 13) = left(p.id::text, 13)
                    AND d.created_at > p.received_at
                """
            ),
            Is.EqualTo(1)
        );
        using var again = await _ops.PostAsync($"ops/v1/national/{path}", null);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await ListedTimesAsync(written.DocumentId!), Is.Zero);
        Assert.That(await AnswersAsync(written.DocumentId!), Is.EqualTo(1));

        // And it answers like any other.
        var report = await stranger.SubmitAsync(
            new Report(Border.Stranger, "03", TestProvince.Ministry, written.DocumentId).Bytes()
        );
        Assert.That(report.Status, Is.EqualTo(HttpStatusCode.Created), report.Text);
    }

    [Test]
    public async Task Two_unknown_recipients_of_one_letter_are_answered_once_each()
    {
        string[] strangers = ["H99.81", "H99.82"];
        foreach (var code in strangers)
        {
            _border.Sim.Add(new(code, "", "Xã lạ", ParentCode: TestProvince.Office));
        }
        var written = _border.Sim.Write(
            new LetterWish { To = strangers, From = TestProvince.Ministry }
        );
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_inward WHERE document_id = '{written.DocumentId}' AND state = 'undeliverable' AND acknowledged_at IS NOT NULL"
            ) == 2
        );
        await Eventually.HoldsAsync(async () => await AnswersAsync(written.DocumentId!) == 2);
        Assert.That(
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_sending s JOIN far_inward i ON i.id = s.source_id WHERE i.document_id = '{written.DocumentId}'"
            ),
            Is.EqualTo(2)
        );
    }

    [Test]
    public async Task A_letter_that_was_taken_back_meanwhile_is_brought_to_nobody_more()
    {
        const string Late = "H99.78";
        _border.Sim.Add(new(Late, "", "Xã muộn", ParentCode: TestProvince.Office));
        var wish = new LetterWish
        {
            To = [TestProvince.Commune, Late],
            From = TestProvince.Ministry,
        };
        var written = _border.Sim.Write(wish);
        var item = await ListedAsync(written.DocumentId!);
        _border.Sim.Write(
            wish with
            {
                Business = EdXml.BusinessType.Recall,
                DocumentId = written.DocumentId,
                To = [TestProvince.Commune],
            }
        );
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM package_link l JOIN package p ON p.id = l.target_package_id WHERE l.business = 1 AND p.document_id = '{written.DocumentId}'"
            ) == 1
        );
        await _border.Hub.AddAgencyAsync(Late);
        await _border.Hub.AddOfficeSystemAsync("late", Door.Http, SignaturePolicy.Record, Late);

        var replayed = await ReplayAsync(
            $"undeliverable/{item.GetProperty("id").GetString()}/replay"
        );

        Assert.That(
            replayed.GetProperty("reasons")[0].GetProperty("code").GetString(),
            Is.EqualTo("AXIS-3303")
        );
        using var late = await _border.Hub.ClientAsync("late");
        Assert.That(await late.ItemsAsync("v1/inbox?limit=10"), Is.Empty);
    }

    [Test]
    public async Task A_recall_that_not_all_could_be_given_says_when_it_is_tried_again_that_it_is_no_letter()
    {
        const string Late = "H99.79";
        _border.Sim.Add(new(Late, "", "Xã muộn", ParentCode: TestProvince.Office));
        var wish = new LetterWish
        {
            To = [TestProvince.Commune, Late],
            From = TestProvince.Ministry,
        };
        var written = _border.Sim.Write(wish);
        await ListedAsync(written.DocumentId!);
        _border.Sim.Write(
            wish with
            {
                Business = EdXml.BusinessType.Recall,
                DocumentId = written.DocumentId,
            }
        );
        await Eventually.HoldsAsync(async () => await ListedTimesAsync(written.DocumentId!) == 2);
        await _border.Hub.AddAgencyAsync(Late);
        await _border.Hub.AddOfficeSystemAsync("late2", Door.Http, SignaturePolicy.Record, Late);

        var reasons = new List<string>();
        foreach (
            var item in (await _ops.ItemsAsync("ops/v1/national/undeliverable?limit=1000")).Where(
                item => item.GetProperty("documentId").GetString() == written.DocumentId
            )
        )
        {
            var replayed = await ReplayAsync(
                $"undeliverable/{item.GetProperty("id").GetString()}/replay"
            );
            reasons.Add(replayed.GetProperty("reasons")[0].GetProperty("code").GetString()!);
        }

        Assert.That(reasons, Is.EquivalentTo(new[] { "AXIS-3303", "AXIS-3304" }));
    }

    [Test]
    public async Task A_letter_that_came_before_its_sender_was_known_is_answered_when_it_is_tried_again()
    {
        const string Late = "H99.80";
        const string Sender = "G31";
        _border.Sim.Add(new(Late, "", "Xã lạ", ParentCode: TestProvince.Office));
        _border.Sim.Add(new(Sender, "", "Bộ mới"));
        var written = _border.Sim.Write(
            new LetterWish { To = [TestProvince.Commune, Late], From = Sender }
        );
        // The axis lists it once for each of them.
        await Eventually.HoldsAsync(async () => await ListedTimesAsync(written.DocumentId!) == 2);
        await _border.Hub.AddAgencyAsync(Sender, null, AgencyReach.National);

        foreach (
            var item in (await _ops.ItemsAsync("ops/v1/national/undeliverable?limit=1000")).Where(
                item => item.GetProperty("documentId").GetString() == written.DocumentId
            )
        )
        {
            await ReplayAsync($"undeliverable/{item.GetProperty("id").GetString()}/replay");
        }

        await Eventually.HoldsAsync(async () => await AnswersAsync(written.DocumentId!) == 1);
        Assert.That(await RecipientsAsync(written.DocumentId!), Is.EqualTo(1));
        Assert.That(
            await ListedTimesAsync(written.DocumentId!),
            Is.EqualTo(1),
            "who is missing is told once"
        );
        Assert.That(
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_sending s JOIN far_inward i ON i.id = s.source_id WHERE i.document_id = '{written.DocumentId}'"
            ),
            Is.EqualTo(1)
        );
    }

    private string[] Copies(Letter letter) =>
        [.. _border.There(letter).SelectMany(one => one.Copies).Select(copy => copy.To)];

    private Task<long> RecipientsAsync(string documentId) =>
        _border.Hub.CountAsync(
            $"SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id WHERE p.document_id = '{documentId}'"
        );

    private async Task<JsonElement> ReplayAsync(string path)
    {
        using var answer = await _ops.PostAsync($"ops/v1/national/{path}", null);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private async Task<int> ListedTimesAsync(string documentId) =>
        (await _ops.ItemsAsync("ops/v1/national/undeliverable?limit=1000")).Count(item =>
            item.GetProperty("documentId").GetString() == documentId
        );

    /// <summary>Answers 02 that have left, of all items of a letter.</summary>
    private Task<long> AnswersAsync(string documentId) =>
        _border.Hub.CountAsync(
            $"SELECT count(*) FROM far_sending s JOIN far_inward i ON i.id = s.source_id WHERE s.title = '02' AND s.state = 'sent' AND i.document_id = '{documentId}'"
        );

    private async Task<JsonElement> ListedAsync(string documentId) =>
        (
            await Eventually.GetAsync(async () =>
                (await _ops.ItemsAsync("ops/v1/national/undeliverable?limit=1000"))
                    .Where(item => item.GetProperty("documentId").GetString() == documentId)
                    .Select(item => new Found(item))
                    .FirstOrDefault()
            )
        ).Item;

    private sealed record Found(JsonElement Item);
}
