using System.Globalization;
using Axis.Hub.Tests.Vxp;
using Axis.NationalSim.Provinces;
using Axis.Vxp;

namespace Axis.NationalSim.Tests;

/// <summary>Each vice as it is seen on the wire.</summary>
public sealed class ViceTests : SimTest
{
    [Test]
    public async Task Slow_answers_no_sooner_than_it_says()
    {
        Sim.Vices.Set(ViceKind.Slow, new Vice(Milliseconds: 300));
        var began = TimeProvider.System.GetTimestamp();

        await ListAsync();

        Assert.That(
            TimeProvider.System.GetElapsedTime(began),
            Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(290))
        );
    }

    [Test]
    public void Down_cuts_the_connection_and_does_nothing()
    {
        Sim.Vices.Set(ViceKind.Down);

        Assert.That(async () => await SendAsync(await LetterAsync("1", "H07")), Throws.Exception);
        Assert.That(Sim.Letters(), Is.Empty);
    }

    [Test]
    public async Task A_lost_answer_is_of_a_call_that_was_carried_out()
    {
        Sim.Vices.Set(ViceKind.LostAnswer, new Vice(Next: 1));
        var package = await LetterAsync("1", "H07");

        Assert.That(async () => await SendAsync(package), Throws.Exception);

        Assert.That(Sim.Letters(), Has.Count.EqualTo(1));
        Assert.That((await SendAsync(package)).IsOk, Is.True);
    }

    [Test]
    public async Task A_cut_answer_is_shorter_than_its_head_says()
    {
        Sim.Vices.Set(ViceKind.CutAnswer);

        var answer = await ListAsync();

        Assert.That(
            answer.Body.Length,
            Is.LessThan(int.Parse(HeaderOf(answer, "Content-Length"), CultureInfo.InvariantCulture))
        );
    }

    [TestCase(200)]
    [TestCase(502)]
    public async Task An_html_page_comes_instead_of_an_answer(int status)
    {
        Sim.Vices.Set(ViceKind.HtmlPage, new Vice(Status: status));

        var answer = await ListAsync();

        Assert.That(answer.Status, Is.EqualTo(status));
        Assert.That(answer.Text, Does.StartWith("<html>"));
        Assert.That(HeaderOf(answer, "Content-Type"), Does.StartWith("text/html"));
    }

    [Test]
    public async Task Plain_unauthorized_is_one_word()
    {
        Sim.Vices.Set(ViceKind.PlainUnauthorized);

        var answer = await ListAsync();

        Assert.That((answer.Status, answer.Text), Is.EqualTo((401, "Unauthorized")));
    }

    [Test]
    public async Task Too_many_asks_for_a_pause()
    {
        Sim.Vices.Set(ViceKind.TooMany, new Vice(Seconds: 7));

        var answer = await ListAsync();

        Assert.That(answer.Status, Is.EqualTo(429));
        Assert.That(HeaderOf(answer, "Retry-After"), Is.EqualTo("7"));
    }

    [Test]
    public async Task An_empty_answer_is_a_success_of_nothing()
    {
        Sim.Vices.Set(ViceKind.EmptyAnswer);

        var answer = await ListAsync();

        Assert.That((answer.Status, answer.Body.Length), Is.EqualTo((200, 0)));
    }

    [Test]
    public async Task A_system_error_takes_nothing()
    {
        Sim.Vices.Set(ViceKind.SystemError);

        var answer = await SendAsync(await LetterAsync("1", "H07"));

        Assert.That(answer.Code, Is.EqualTo("20"));
        Assert.That(Sim.Letters(), Is.Empty);
    }

    [Test]
    public async Task A_wrong_content_type_is_of_a_right_answer()
    {
        Sim.Vices.Set(ViceKind.WrongContentType);

        var answer = await ListAsync();

        Assert.That(HeaderOf(answer, "Content-Type"), Does.StartWith("text/html"));
        Assert.That(answer.IsOk, Is.True);
    }

    [Test]
    public async Task Null_data_is_no_list()
    {
        Sim.Vices.Set(ViceKind.NullData);

        var answer = await ListAsync();

        Assert.That(answer.IsOk, Is.True);
        Assert.That(
            answer.Json.GetProperty("data").ValueKind,
            Is.EqualTo(System.Text.Json.JsonValueKind.Null)
        );
    }

    [Test]
    public async Task Duplicate_lists_show_items_twice_and_acknowledged_ones_again()
    {
        var (first, second) = (Arrives("H99"), Arrives("H99"));
        var (done, waiting) = (first.Copies[0].DocId, second.Copies[0].DocId);
        await UpdateAsync(done);
        Sim.Vices.Set(ViceKind.DuplicateLists);

        Assert.That(DocIdsOf(await ListAsync()), Is.EqualTo(new[] { done, waiting, waiting }));
    }

    [Test]
    public async Task A_lost_acknowledgement_is_answered_yes_and_forgotten()
    {
        var docId = Arrives("H99").Copies.Single().DocId;
        Sim.Vices.Set(ViceKind.LostAcknowledgement, new Vice(Next: 1));

        Assert.That((await UpdateAsync(docId)).IsOk, Is.True);
        Assert.That(DocIdsOf(await ListAsync()), Is.EqualTo(new[] { docId }));

        Assert.That((await UpdateAsync(docId)).IsOk, Is.True);
        Assert.That((await ListAsync()).Items, Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_failed_document_stays_on_the_list_only_with_the_vice(bool keeps)
    {
        var docId = Arrives("H99").Copies.Single().DocId;
        if (keeps)
        {
            Sim.Vices.Set(ViceKind.KeepsFailed);
        }

        await UpdateAsync(docId, VxpValue.Fail);

        Assert.That((await ListAsync()).Items, keeps ? Has.Count.EqualTo(1) : Is.Empty);
    }

    [Test]
    public async Task Who_forgets_repeats_makes_two_letters_of_one_file()
    {
        Sim.Vices.Set(ViceKind.ForgetsRepeats);
        var package = await LetterAsync("5", "H07");

        var first = await SendAsync(package);
        var again = await SendAsync(package);

        Assert.That(again.Text, Is.Not.EqualTo(first.Text));
        Assert.That(Sim.Letters("5"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Rewritten_xml_has_a_hop_more_and_a_signature_that_nobody_finds()
    {
        var intact = Sim.Write(new LetterWish { To = ["H99"], WithSignature = true });
        Sim.Vices.Set(ViceKind.RewrittenXml);
        var rewritten = Sim.Write(new LetterWish { To = ["H99"], WithSignature = true });

        var before = Read(await GetAsync(intact.Copies[0].DocId));
        var package = await GetAsync(rewritten.Copies[0].DocId);
        var after = Read(package);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(before.Document!.Trace, Has.Count.EqualTo(1));
            Assert.That(after.Document!.Trace, Has.Count.EqualTo(2));
            Assert.That(TextOf(package), Does.Contain("<SignatureValue>"));
            Assert.That(TextOf(package), Does.Not.Contain("xmldsig#\""));
            Assert.That(after.IsComplete, Is.True);
        }
    }

    [Test]
    public async Task A_clock_difference_shows_in_the_head_and_in_the_lists()
    {
        Arrives("H99");
        var straight = await ListAsync();
        Sim.Vices.Set(ViceKind.ClockDifference, new Vice(Seconds: -7_200));

        var off = await ListAsync();

        Assert.That(TimeOf(off), Is.LessThan(TimeOf(straight).AddHours(-1)));
        Assert.That(
            DateTimeOffset.Parse(HeaderOf(off, "Date"), CultureInfo.InvariantCulture),
            Is.LessThan(Sim.View().Now.AddHours(-1))
        );
    }

    [Test]
    public async Task Strict_timestamps_refuse_an_old_one_and_take_a_fresh_one()
    {
        Sim.Vices.Set(ViceKind.StrictTimestamps, new Vice(Seconds: 3_600));

        var old = await ListAsync();
        var fresh = await ListAsync(
            given:
            [
                (
                    VxpParameter.Timestamp,
                    VxpTimestamp.Write(
                        TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(7))
                    )
                ),
            ]
        );

        Assert.That(old.Code, Is.EqualTo("15"));
        Assert.That(fresh.Code, Is.EqualTo("0"));
    }

    [Test]
    public async Task Statuses_may_name_their_agency_by_its_old_code()
    {
        Sim.Vices.Set(ViceKind.OldCodes);
        await SendAsync(await LetterAsync("7", "H07.02"));
        Sim.Advance(TimeSpan.FromHours(1));

        var status = await FirstStatusAsync();

        Assert.That(status.From.OrganId, Is.EqualTo("000.00.02.H07"));
        Assert.That(Sim.Letters("7").Single().Copies.Single().Statuses, Is.Not.Empty);
    }

    [Test]
    public async Task Bare_statuses_name_the_letter_by_number_and_date_alone()
    {
        Sim.Vices.Set(ViceKind.BareStatuses);
        await SendAsync(await LetterAsync("7", "H07.02"));
        Sim.Advance(TimeSpan.FromHours(1));

        var status = await FirstStatusAsync();

        Assert.That(status.ResponseFor.DocumentId, Is.Null);
        Assert.That(status.ResponseFor.Code, Is.EqualTo("15/UBND-VP"));
        Assert.That(status.ResponseFor.PromulgationDate!.Value.Text, Is.EqualTo("2026/11/20"));
    }

    [Test]
    public async Task A_vice_of_one_call_leaves_the_others_alone()
    {
        Sim.Vices.Set(ViceKind.SystemError, new Vice(Calls: [VxpCall.SendEdoc.Name]));

        Assert.That((await ListAsync()).IsOk, Is.True);
        Assert.That((await SendAsync(await LetterAsync("1", "H07"))).IsOk, Is.False);
    }

    [Test]
    public async Task A_vice_that_shows_three_times_shows_three_times()
    {
        Sim.Vices.Set(ViceKind.SystemError, new Vice(Next: 3));

        var codes = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            codes.Add((await ListAsync()).Code);
        }

        Assert.That(codes, Is.EqualTo(new[] { "20", "20", "20", "0", "0" }));
        Assert.That(Sim.Calls().Count(call => call.Vices.Contains("system-error")), Is.EqualTo(3));
    }

    [Test]
    public async Task A_vice_with_a_share_shows_now_and_then()
    {
        Sim.Vices.Set(ViceKind.SystemError, new Vice(Share: 0.5));

        var codes = new List<string>();
        for (var i = 0; i < 40; i++)
        {
            codes.Add((await ListAsync()).Code);
        }

        Assert.That(codes.Distinct(), Is.EquivalentTo(new[] { "0", "20" }));
    }

    private async Task<EdXml.StatusHeader> FirstStatusAsync() =>
        Read(await GetAsync(DocIdsOf(await ListAsync(VxpValue.MessageStatus))[0])).Status!;

    private static DateTime TimeOf(RawAnswer list) =>
        DateTime.ParseExact(
            list.Items[0].GetProperty("created_time").GetString()!,
            "yyyy/MM/dd HH:mm:ss",
            CultureInfo.InvariantCulture
        );

    private static string HeaderOf(RawAnswer answer, string name) =>
        answer
            .Head.Split("\r\n")
            .Single(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[
                (name.Length + 1)..
            ]
            .Trim();

    [TestCase(ViceKind.NoPackage)]
    [TestCase(ViceKind.XmlBomb)]
    public async Task A_document_that_is_no_package_stays_none_and_the_next_is_whole(ViceKind vice)
    {
        Sim.Vices.Set(vice, new Vice(Next: 1));
        Arrives("H99.01");
        Arrives("H99.01");

        var ids = DocIdsOf(await ListAsync());

        for (var again = 0; again < 2; again++)
        {
            Assert.That(Read(await GetAsync(ids[0])).Document, Is.Null);
        }
        Assert.That(Read(await GetAsync(ids[1])).Document, Is.Not.Null);
    }

    [Test]
    public async Task A_document_in_bad_base64_and_a_ghost_are_listed_and_never_handed_out()
    {
        Sim.Vices.Set(ViceKind.BadBase64, new Vice(Next: 1));
        Arrives("H99.01");
        Sim.Vices.Set(ViceKind.GhostItem, new Vice(Next: 1));
        Arrives("H99.01");

        var ids = DocIdsOf(await ListAsync());

        var bad = await AskAsync(VxpCall.GetEdoc, (VxpParameter.DocId, ids[0]));
        Assert.That(bad.Code, Is.EqualTo("0"));
        Assert.That(
            () => Convert.FromBase64String(bad.Json.GetProperty("data").GetString()!),
            Throws.InstanceOf<FormatException>()
        );
        var ghost = await AskAsync(VxpCall.GetEdoc, (VxpParameter.DocId, ids[1]));
        Assert.That(ghost.Code, Is.EqualTo("21"));
    }

    [Test]
    public async Task A_letter_of_ours_to_a_played_province_uses_no_damage_up()
    {
        Sim.Vices.Set(ViceKind.GhostItem, new Vice(Next: 1));
        await SendAsync(await LetterAsync("1", "H07"));
        Assert.That(Sim.Vices.On, Does.ContainKey(ViceKind.GhostItem));
    }
}
