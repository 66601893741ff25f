using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Vxp;

/// <summary>The REST flavour: a login, three proofs on each call, and the same intake and inbox behind it.</summary>
public sealed partial class LgspTests
{
    private const int MaxListItems = 3;

    private VxpProvince _province = null!;

    [OneTimeSetUp]
    public async Task StartAsync() =>
        _province = await VxpProvince.StartAsync(
            ("Access:FreeFailures", "100"),
            ("Vxp:MaxListItems", $"{MaxListItems}")
        );

    [OneTimeTearDown]
    public Task StopAsync() => _province.DisposeAsync().AsTask();

    [Test]
    public async Task A_letter_is_sent_listed_fetched_and_acknowledged_and_its_status_comes_home()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        using var other = await ClientAsync("other", VxpProvince.OtherSecret);
        var letter = new Letter("H41.01", "H41.03");
        var sent = await SendAsync(demo, letter.Unsigned());
        Assert.That(Code(sent), Is.EqualTo("0"), sent.ToString());
        var again = await SendAsync(demo, letter.Unsigned());
        Assert.That(Text(again, "DocId"), Is.EqualTo(Text(sent, "DocId")));

        var waiting = await ListAsync(other, "edoc");
        var id = Text(waiting.Single(item => Text(item, "from") == "H41.01"), "docId");
        var fetched = await GetAsync(other, $"lgsp/v1/getEdoc?docId={id}");
        Assert.That(
            fetched.GetProperty("data").GetBytesFromBase64(),
            Is.EqualTo(letter.Unsigned())
        );
        foreach (var word in (string[])["processing", "done", "done"])
        {
            Assert.That(Code(await UpdateAsync(other, id, word)), Is.EqualTo("0"));
        }
        Assert.That(await ListAsync(other, "edoc"), Is.Empty);

        var report = new Report("H41.03", "03", "H41.01", letter.DocumentId).Bytes();
        Assert.That(Code(await SendAsync(other, report)), Is.EqualTo("0"));
        var status = (await ListAsync(demo, "status")).Single();
        Assert.That(Text(status, "status_desc"), Is.EqualTo("Đã tiếp nhận"));
        Assert.That(Code(await UpdateAsync(demo, Text(status, "docId"), "done")), Is.EqualTo("0"));
        Assert.That(await ListAsync(demo, "status"), Is.Empty);
    }

    [Test]
    public async Task Days_outside_of_those_asked_for_are_left_out()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        using var other = await ClientAsync("other", VxpProvince.OtherSecret);
        await SendAsync(demo, new Letter("H41.01", "H41.09").Unsigned());
        Assert.That(await ListAsync(other, "edoc", "2001/01/01", "2001/12/31"), Is.Empty);
        var here = await ListAsync(other, "edoc");
        Assert.That(here, Is.Not.Empty);
        foreach (var item in here)
        {
            await UpdateAsync(other, Text(item, "docId"), "done");
        }
        var wrong = await GetAsync(
            other,
            "lgsp/v1/syncReceivedEdocList?messageType=edoc&fromDate=1-1-2026&toDate=2026/12/31"
        );
        Assert.That(Text(wrong, "ErrorDesc"), Does.Contain("AXIS-6005"));
    }

    [Test]
    public async Task What_waits_from_other_days_hides_nothing_of_the_day_that_is_asked_for()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        using var other = await ClientAsync("other", VxpProvince.OtherSecret);
        await TakeAllAsync(other, "edoc");
        await TakeAllAsync(demo, "status");
        var letters = Enumerable
            .Range(0, MaxListItems + 1)
            .Select(_ => new Letter("H41.01", "H41.03"))
            .ToArray();
        var today = TimeProvider.System.GetUtcNow().ToOffset(TimeSpan.FromHours(7));
        // Midnight may pass meanwhile.
        var (from, to) = ($"{today:yyyy/MM/dd}", $"{today.AddDays(1):yyyy/MM/dd}");

        await InTwoDaysAsync(
            letter => SendAsync(demo, letter.Unsigned()),
            "UPDATE package SET received_at = received_at - interval '3 days'"
        );
        Assert.That(await ListAsync(other, "edoc", from, to), Has.Count.EqualTo(1));
        await InTwoDaysAsync(
            letter =>
                SendAsync(other, new Report("H41.03", "03", "H41.01", letter.DocumentId).Bytes()),
            "UPDATE event SET at = at - interval '3 days'"
        );
        Assert.That(await ListAsync(demo, "status", from, to), Has.Count.EqualTo(1));
        Assert.That(await ListAsync(demo, "status", "0001/01/01", "9999/12/31"), Is.Not.Empty);

        await TakeAllAsync(other, "edoc");
        await TakeAllAsync(demo, "status");

        async Task InTwoDaysAsync(Func<Letter, Task<JsonElement>> send, string passes)
        {
            foreach (var letter in letters)
            {
                if (letter == letters[^1])
                {
                    await using var command = _province.Hub.Database.CreateCommand(passes);
                    await command.ExecuteNonQueryAsync();
                }
                var answer = await send(letter);
                Assert.That(Code(answer), Is.EqualTo("0"), answer.ToString());
            }
        }
    }

    // Half of a character where it is cut off, and what no table takes.
    [TestCase(499, "😀😀")]
    [TestCase(0, "a\0b\u0001")]
    public async Task A_failure_may_be_told_in_any_words(int before, string words)
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        using var other = await ClientAsync("other", VxpProvince.OtherSecret);
        var letter = new Letter("H41.01", "H41.03");
        await SendAsync(demo, letter.Unsigned());
        var docId = Text((await ListAsync(other, "edoc"))[0], "docId");
        using var content = JsonContent.Create(
            new
            {
                docId,
                status = "fail",
                description = new string('x', before) + words,
            }
        );

        Assert.That(Code(await PostAsync(other, "lgsp/v1/updateStatus", content)), Is.EqualTo("0"));

        Assert.That(
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM delivery WHERE id = '{docId}' AND pickup = 'fail' AND last_error = 'fail: {(before > 0 ? new string('x', before) : "a b ")}'"
            ),
            Is.EqualTo(1)
        );
        await TakeAllAsync(other, "edoc");
    }

    [Test]
    public async Task A_package_is_spooled_beside_the_payloads_while_it_comes_and_nowhere_else()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        var letter = new Letter("H41.01", "H41.03") { AttachmentBytes = 2_000_000 };
        var package = letter.Unsigned();
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("edoc"), "messageType" },
            { new StalledContent(package, goOn.Task), "edocFile", "cong-van.edxml" },
        };
        var sending = PostAsync(demo, "lgsp/v1/sendEdoc", form);
        var uploads = Path.Combine(_province.Hub.PayloadFolder, "uploads");
        await Eventually.HoldsAsync(() =>
            Task.FromResult(
                Directory.Exists(uploads)
                    && Directory
                        .EnumerateFiles(uploads, "*.part")
                        .Any(file => new FileInfo(file).Length > 1_000_000)
            )
        );
        goOn.SetResult();
        var sent = await sending;
        Assert.That(Code(sent), Is.EqualTo("0"), sent.ToString());
        Assert.That(Directory.EnumerateFiles(uploads), Is.Empty);
        await AssertArrivedAsync(Text(sent, "DocId"), package);
    }

    /// <summary>Logged in; every answer is held against the contract.</summary>
    private async Task<HttpClient> ClientAsync(string id, string secret)
    {
        var login = await LoginAsync(id, _province.Hub.SecretOf(id));
        var client = _province.Hub.AnonymousClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            login.GetProperty("data").GetProperty("token").GetString()
        );
        client.DefaultRequestHeaders.Add("X-SystemId", id + ".h41");
        client.DefaultRequestHeaders.Add("X-SecretKey", secret);
        return client;
    }

    private async Task<JsonElement> LoginAsync(string username, string password)
    {
        using var client = _province.Hub.AnonymousClient();
        using var content = JsonContent.Create(
            new
            {
                username,
                password,
                applicationCode = "",
                otp = "",
                twoFactorProvider = "",
                typeObjs = (int[])[0, 1],
            }
        );
        return await PostAsync(client, "lgsp/v1/auth/login?allow_anonymous=true", content);
    }

    private async Task AssertArrivedAsync(string packageId, byte[] package)
    {
        using var http = await _province.Hub.ClientAsync("demo");
        Assert.That(
            await http.GetByteArrayAsync(
                new Uri($"v1/packages/{packageId}/content", UriKind.Relative)
            ),
            Is.EqualTo(package)
        );
    }

    private static async Task<JsonElement> SendAsync(HttpClient client, byte[] package)
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(package), "edocFile", "cong-van.edxml" },
            { new StringContent("edoc"), "messageType" },
        };
        return await PostAsync(client, "lgsp/v1/sendEdoc", form);
    }

    private static async Task<JsonElement> UpdateAsync(
        HttpClient client,
        string docId,
        string status
    )
    {
        using var content = JsonContent.Create(new { docId, status });
        return await PostAsync(client, "lgsp/v1/updateStatus", content);
    }

    private static async Task TakeAllAsync(HttpClient client, string messageType)
    {
        while (await ListAsync(client, messageType) is { Count: > 0 } waiting)
        {
            foreach (var item in waiting)
            {
                await UpdateAsync(client, Text(item, "docId"), "done");
            }
        }
    }

    private static async Task<IReadOnlyList<JsonElement>> ListAsync(
        HttpClient client,
        string messageType,
        string from = "2020/01/01",
        string to = "2099/12/31"
    )
    {
        var list = await GetAsync(
            client,
            $"lgsp/v1/syncReceivedEdocList?messageType={messageType}&fromDate={from}&toDate={to}"
        );
        return [.. list.GetProperty("data").EnumerateArray()];
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string path) =>
        await client.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative));

    private static async Task<JsonElement> PostAsync(
        HttpClient client,
        string path,
        HttpContent content
    )
    {
        using var answer = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static string Code(JsonElement answer) => Text(answer, "ErrorCode");

    private static string Text(JsonElement item, string member) =>
        item.GetProperty(member).GetString()!;

    /// <summary>All but its last kilobyte comes at once, and that when it is told to.</summary>
    private sealed class StalledContent(byte[] bytes, Task goOn) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(
            Stream stream,
            TransportContext? context
        )
        {
            await stream.WriteAsync(bytes.AsMemory(..(bytes.Length - 1024)));
            await stream.FlushAsync();
            await goOn;
            await stream.WriteAsync(bytes.AsMemory((bytes.Length - 1024)..));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
