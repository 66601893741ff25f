using System.Net;
using Axis.NationalSim;
using Axis.NationalSim.Provinces;
using Axis.TestKit;
using Axis.Vxp;
using Axis.Vxp.Client;

namespace Axis.Hub.Tests.National;

/// <summary>
/// The gateway against the simulated national axis and its vices: nothing lost, nothing there twice, all statuses home.
/// </summary>
public sealed class BorderTests
{
    private Border _border = null!;

    [OneTimeSetUp]
    public async Task OpenAsync() => _border = await Border.OpenAsync(LocalServersSetUp.Servers);

    [OneTimeTearDown]
    public Task CloseAsync() => _border.DisposeAsync().AsTask();

    [TearDown]
    public void EndAllVices()
    {
        _border.Sim.Vices.Clear();
        _border.Sim.Add(new(TestProvince.Ministry, TestProvince.MinistryOld, "VPCP"));
    }

    [Test]
    public async Task A_letter_crosses_with_its_bytes_and_every_status_comes_home()
    {
        var (letter, package) = await SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Ministry)
        );
        await _border.ArrivedAsync(letter, TestProvince.Ministry);

        var there = _border.There(letter).Single();
        Assert.That(there.Sha256, Is.EqualTo(Sha256Of(package)));
        Assert.That(there.Copies.Single().To, Is.EqualTo(TestProvince.Ministry));

        _border.Sim.Advance(TimeSpan.FromDays(40));
        await Eventually.HoldsAsync(async () =>
            (await HomeAsync(letter)).SequenceEqual(Said(letter)) && Said(letter).Length > 1
        );
    }

    [Test]
    public async Task An_acknowledgement_whose_answer_was_lost_is_known_by_the_list()
    {
        _border.Sim.Vices.Set(
            ViceKind.LostAnswer,
            new Vice(Calls: [VxpCall.UpdateStatus.Name], Next: 1)
        );
        var written = _border.Sim.Write(
            new LetterWish { To = [TestProvince.Commune], From = TestProvince.Ministry }
        );
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_inward WHERE document_id = '{written.DocumentId}' AND acknowledged_at IS NOT NULL"
            ) == 1
        );
        Assert.That(_border.Sim.Vices.On, Is.Empty, "it was lost");
    }

    [Test]
    public async Task Documents_that_the_line_never_lets_through_hold_up_no_others()
    {
        _border.Sim.Vices.Set(ViceKind.PageForLarge, new Vice(Status: 502));
        // More than are fetched at a time, and first on the list.
        var large = Enumerable.Range(0, 6).Select(_ => Write(200_000)).ToArray();
        var small = Enumerable.Range(0, 3).Select(_ => Write(1_000)).ToArray();
        foreach (var documentId in small)
        {
            await Eventually.HoldsAsync(async () => await DeliveriesOfAsync(documentId) == 1);
        }
        Assert.That(await DeliveriesOfAsync(large[0]), Is.Zero);

        _border.Sim.Vices.Clear(ViceKind.PageForLarge);
        foreach (var documentId in large)
        {
            await Eventually.HoldsAsync(async () => await DeliveriesOfAsync(documentId) == 1);
        }

        string Write(int bytes) =>
            _border
                .Sim.Write(
                    new LetterWish
                    {
                        To = [TestProvince.Commune],
                        From = TestProvince.Ministry,
                        AttachmentBytes = bytes,
                    }
                )
                .DocumentId!;
    }

    [Test]
    public async Task Statuses_come_home_in_their_order_though_the_line_keeps_one_back()
    {
        var (letter, _) = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        _border.Sim.Vices.Set(
            ViceKind.CutAnswer,
            new Vice(Calls: [VxpCall.GetEdoc.Name], Next: 3, Share: 0.5)
        );
        _border.Sim.Advance(TimeSpan.FromDays(40));
        await Eventually.HoldsAsync(async () =>
            (await HomeAsync(letter)).Length == Said(letter).Length && Said(letter).Length > 1
        );
        Assert.That(await HomeAsync(letter), Is.EqualTo(Said(letter)));
    }

    [Test]
    public async Task Statuses_in_the_old_form_of_codes_and_without_an_id_meet_their_letter()
    {
        _border.Sim.Vices.Set(ViceKind.OldCodes);
        _border.Sim.Vices.Set(ViceKind.BareStatuses);
        var (letter, _) = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        _border.Sim.Advance(TimeSpan.FromDays(40));
        await Eventually.HoldsAsync(async () => (await HomeAsync(letter)).Length > 1);
    }

    [Test]
    public async Task A_recipient_named_by_both_of_its_codes_is_one_delivery_and_one_copy()
    {
        var (letter, _) = await SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Ministry, TestProvince.MinistryOld)
        );
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        Assert.That(_border.There(letter).Single().Copies, Has.Count.EqualTo(1));
    }

    // Each of these happens after the document was taken, or leaves that open; and a repeat would be a second letter.
    [TestCase(ViceKind.LostAnswer)]
    [TestCase(ViceKind.CutAnswer)]
    [TestCase(ViceKind.HtmlPage)]
    [TestCase(ViceKind.EmptyAnswer)]
    public async Task What_was_sent_without_an_answer_is_looked_for_and_not_sent_twice(
        ViceKind vice
    )
    {
        _border.Sim.Vices.Set(ViceKind.ForgetsRepeats);
        _border.Sim.Vices.Set(vice, new Vice(Calls: [VxpCall.SendEdoc.Name], Next: 1));
        var (letter, _) = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        Assert.That(_border.There(letter), Has.Count.EqualTo(1));
    }

    // What a slow line still holds when the call is over must have time to arrive before it is sent again.
    [Test]
    public async Task The_time_to_settle_begins_at_the_end_of_a_call()
    {
        var call = TimeSpan.FromSeconds(1);
        await _border.QuietAsync();
        _border.Sim.Vices.Set(
            ViceKind.Slow,
            new Vice(
                Calls: [VxpCall.SendEdoc.Name],
                Next: 1,
                Milliseconds: (int)call.TotalMilliseconds
            )
        );
        _border.Sim.Vices.Set(
            ViceKind.LostAnswer,
            new Vice(Calls: [VxpCall.SendEdoc.Name], Next: 1)
        );
        var (letter, _) = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        Assert.That(
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_sending s JOIN package p ON p.id = s.source_id WHERE p.document_id = '{letter.DocumentId}' AND s.called_at >= s.created_at + interval '{call.TotalSeconds} seconds'"
            ),
            Is.EqualTo(1)
        );
    }

    [TestCase(ViceKind.Down)]
    [TestCase(ViceKind.PlainUnauthorized)]
    [TestCase(ViceKind.TooMany)]
    [TestCase(ViceKind.SystemError)]
    public async Task What_was_not_taken_is_sent_again_until_it_is(ViceKind vice)
    {
        // Nor does a pause of a day that a proxy asks for hold a letter up for a day.
        _border.Sim.Vices.Set(
            vice,
            new Vice(Calls: [VxpCall.SendEdoc.Name], Next: 3, Seconds: 86_400)
        );
        var (letter, _) = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        Assert.That(_border.There(letter), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_refusal_ends_the_delivery_with_its_reason_and_a_retry_sends_it_when_the_reason_is_gone()
    {
        _border.Sim.Close(TestProvince.Ministry);
        var (letter, _) = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await _border.StateAsync(letter, TestProvince.Ministry, "failed");
        var delivery = await _border.DeliveryAsync(letter, TestProvince.Ministry);
        // Why is for operators; senders see that it failed.
        Assert.That(
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM delivery WHERE id = '{delivery.GetProperty("deliveryId").GetString()}' AND last_error LIKE '23 %'"
            ),
            Is.EqualTo(1)
        );

        _border.Sim.Add(new(TestProvince.Ministry, TestProvince.MinistryOld, "VPCP"));
        await _border.Hub.AddOperatorAsync("keeper", "operator", "viewer");
        using var keeper = await _border.Hub.ClientAsync("keeper", ops: true);
        using var answer = await keeper.PostAsync(
            new Uri(
                $"ops/v1/deliveries/{delivery.GetProperty("deliveryId").GetString()}/retry",
                UriKind.Relative
            ),
            null
        );
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
    }

    [Test]
    public async Task A_recall_follows_the_letter_over_the_border()
    {
        var (letter, _) = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        await SubmitAsync(letter with { Business = 1 });
        await Eventually.HoldsAsync(() => Task.FromResult(_border.There(letter).Count == 2));
    }

    [TestCase(null)]
    [TestCase(ViceKind.RewrittenXml)]
    [TestCase(ViceKind.WrongContentType)]
    [TestCase(ViceKind.DuplicateLists)]
    [TestCase(ViceKind.LostAcknowledgement)]
    public async Task A_letter_to_us_arrives_once_and_its_statuses_go_back(ViceKind? vice)
    {
        if (vice is { } one)
        {
            _border.Sim.Vices.Set(one);
        }
        var written = _border.Sim.Write(
            new LetterWish { To = [TestProvince.Commune], From = TestProvince.Ministry }
        );
        using var commune = await _border.Hub.ClientAsync("commune");
        var item = await InboxAsync(commune, written.DocumentId!);
        if (vice is not ViceKind.RewrittenXml)
        {
            Assert.That(item.GetProperty("sha256").GetString(), Is.EqualTo(written.Sha256));
        }
        Assert.That(item.GetProperty("sender").GetString(), Is.EqualTo(TestProvince.Ministry));
        using var ack = await commune.PostAsync(
            new Uri($"v1/inbox/{item.GetProperty("deliveryId").GetString()}/ack", UriKind.Relative),
            null
        );
        var answer = await commune.SubmitAsync(
            new Report(
                TestProvince.Commune,
                "03",
                TestProvince.Ministry,
                written.DocumentId
            ).Bytes()
        );
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                _border
                    .Sim.Letters(written.DocumentId)
                    .SelectMany(letter => letter.Copies)
                    .Any(copy => copy.Statuses.Contains("03"))
            )
        );
        Assert.That(await DeliveriesOfAsync(written.DocumentId!), Is.EqualTo(1));
    }

    [Test]
    public async Task A_letter_to_both_codes_of_one_recipient_is_one_delivery()
    {
        var written = _border.Sim.Write(
            new LetterWish
            {
                To = [TestProvince.Department, TestProvince.Commune],
                From = TestProvince.Ministry,
                BothCodes = true,
            }
        );
        await Eventually.HoldsAsync(async () =>
            await DeliveriesOfAsync(written.DocumentId!) == 2
            && _border.Sim.View().Systems.Single(one => one.Id == Border.SystemId).WaitingDocuments
                == 0
        );
        Assert.That(await DeliveriesOfAsync(written.DocumentId!), Is.EqualTo(2));
    }

    [Test]
    public async Task A_letter_that_others_receive_too_is_not_sent_on_to_them()
    {
        var written = _border.Sim.Write(
            new LetterWish
            {
                To = [TestProvince.Commune, Border.Neighbour],
                From = TestProvince.Ministry,
            }
        );
        await Eventually.HoldsAsync(async () => await DeliveriesOfAsync(written.DocumentId!) == 1);
        Assert.That(_border.Sim.Letters(written.DocumentId, Border.SystemId), Is.Empty);
    }

    [Test]
    public async Task A_recipient_that_nobody_knows_is_on_the_list_and_answered_with_02()
    {
        var written = _border.Sim.Write(
            new LetterWish { To = [Border.Stranger], From = TestProvince.Ministry }
        );
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_inward WHERE document_id = '{written.DocumentId}' AND state = 'undeliverable' AND bytes IS NOT NULL"
            ) == 1
        );
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                "SELECT count(*) FROM far_sending WHERE title = '02' AND state = 'sent'"
            ) >= 1
        );
    }

    [Test]
    public async Task What_the_intake_refuses_is_kept_with_its_reasons()
    {
        using var http = new HttpClient(VxpClient.CreateHandler(TimeSpan.FromMinutes(1)));
        var neighbour = new VxpClient(
            http,
            new VxpIdentity(_border.Sim.Endpoint, "h37.axis", Border.NeighbourSecret),
            TimeProvider.System,
            TimeSpan.FromMinutes(2)
        );
        var letter = new Letter(Border.Neighbour, TestProvince.Commune) { Subject = "" };
        var sent = await neighbour.SendEdocAsync(
            VxpSending.Of(
                Border.Neighbour,
                [TestProvince.Commune],
                VxpValue.MessageEdoc,
                letter.Unsigned()
            ),
            default
        );
        Assert.That(sent.Fault, Is.Null);
        await Eventually.HoldsAsync(async () =>
            await _border.Hub.CountAsync(
                $"SELECT count(*) FROM far_inward WHERE document_id = '{letter.DocumentId}' AND state = 'undeliverable' AND reasons::text LIKE '%AXIS-1%'"
            ) == 1
        );
    }

    private async Task<(Letter, byte[])> SubmitAsync(Letter letter)
    {
        using var office = await _border.Hub.ClientAsync("office");
        var package = letter.Signed();
        var answer = await office.SubmitAsync(package);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return (letter, package);
    }

    private static string Sha256Of(byte[] package) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(package));

    private string[] Said(Letter letter) =>
        [.. _border.There(letter).SelectMany(one => one.Copies).SelectMany(copy => copy.Statuses)];

    private async Task<string[]> HomeAsync(Letter letter) =>
        [
            .. (await _border.DeliveryAsync(letter, TestProvince.Ministry))
                .GetProperty("history")
                .EnumerateArray()
                .Where(line => line.GetProperty("what").GetString() == "status")
                .Select(line => line.GetProperty("status").GetString()!),
        ];

    private Task<long> DeliveriesOfAsync(string documentId) =>
        _border.Hub.CountAsync(
            $"SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id WHERE p.document_id = '{documentId}'"
        );

    private static async Task<System.Text.Json.JsonElement> InboxAsync(
        HttpClient client,
        string documentId
    ) =>
        (
            await Eventually.GetAsync(async () =>
            {
                var list = await client.GetAnswerAsync("v1/inbox?limit=100");
                return list
                    .Json.GetProperty("items")
                    .EnumerateArray()
                    .Where(item => item.GetProperty("documentId").GetString() == documentId)
                    .Cast<System.Text.Json.JsonElement?>()
                    .Select(item => new Found(item!.Value))
                    .FirstOrDefault();
            })
        ).Item;

    private sealed record Found(System.Text.Json.JsonElement Item);
}
