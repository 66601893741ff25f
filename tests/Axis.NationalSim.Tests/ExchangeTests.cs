using Axis.Hub.Tests.Vxp;
using Axis.NationalSim.Control;
using Axis.NationalSim.Provinces;
using Axis.Vxp;

namespace Axis.NationalSim.Tests;

public sealed class ExchangeTests : SimTest
{
    [Test]
    public async Task A_wrong_secret_is_told_so()
    {
        var answer = await SayAsync(
            VxpAsk.Of(
                VxpCall.GetReceivedEdocList,
                Province,
                "another secret",
                (VxpParameter.MessageType, VxpValue.MessageEdoc)
            )
        );

        Assert.That(answer.Code, Is.EqualTo("15"));
        Assert.That(Sim.Calls()[0].System, Is.Empty);
    }

    [Test]
    public async Task What_another_province_sends_is_listed_fetched_and_gone_when_acknowledged()
    {
        var sent = Arrives("H99.01");
        var (docId, _) = (DocIdsOf(await ListAsync()).Single(), 0);

        var package = await GetAsync(docId);
        Assert.That(Read(package).Document!.DocumentId, Is.EqualTo(sent.DocumentId));
        Assert.That((await UpdateAsync(docId)).IsOk, Is.True);

        Assert.That((await ListAsync()).Items, Is.Empty);
        Assert.That(
            Sim.Letters(sent.DocumentId).Single().Copies.Single().Transport,
            Is.EqualTo(VxpValue.Done)
        );
    }

    [Test]
    public async Task Nobody_collects_what_is_for_another_system()
    {
        var docId = Arrives("H41").Copies.Single().DocId;

        var answer = await AskAsync(VxpCall.GetEdoc, (VxpParameter.DocId, docId));

        Assert.That(answer.Code, Is.EqualTo("21"));
        Assert.That((await UpdateAsync(docId)).Code, Is.EqualTo("21"));
        Assert.That((await ListAsync()).Items, Is.Empty);
    }

    [Test]
    public async Task A_letter_goes_from_one_connected_province_to_another_byte_for_byte()
    {
        var package = await LetterAsync("1", "H41");
        Assert.That((await SendAsync(package)).IsOk, Is.True);

        var docId = DocIdsOf(await ListAsync(system: Neighbour)).Single();

        Assert.That(await GetAsync(docId, Neighbour), Is.EqualTo(package));
    }

    [Test]
    public async Task A_recipient_named_by_both_codes_is_listed_under_each()
    {
        Sim.Write(new LetterWish { To = ["H99.05"], BothCodes = true });

        Assert.That(
            (await ListAsync()).Items.Select(item => item.GetProperty("to").GetString()),
            Is.EqualTo(new[] { "H99.05", "000.00.05.H99" })
        );
    }

    [Test]
    public async Task Another_province_answers_a_letter_in_its_own_time()
    {
        await SendAsync(await LetterAsync("7", "H07.02"));
        Assert.That((await ListAsync(VxpValue.MessageStatus)).Items, Is.Empty);

        Sim.Advance(TimeSpan.FromDays(30));

        var list = await ListAsync(VxpValue.MessageStatus);
        var first = Read(await GetAsync(DocIdsOf(list)[0])).Status!;
        Assert.That(first.StatusCode, Is.EqualTo("01"));
        Assert.That(first.From.OrganId, Is.EqualTo("H07.02"));
        Assert.That(first.ResponseFor.DocumentId, Is.EqualTo("7"));
        Assert.That(
            Sim.Letters("7").Single().Copies.Single().Statuses,
            Has.Count.EqualTo(list.Items.Count).And.Some.AnyOf("02", "03")
        );
    }

    [Test]
    public async Task The_same_seed_gives_the_same_answers()
    {
        var answers = new List<IReadOnlyList<string>>();
        for (var run = 0; run < 2; run++)
        {
            await using var sim = await NationalSimulator.StartAsync(Options);
            await RawHttp.AskAsync(
                sim.Endpoint,
                VxpAsk
                    .Sending(
                        await LetterAsync("8", "H07.02", "G05", "H12"),
                        Province,
                        Options.Systems[0].Secret,
                        "H99.01"
                    )
                    .Bytes()
            );
            sim.Advance(TimeSpan.FromDays(60));
            answers.Add([
                .. sim.Letters("8").Single().Copies.Select(copy => string.Join(' ', copy.Statuses)),
            ]);
        }

        Assert.That(answers[1], Is.EqualTo(answers[0]));
    }

    [TestCase("[\"H99.99\"]", "18")]
    [TestCase("[\"H07.03\"]", "23")]
    [TestCase("H07", "21")]
    public async Task A_letter_to_nobody_is_refused(string to, string code)
    {
        Sim.Close("H07.03");

        var answer = await SendAsync(await LetterAsync("9", "H07.02"), to: to);

        Assert.That(answer.Code, Is.EqualTo(code), answer.Text);
        Assert.That(Sim.Letters(), Is.Empty);
    }

    [Test]
    public async Task A_letter_from_another_system_s_agency_is_refused() =>
        Assert.That(
            (await SendAsync(await LetterAsync("9", "H07"), from: "H41")).Code,
            Is.EqualTo("19")
        );

    [Test]
    public async Task A_file_that_is_no_package_is_refused() =>
        Assert.That((await SendAsync("<edXML"u8.ToArray())).Code, Is.EqualTo("22"));

    [Test]
    public async Task The_same_file_again_is_the_same_letter()
    {
        var package = await LetterAsync("5", "H07");

        var first = await SendAsync(package);
        var again = await SendAsync(package);

        Assert.That(again.Text, Is.EqualTo(first.Text));
        Assert.That(Sim.Letters(), Has.Count.EqualTo(1));
        Assert.That(Sim.View().Repeats, Is.EqualTo(1));
    }

    [Test]
    public async Task The_sender_sees_its_letters_newest_first_and_whether_they_were_taken()
    {
        await SendAsync(await LetterAsync("1", "H41"));
        await SendAsync(await LetterAsync("2", "H07.02"));
        Sim.Advance(TimeSpan.FromMinutes(30));

        var items = (
            await AskAsync(
                VxpCall.GetSentEdocList,
                (VxpParameter.MessageType, VxpValue.MessageEdoc)
            )
        ).Items;

        Assert.That(
            items.Select(item =>
                (
                    item.GetProperty("toCode").GetString(),
                    item.GetProperty("receiveStatus").GetString()
                )
            ),
            Is.EqualTo(new[] { ("H07.02", "done"), ("H41", "initial") })
        );
    }

    [Test]
    public async Task A_list_is_shown_in_pages_to_whoever_asks_for_them()
    {
        string[] sent =
        [
            .. Enumerable.Range(0, 5).Select(_ => Arrives("H99").Copies.Single().DocId),
        ];

        var pages = new List<string>();
        for (var page = 1; page <= 3; page++)
        {
            var list = await ListAsync(given: [("pageIndex", $"{page}"), ("pageSize", "2")]);
            pages.AddRange(DocIdsOf(list));
        }

        Assert.That(pages, Is.EqualTo(sent));
    }

    [Test]
    public async Task Provinces_write_of_their_own_at_their_pace()
    {
        await using var busy = await NationalSimulator.StartAsync(
            Options with
            {
                LettersPerHour = 4,
            }
        );
        Assert.That(busy.View().Letters, Is.Zero);

        busy.Advance(TimeSpan.FromHours(50));

        var letters = busy.Letters(system: "");
        Assert.That(letters, Has.Count.InRange(200, 800));
        Assert.That(letters.Select(letter => letter.DocumentId), Is.Unique);
        Assert.That(
            letters.SelectMany(letter => letter.Copies).Select(copy => copy.System).Distinct(),
            Is.EquivalentTo(new[] { Province, Neighbour })
        );
    }

    [Test]
    public async Task What_we_report_is_written_down_at_the_letter()
    {
        var letter = Arrives("H99.05");
        // Another form of the same code than the letter has.
        var report = await StatusAsync("000.00.05.H99", letter, "03");

        var answer = await SendAsync(report, from: "000.00.05.H99");

        Assert.That(answer.IsOk, Is.True, answer.Text);
        Assert.That(
            Sim.Letters(letter.DocumentId).Single().Copies.Single().Statuses,
            Is.EqualTo(new[] { "03" })
        );
    }

    private static async Task<byte[]> StatusAsync(string from, LetterView letter, string code)
    {
        using var written = new MemoryStream();
        await EdXml.PackageWriter.WriteAsync(
            new EdXml.StatusDraft
            {
                Header = new EdXml.StatusHeader
                {
                    From = new EdXml.Party { OrganId = from },
                    ResponseFor = new EdXml.ResponseFor
                    {
                        OrganId = letter.From,
                        Code = letter.Notation,
                        DocumentId = letter.DocumentId,
                    },
                    StatusCode = code,
                    StatusCodeText = code,
                },
            },
            written,
            CancellationToken.None
        );
        return written.ToArray();
    }
}
