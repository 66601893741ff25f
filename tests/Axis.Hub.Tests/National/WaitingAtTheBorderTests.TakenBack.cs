using System.Net;
using Axis.NationalSim;
using Axis.NationalSim.Catalogue;
using Axis.TestKit;
using Axis.Vxp;

namespace Axis.Hub.Tests.National;

public sealed partial class WaitingAtTheBorderTests
{
    [TestCase("recall")]
    [TestCase("13")]
    [TestCase("update")]
    public async Task A_letter_that_is_taken_back_before_it_was_sent_is_never_sent(string by)
    {
        await SwitchAsync("pause");
        var letter = await SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Ministry, Known)
        );
        await HasRowsAsync(letter, "s.state = 'due' AND cardinality(s.recipients) = 2");
        var statuses = SentStatuses();

        await TakenAsync(
            by switch
            {
                "recall" => (letter with { Business = 1, To = [TestProvince.Ministry] }).Signed(),
                "13" => new Report(
                    TestProvince.Office,
                    "13",
                    TestProvince.Ministry,
                    letter.DocumentId
                ).Bytes(),
                _ => (
                    letter with
                    {
                        Business = 2,
                        To = [Known],
                        Target = letter.DocumentId,
                        Receivers = [(TestProvince.Ministry, false)],
                    }
                ).Signed(),
            }
        );
        await _border.StateAsync(letter, TestProvince.Ministry, "withdrawn");
        await SwitchAsync("resume");

        await _border.ArrivedAsync(letter, Known);
        await HasRowsAsync(letter, "s.state <> 'sent'", 0);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(CopiesAt(letter, Known), Is.EqualTo(by == "update" ? 2 : 1));
            Assert.That(CopiesAt(letter, TestProvince.Ministry), Is.Zero);
            Assert.That(
                SentStatuses(),
                Is.EqualTo(statuses),
                "nor does a 13 go to who has no letter"
            );
        }
    }

    [Test]
    public async Task A_letter_that_is_taken_back_from_all_leaves_nothing_behind()
    {
        await SwitchAsync("pause");
        var letter = await SubmitAsync(new Letter(TestProvince.Office, TestProvince.Ministry));
        await HasRowsAsync(letter, "s.state = 'due'");
        await TakenAsync((letter with { Business = 1 }).Signed());
        await SwitchAsync("resume");

        await HasRowsAsync(letter, "true", 0);
        Assert.That(_border.There(letter), Is.Empty);
    }

    // Whether the act overtakes the mark or comes behind it, the recipient hears of it.
    [TestCase(1)]
    [TestCase(2)]
    public async Task A_letter_that_is_taken_back_during_the_call_is_taken_back_over_there(
        int business
    )
    {
        _border.Sim.Vices.Set(
            ViceKind.Slow,
            new Vice(Calls: [VxpCall.SendEdoc.Name], Next: 1, Milliseconds: 2_000)
        );
        var letter = await SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Ministry, Known)
        );
        await HasRowsAsync(letter, "s.state IN ('calling', 'unclear', 'sent')");
        await TakenAsync(
            (
                letter with
                {
                    Business = business,
                    To = business == 1 ? [TestProvince.Ministry] : [Known],
                    Target = letter.DocumentId,
                    Receivers = business == 1 ? [] : [(TestProvince.Ministry, false)],
                }
            ).Signed()
        );

        await Eventually.HoldsAsync(() =>
            Task.FromResult(CopiesAt(letter, TestProvince.Ministry) == 2)
        );
        await HasRowsAsync(letter, "s.state <> 'sent'", 0);
        Assert.That(CopiesAt(letter, TestProvince.Ministry), Is.EqualTo(2));
        Assert.That(CopiesAt(letter, Known), Is.EqualTo(business));
    }

    [Test]
    public async Task A_report_of_one_recipient_says_that_all_have_it_and_a_recall_reaches_the_others()
    {
        _border.Sim.Vices.Set(ViceKind.ForgetsRepeats);
        _border.Sim.Vices.Set(
            ViceKind.LostAnswer,
            new Vice(Calls: [VxpCall.SendEdoc.Name], Next: 1)
        );
        _border.Sim.Vices.Set(ViceKind.HtmlPage, new Vice(Calls: [VxpCall.GetSentEdocList.Name]));
        var letter = await SubmitAsync(
            new Letter(TestProvince.Office, TestProvince.Ministry, Border.Neighbour)
        );
        await HasRowsAsync(letter, "s.state = 'unclear'");
        // The ministry is played, and reports; the neighbour is a system of its own, and is silent.
        _border.Sim.Advance(TimeSpan.FromDays(40));

        await _border.ArrivedAsync(letter, TestProvince.Ministry);
        await _border.ArrivedAsync(letter, Border.Neighbour);
        await HasRowsAsync(letter, "s.state = 'sent' AND s.far_id IS NULL");

        // What the list shows is the letter's, though nobody told its id. A recall of the same number and title that did
        // not get through must not pass for it.
        _border.Sim.Vices.Set(ViceKind.HtmlPage, new Vice(Calls: [VxpCall.SendEdoc.Name], Next: 1));
        await TakenAsync((letter with { Business = 1, To = [Border.Neighbour] }).Signed());
        await Eventually.HoldsAsync(() => Task.FromResult(CopiesAt(letter, Border.Neighbour) == 2));
        await HasRowsAsync(letter, "s.far_id IS NOT NULL AND s.kind = 'document'", 2);
        Assert.That(CopiesAt(letter, Border.Neighbour), Is.EqualTo(2));
    }

    // Parted because of one of them, or refused together.
    [Test]
    public async Task A_retry_of_one_recipient_leaves_the_other_on_the_list_of_failures(
        [Values] bool together
    )
    {
        var (one, other) = together ? (TestProvince.Ministry, Known) : (Strange, Stranger);
        if (together)
        {
            await SwitchAsync("pause");
        }
        var letter = await SubmitAsync(new Letter(TestProvince.Office, one, other));
        if (together)
        {
            await HasRowsAsync(letter, "s.state = 'due'");
            await FailAsync(letter);
            await SwitchAsync("resume");
        }
        await _border.StateAsync(letter, one, "failed");
        await _border.StateAsync(letter, other, "failed");
        _border.Sim.Add(new KnownAgency(one, "", "Cơ quan mới"));

        await RetryAsync(letter, one);
        await _border.ArrivedAsync(letter, one);

        await HasRowsAsync(letter, $"s.state = 'failed' AND s.recipients = ARRAY['{other}']");
        Assert.That(CopiesAt(letter, other), Is.Zero);
        _border.Sim.Add(new KnownAgency(other, "", "Cơ quan mới"));
        var replayed = await PostAsync("national/national/replay", HttpStatusCode.OK);
        Assert.That(replayed.GetProperty("packages").GetInt64(), Is.EqualTo(1));
        await _border.ArrivedAsync(letter, other);
        Assert.That(CopiesAt(letter, one), Is.EqualTo(1));
    }

    private async Task FailAsync(Letter letter)
    {
        await StateAsync(letter, "failed");
        await ExecuteAsync("UPDATE far_sending SET state = 'failed' WHERE state = 'due'");
    }

    private int SentStatuses() =>
        _border.Sim.View().Systems.Single(one => one.Id == Border.SystemId).SentStatuses;
}
