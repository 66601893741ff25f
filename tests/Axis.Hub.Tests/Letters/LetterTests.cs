using System.Net;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Letters;

/// <summary>Letters are found again by what is remembered of them, by those whose letters they are.</summary>
public sealed class LetterTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _commune = null!;
    private HttpClient _operator = null!;
    private readonly Dictionary<string, string> _names = [];

    [OneTimeSetUp]
    public async Task Some_letters_each_way()
    {
        _hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        await _hub.AddOperatorAsync("truc-vh", "viewer");
        _office = await _hub.ClientAsync("office");
        _commune = await _hub.ClientAsync("commune");
        _operator = await _hub.ClientAsync("truc-vh", ops: true);
        await SendAsync(
            "flood",
            _office,
            new Letter(TestProvince.Office, TestProvince.Department, TestProvince.Commune)
            {
                Subject = "V/v phòng, chống lụt bão tại xã Đắk Ơ",
                Notation = "UBND-NN",
            }
        );
        await SendAsync(
            "budget",
            _office,
            new Letter(TestProvince.Office, TestProvince.Department)
            {
                Subject = "Báo cáo dự toán ngân sách năm 2027 (số 15/STC)",
            }
        );
        await SendAsync(
            "answer",
            _commune,
            new Letter(TestProvince.Commune, TestProvince.Office)
            {
                Subject = "Báo cáo kết quả phòng, chống lụt bão",
            }
        );
        await SendAsync(
            "own",
            _office,
            new Letter(TestProvince.Office, TestProvince.Second) { Subject = "Lịch công tác tuần" }
        );
        var reported = await _commune.SubmitAsync(
            new Report(
                TestProvince.Commune,
                "05",
                TestProvince.Office,
                _letters["flood"].DocumentId
            ).Bytes()
        );
        Assert.That(reported.Json.GetProperty("outcome").GetString(), Is.EqualTo("applied"));
    }

    private readonly Dictionary<string, Letter> _letters = [];

    private async Task SendAsync(string name, HttpClient sender, Letter letter)
    {
        var answer = await sender.SubmitAsync(letter.Signed());
        _names.Add(answer.PackageId.ToString(), name);
        _letters.Add(name, letter);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        _commune.Dispose();
        _operator.Dispose();
        await _hub.DisposeAsync();
    }

    [TestCase("", "own answer budget flood")]
    [TestCase("direction=sent", "own budget flood")]
    [TestCase("direction=received", "own answer")]
    [TestCase("subject=lụt bão", "answer flood")]
    [TestCase("subject=LUT BAO", "answer flood")]
    [TestCase("subject=dak o", "flood")]
    [TestCase("subject=bão lụt báo cáo", "answer")]
    [TestCase("subject=15 STC", "budget")]
    [TestCase("subject=bã", "")]
    [TestCase("subject=' OR 1=1 --", "")]
    [TestCase("sender=H99", "own budget flood")]
    [TestCase("sender=000.00.00.H99", "own budget flood")]
    [TestCase("sender=H99.02", "answer")]
    [TestCase("recipient=H99.01", "budget flood")]
    [TestCase("recipient=H99.05", "own")]
    [TestCase("sender=H99&recipient=H99.02", "flood")]
    [TestCase("sender=H99.02&recipient=H99.01", "")]
    [TestCase("state=processing", "flood")]
    [TestCase("sender=H99&direction=sent", "own budget flood")]
    [TestCase("sender=H99&direction=received", "own")]
    [TestCase("recipient=H99.05&direction=sent", "own")]
    [TestCase("recipient=H99.02&direction=received", "")]
    [TestCase("subject=xã—Đắk (Ơ)", "flood")]
    [TestCase("subject=!?", "")]
    [TestCase("state=processing&recipient=H99.01", "")]
    [TestCase("state=processing&subject=lut bao", "flood")]
    [TestCase("state=refused", "")]
    [TestCase("direction=received&state=processing", "")]
    [TestCase("from=2000-01-01&to=2001-01-01", "")]
    public async Task An_office_finds_what_it_sent_and_received(string asked, string expected) =>
        Assert.That(
            await FoundAsync(_office, "v1/letters?" + asked),
            Is.EqualTo(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        );

    [TestCase("", "answer flood")]
    [TestCase("subject=ngân sách", "")]
    [TestCase("subject=lich cong tac", "")]
    [TestCase("sender=H99", "flood")]
    // Where the letter stands at another recipient is not for this one to find.
    [TestCase("state=dispatched&sender=H99", "")]
    [TestCase("recipient=H99.01", "")]
    [TestCase("sender=H99&recipient=H99.01", "")]
    public async Task And_nothing_of_others(string asked, string expected) =>
        Assert.That(
            await FoundAsync(_commune, "v1/letters?" + asked),
            Is.EqualTo(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        );

    [TestCase("", "own answer budget flood")]
    [TestCase("sender=H99.02", "answer")]
    [TestCase("recipient=H99.02", "flood")]
    [TestCase("subject=bao cao", "answer budget")]
    [TestCase("state=processing", "flood")]
    [TestCase("state=withdrawn", "")]
    public async Task An_operator_finds_any_letter(string asked, string expected) =>
        Assert.That(
            await FoundAsync(_operator, "ops/v1/letters?" + asked),
            Is.EqualTo(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        );

    [Test]
    public async Task By_document_id_and_by_number()
    {
        var letter = _letters["flood"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                await FoundAsync(
                    _office,
                    $"v1/letters?documentId={Uri.EscapeDataString(letter.DocumentId)}"
                ),
                Is.EqualTo(new[] { "flood" })
            );
            Assert.That(
                await FoundAsync(_commune, $"v1/letters?number={letter.Number}/ubnd-nn"),
                Is.EqualTo(new[] { "flood" })
            );
            Assert.That(
                await FoundAsync(
                    _commune,
                    $"v1/letters?number={_letters["budget"].Number}/UBND-VP"
                ),
                Is.Empty
            );
        }
    }

    [Test]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        var pages = new List<string>();
        var next = "";
        do
        {
            var answer = await _office.GetAnswerAsync($"v1/letters?limit=1{next}");
            pages.AddRange(NamesIn(answer.Json));
            next = answer.Json.TryGetProperty("next", out var cursor) ? $"&before={cursor}" : "";
        } while (next.Length > 0);
        Assert.That(pages, Is.EqualTo(new[] { "own", "answer", "budget", "flood" }));
    }

    [Test]
    public async Task A_letter_says_how_many_recipients_stand_where_of_those_one_may_see()
    {
        var sent = await ItemAsync(_office);
        var received = await ItemAsync(_commune);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sent.GetProperty("recipients").GetInt32(), Is.EqualTo(2));
            Assert.That(
                sent.GetProperty("stages").GetProperty("processing").GetInt32(),
                Is.EqualTo(1)
            );
            Assert.That(received.GetProperty("recipients").GetInt32(), Is.EqualTo(1));
            Assert.That(
                received.GetProperty("stages").EnumerateObject().Select(one => one.Name),
                Is.EqualTo(new[] { "processing" })
            );
        }

        static async Task<JsonElement> ItemAsync(HttpClient client) =>
            (await client.ItemsAsync("v1/letters?subject=dak"))[0];
    }

    [TestCase("state=lost")]
    [TestCase("sender=H99.77")]
    [TestCase("from=31/10/2026")]
    [TestCase("limit=101")]
    [TestCase("number=15")]
    [TestCase("before=yesterday")]
    [TestCase("direction=up")]
    public async Task What_cannot_be_read_is_refused_in_words(string asked)
    {
        var answer = await _office.GetAnswerAsync("v1/letters?" + asked);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6005" }));
    }

    private async Task<IReadOnlyList<string>> FoundAsync(HttpClient client, string path) =>
        NamesIn((await client.GetAnswerAsync(path)).Json);

    private IReadOnlyList<string> NamesIn(JsonElement page) =>
        [
            .. page.GetProperty("items")
                .EnumerateArray()
                .Select(item => _names[item.GetProperty("packageId").GetString()!]),
        ];
}
