using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Vxp;

/// <summary>
/// What office software does with the SDK, from end to end, by a client that is written in another language from the
/// specification alone and has the real one's habits: parameters and timestamp kept for life, connections left open,
/// files posted twice without a word.
/// </summary>
public sealed class VxpConversationTests
{
    private VxpProvince _province = null!;
    private PythonClient _demo = null!;
    private PythonClient _other = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _province = await VxpProvince.StartAsync();
        // One endpoint with a slash at its end, which makes two before the call; one as vendors configure it.
        _demo = await PythonClient.StartAsync(
            $"{_province.Hub.Http}vxp/",
            "demo.h41",
            VxpProvince.Secret
        );
        _other = await PythonClient.StartAsync(
            $"{_province.Door}XrdAdapter/adapter",
            "other.h41",
            VxpProvince.OtherSecret
        );
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_demo is not null)
        {
            await _demo.DisposeAsync();
        }
        if (_other is not null)
        {
            await _other.DisposeAsync();
        }
        await _province.DisposeAsync();
    }

    [Test]
    public async Task A_letter_is_sent_listed_fetched_saved_and_acknowledged()
    {
        var letter = new Letter("H41.01", "H41.03", "H41.09").Unsigned();
        var docId = await SendAsync(_demo, letter, "H41.01", "H41.03", "H41.09");

        var items = await WaitingAsync(_other, "H41.01", "edoc");
        Assert.That(
            items.Select(item => Text(item, "to")),
            Is.EqualTo(new[] { "H41.03", "H41.09" })
        );
        foreach (var item in items)
        {
            var id = Text(item, "docId");
            Assert.That(Text(item, "status"), Is.EqualTo("initial"));
            Assert.That(await FetchAsync(_other, "getEdoc", id), Is.EqualTo(letter));
            Assert.That(await FetchAsync(_other, "downloadEdoc", id), Is.EqualTo(letter));
            await TakeAsync(_other, id, "docid");
            // A repeat is taken like the first.
            await TakeAsync(_other, id, "docid");
        }
        Assert.That(await WaitingAsync(_other, "H41.01", "edoc"), Is.Empty);

        var sent = (await SentAsync(_demo))
            .Where(item => Text(item, "senderDocId") == docId)
            .ToArray();
        Assert.That(
            sent.Select(item => Text(item, "receiveStatus")),
            Is.EqualTo(new[] { "done", "done" })
        );
        Assert.That(
            sent.Select(item => Text(item, "receiverDocId")),
            Is.EqualTo(items.Select(item => Text(item, "docId")))
        );
    }

    [Test]
    public async Task A_file_that_is_silently_posted_twice_is_one_letter_with_one_id()
    {
        var letter = new Letter("H41.01", "H41.03");
        var answer = await _demo.SendAsync(
            letter.Unsigned(),
            repost: true,
            ("servicetype", "eDoc"),
            ("messagetype", "edoc"),
            ("from", "H41.01"),
            ("to", """["H41.03"]""")
        );
        Assert.That(Text(answer, "ErrorCode"), Is.EqualTo("0"), answer.ToString());
        Assert.That(Text(answer, "lost"), Does.Contain(Text(answer, "DocId")));
        Assert.That(
            await _province.Hub.CountAsync(
                $"""
                SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id
                WHERE p.document_id = '{letter.DocumentId}'
                """
            ),
            Is.EqualTo(1)
        );
        await TakeAllAsync(_other);
    }

    [Test]
    public async Task A_letter_is_updated_replaced_and_recalled_and_its_statuses_come_home()
    {
        var letter = new Letter("H41.02", "H41.09");
        var update = letter with { Business = 2, Subject = "Cập nhật" };
        var replacement = new Letter("H41.02", "H41.09") { Business = 3 };
        var recall = letter with { Business = 1 };
        foreach (var one in (Letter[])[letter, update, replacement, recall])
        {
            await SendAsync(_demo, one.Unsigned(), "H41.02");
            // Taken at once: what is recalled before it is taken is withdrawn, and the recall has nobody to go to.
            var received = await WaitingAsync(_other, "H41.02", "edoc");
            Assert.That(received, Has.Count.EqualTo(1), one.Business.ToString());
            await TakeAsync(_other, Text(received[0], "docId"), "docid");
        }

        foreach (var code in (string[])["01", "03", "05", "06"])
        {
            var report = new Report("H41.09", code, "H41.02", letter.DocumentId).Bytes();
            Assert.That(await SendAsync(_other, report, "H41.09", "H41.02"), Is.Not.Empty);
        }
        var statuses = await WaitingAsync(_demo, "H41.09", "status");
        Assert.That(
            statuses.Select(item => Text(item, "status_desc")),
            Is.EqualTo(new[] { "Đã đến", "Đã tiếp nhận", "Đang xử lý", "Đã hoàn thành" })
        );
        foreach (var item in statuses)
        {
            var id = Text(item, "docId");
            var package = System.Text.Encoding.UTF8.GetString(
                await FetchAsync(_demo, "getEdoc", id)
            );
            Assert.That(package, Does.Contain(letter.DocumentId));
            // This program uses the other spelling: from now on both travel with every call.
            await TakeAsync(_demo, id, "docid");
        }
        Assert.That(await WaitingAsync(_demo, "H41.09", "status"), Is.Empty);

        var first = (await SentAsync(_demo)).First(item =>
            Text(item, "title") == letter.Subject && Text(item, "toCode") == "H41.09"
        );
        Assert.That(Text(first, "status_desc"), Is.Not.Empty);
        // The sent list of statuses names what the other has reported.
        var reported = await _other.CallAsync(
            "getSentEdocList",
            ("servicetype", "eDoc"),
            ("messagetype", "status")
        );
        Assert.That(
            reported.GetProperty("data").EnumerateArray().Select(item => Text(item, "title")),
            Does.Contain("06 Đã hoàn thành")
        );
    }

    [Test]
    public async Task What_cannot_be_taken_over_stays_in_sight_with_its_reason()
    {
        var letter = new Letter("H41.02", "H41.03").Unsigned();
        await SendAsync(_demo, letter, "H41.02");
        var id = Text((await WaitingAsync(_other, "H41.02", "edoc")).Single(), "docId");

        foreach (var word in (string[])["processing", "fail", "fail"])
        {
            var answer = await _other.CallAsync(
                "updateStatus",
                ("docId", id),
                ("docid", id),
                ("status", word),
                ("description", "disk full")
            );
            Assert.That(Text(answer, "ErrorCode"), Is.EqualTo("0"), answer.ToString());
            var item = (await WaitingAsync(_other, "H41.02", "edoc")).Single();
            Assert.That(Text(item, "status"), Is.EqualTo(word));
        }
        var open = await _province.Registrar.ItemsAsync(
            "ops/v1/deliveries?state=dispatched&officeSystem=other"
        );
        Assert.That(
            open.Select(delivery =>
                delivery.GetProperty("deliveryId").GetString() == id
                    ? delivery.GetProperty("lastError").GetString()
                    : null
            ),
            Does.Contain("fail: disk full")
        );
        Assert.That(
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM delivery_history WHERE delivery_id = '{id}' AND what = 'pickup'"
            ),
            Is.EqualTo(2)
        );
        await TakeAsync(_other, id, "docid");
        Assert.That(await WaitingAsync(_other, "H41.02", "edoc"), Is.Empty);
    }

    [Test]
    public async Task The_catalogue_and_the_counts_are_read_as_the_SDK_reads_them()
    {
        var all = (await _demo.CallAsync("getAgenciesList"))
            .GetProperty("data")
            .EnumerateArray()
            .ToArray();
        var one = all.Single(item => Text(item, "code") == "H41.01");
        Assert.That(Text(one, "oldCode"), Is.EqualTo("000.00.01.H41"));
        Assert.That(all.Select(item => Text(item, "code")), Has.None.EqualTo("H41.90"));

        var qd20 = await _demo.CallAsync("getAgenciesListQD20", ("level", "1"));
        var two = qd20.GetProperty("data")
            .EnumerateArray()
            .Single(item => Text(item, "code") == "H41.02");
        Assert.That(Text(two, "code102"), Is.EqualTo("000.00.02.H41"));

        var units = (await _demo.CallAsync("getSynchronizeUnit"))
            .GetProperty("data")
            .EnumerateArray()
            .ToArray();
        var closed = units.Single(item => Text(item, "code") == "H41.90");
        Assert.That(closed.GetProperty("deleted").GetBoolean(), Is.True);
        Assert.That(
            Text(units.Single(item => Text(item, "code") == "H41.03"), "centerCode"),
            Is.EqualTo("other.h41")
        );

        await SendAsync(_demo, new Letter("H41.01", "H41.09").Unsigned(), "H41.01");
        foreach (var call in (string[])["countReceiveEdoc", "countReceiveStatus"])
        {
            var count = await _other.CallAsync(call, ("servicetype", "eDoc"));
            Assert.That(
                count.GetProperty("count").GetInt32(),
                call == "countReceiveEdoc" ? Is.GreaterThan(0) : Is.GreaterThanOrEqualTo(0)
            );
        }
        await TakeAllAsync(_other);
    }

    [Test]
    public async Task Agencies_are_the_IT_centres_and_what_holds_already_is_no_error()
    {
        var there = await _demo.RegisterAsync(
            """{"id":"","pcode":"H41","code":"H41.01","name":"Sở"}"""
        );
        Assert.That(Text(there, "ErrorCode"), Is.EqualTo("0"));
        var wanted = await _demo.RegisterAsync(
            """{"id":"","pcode":"H41","code":"H41.88","name":"Mới"}"""
        );
        Assert.That(Text(wanted, "ErrorDesc"), Does.StartWith("AXIS-2205"));
        // The vendor's own sample writes JSON that is none.
        var broken = await _demo.RegisterAsync("""{"id":"","pcode":"H41" "code":}""");
        Assert.That(Text(broken, "ErrorDesc"), Does.StartWith("AXIS-6002"));

        var gone = await _demo.CallAsync("deleteAgency", ("AgencyCode", "H41.77"));
        Assert.That(Text(gone, "ErrorCode"), Is.EqualTo("0"));
        var kept = await _demo.CallAsync("deleteAgency", ("AgencyCode", "H41.01"));
        Assert.That(Text(kept, "ErrorDesc"), Does.StartWith("AXIS-2205"));
        await Eventually.HoldsAsync(async () =>
            await _province.Hub.CountAsync(
                "SELECT count(*) FROM audit WHERE action = 'agency.change' AND actor = 'demo'"
            ) == 2
        );
    }

    [Test]
    public async Task A_refusal_reaches_the_client_in_words_also_when_its_file_is_large()
    {
        var letter = new Letter("H41.01", "H41.77") { AttachmentBytes = 6_000_000 };
        var answer = await _demo.SendAsync(
            letter.Unsigned(),
            repost: false,
            ("servicetype", "eDoc"),
            ("messagetype", "edoc"),
            ("from", "H41.01"),
            ("to", """["H41.77"]""")
        );
        Assert.That(Text(answer, "ErrorCode"), Is.EqualTo("18"));
        Assert.That(Text(answer, "ErrorDesc"), Does.Contain("AXIS-3001"));
    }

    [Test]
    public async Task A_letter_to_an_HTTP_inbox_and_back_crosses_the_doors()
    {
        var letter = new Letter("H41.01", "H41.07").Unsigned();
        await SendAsync(_demo, letter, "H41.01");
        using var plain = await _province.Hub.ClientAsync("plain");
        var item = (await plain.ItemsAsync("v1/inbox"))[^1];
        var content = await plain.GetByteArrayAsync(
            new Uri($"v1/inbox/{item.GetProperty("deliveryId")}/content", UriKind.Relative)
        );
        Assert.That(content, Is.EqualTo(letter));

        var answer = new Letter("H41.07", "H41.01").Unsigned();
        await plain.SubmitAsync(answer);
        var received = await WaitingAsync(_demo, "H41.07", "edoc");
        Assert.That(
            await FetchAsync(_demo, "getEdoc", Text(received[^1], "docId")),
            Is.EqualTo(answer)
        );
        await TakeAsync(_demo, Text(received[^1], "docId"), "docid");
    }

    [Test]
    public async Task Connections_that_the_client_never_closes_are_closed_by_the_door()
    {
        for (var i = 0; i < 30; i++)
        {
            await _demo.CallAsync(
                "getReceivedEdocList",
                ("servicetype", "eDoc"),
                ("messagetype", "edoc")
            );
        }
        var leaked = await _demo.LeakedAsync();
        Assert.That(leaked.GetProperty("made").GetInt32(), Is.GreaterThanOrEqualTo(30));
        Assert.That(leaked.GetProperty("open").GetInt32(), Is.Zero);
    }

    private static async Task<string> SendAsync(
        PythonClient client,
        byte[] package,
        string from,
        params string[] to
    )
    {
        (string, string)[] given =
        [
            ("servicetype", "eDoc"),
            ("messagetype", "edoc"),
            ("from", from),
            ("to", $"[{string.Join(',', to.Select(code => $"\"{code}\""))}]"),
        ];
        var answer = await client.SendAsync(package, repost: false, given);
        Assert.That(Text(answer, "ErrorCode"), Is.EqualTo("0"), answer.ToString());
        return Text(answer, "DocId");
    }

    private static async Task<IReadOnlyList<JsonElement>> WaitingAsync(
        PythonClient client,
        string from,
        string messageType
    )
    {
        var list = await client.CallAsync(
            "getReceivedEdocList",
            ("servicetype", "eDoc"),
            ("messagetype", messageType)
        );
        return
        [
            .. list.GetProperty("data")
                .EnumerateArray()
                .Where(item => Text(item, "from") == from)
                .OrderBy(item => Text(item, "docId"), StringComparer.Ordinal),
        ];
    }

    private static async Task<IReadOnlyList<JsonElement>> SentAsync(PythonClient client)
    {
        var list = await client.CallAsync(
            "getSentEdocList",
            ("servicetype", "eDoc"),
            ("messagetype", "edoc")
        );
        return [.. list.GetProperty("data").EnumerateArray()];
    }

    private static async Task<byte[]> FetchAsync(PythonClient client, string call, string id)
    {
        var answer = await client.CallAsync(call, ("docId", id), ("filePath", "D:/vxp/store"));
        return await File.ReadAllBytesAsync(Text(answer, "file"));
    }

    private static async Task TakeAsync(PythonClient client, string id, string spelling)
    {
        var answer = await client.CallAsync("updateStatus", (spelling, id), ("status", "done"));
        Assert.That(Text(answer, "ErrorCode"), Is.EqualTo("0"), answer.ToString());
    }

    private static async Task TakeAllAsync(PythonClient client)
    {
        foreach (var item in await WaitingAsync(client, "H41.01", "edoc"))
        {
            await TakeAsync(client, Text(item, "docId"), "docid");
        }
    }

    private static string Text(JsonElement item, string member) =>
        item.GetProperty(member).GetString()!;
}
