using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Axis.Vxp.Client;

namespace Axis.Vxp.Tests.Client;

/// <summary>The client against servers that tell the truth in odd spellings, and against those that lie.</summary>
public sealed class VxpClientTests
{
    private const string Secret = "not-a-real-secret";

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Test]
    public async Task What_it_sends_is_what_the_door_verifies()
    {
        await using var server = AnsweringServer.Saying(
            "200 OK",
            "application/json",
            """{"status":"OK","ErrorCode":"0","ErrorDesc":"","DocId":"5f1d"}"""
        );
        var package = Encoding.UTF8.GetBytes("<edXML>Tiếng Việt</edXML>");

        var reply = await SendAsync(server.Address, package);

        Assert.That(reply.Value, Is.EqualTo("5f1d"));
        var (head, body) = server.Seen;
        Assert.That(head, Does.StartWith("POST /adapter/sendEdoc HTTP/1.1\r\n"));
        Assert.That(body, Is.EqualTo((byte[])[.. package, .. "\r\n"u8]));
        var signed = SignedRequest.Read(HeadersOf(head), out var problem);
        Assert.That(signed, Is.Not.Null, problem);
        Assert.That(signed!.IsSignedWith(Secret), Is.True);
        var given = signed.Open(out problem);
        Assert.That(given, Is.Not.Null, problem);
        Assert.That(
            FileHash.IsOf(SHA256.HashData(package), given![VxpParameter.HashFile]),
            Is.True
        );
        Assert.That(Recipients.Read(given[VxpParameter.To]), Is.EqualTo((string[])["G12"]));
    }

    [Test]
    public async Task Every_list_call_has_an_empty_body_and_its_own_parameters_only()
    {
        await using var server = AnsweringServer.Saying("200 OK", "text/html", Ok("[]"));
        var client = ClientOf(server.Address);

        await client.GetReceivedEdocListAsync(VxpValue.MessageStatus, default);

        Assert.That(server.Seen.Head, Does.Contain("Content-Length: 0\r\n"));
        Assert.That(
            server.Seen.Head,
            Does.Contain(
                "XroadVnpt-sign-header-key: systemid;servicetype;messagetype;timestamp;Content-Type\r\n"
            )
        );
    }

    // A wrong Content-Type, a byte order mark, line ends, numbers for texts, nulls, arrays of one, absent members.
    [TestCase("""[{"docId":17,"from":"G12","to":["H41"],"status":null}]""", "17 G12 H41 ")]
    [TestCase(
        """[{"docId":"a","to":"H41","status":"initial"},null,3,{"from":"x"}]""",
        "a  H41 initial"
    )]
    [TestCase("""[{"docId":"a","to":[],"from":{"a":1}}]""", "a   ")]
    [TestCase("null", "")]
    [TestCase("{}", "")]
    [TestCase("\"\"", "")]
    public async Task A_list_is_read_in_whatever_spelling_it_comes(string data, string expected)
    {
        await using var server = AnsweringServer.Saying(
            "500 Odd",
            "text/plain; charset=us-ascii",
            [.. "\uFEFF\r\n "u8, .. Encoding.UTF8.GetBytes(Ok(data))]
        );

        var reply = await ClientOf(server.Address)
            .GetReceivedEdocListAsync(VxpValue.MessageEdoc, default);

        Assert.That(reply.Fault, Is.Null);
        Assert.That(
            string.Join('|', reply.Value!.Select(i => $"{i.DocId} {i.From} {i.To} {i.Status}")),
            Is.EqualTo(expected)
        );
    }

    [Test]
    public async Task A_compressed_answer_is_read()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Ok("""[{"docId":"a"}]""")));
        }
        await using var server = AnsweringServer.Saying(
            "200 OK",
            "application/json",
            packed.ToArray(),
            "Content-Encoding: gzip\r\n"
        );
        var reply = await ClientOf(server.Address)
            .GetReceivedEdocListAsync(VxpValue.MessageEdoc, default);
        Assert.That(reply.Value, Has.Count.EqualTo(1));
    }

    [TestCase("401 Unauthorized", "text/plain", "Unauthorized", FarFaultKind.Unauthorised)]
    [TestCase("403 Forbidden", "text/html", "<html>no</html>", FarFaultKind.Unauthorised)]
    [TestCase("200 OK", "text/html", "<html><h1>Bảo trì</h1></html>", FarFaultKind.Unintelligible)]
    [TestCase("200 OK", "application/json", "Unauthorized", FarFaultKind.Unintelligible)]
    [TestCase("200 OK", "application/json", "", FarFaultKind.Unintelligible)]
    [TestCase("200 OK", "application/json", "[]", FarFaultKind.Unintelligible)]
    [TestCase("200 OK", "application/json", "{}", FarFaultKind.Unintelligible)]
    [TestCase("200 OK", "application/json", """{"status":"OK"}""", FarFaultKind.Unintelligible)]
    [TestCase("200 OK", "application/json", """{"status":"OK","Err""", FarFaultKind.Unintelligible)]
    [TestCase("302 Found", "text/html", "", FarFaultKind.Unintelligible)]
    [TestCase("502 Bad Gateway", "text/html", "<html/>", FarFaultKind.Unintelligible)]
    [TestCase("429 Too Many", "text/html", "slow", FarFaultKind.TooMany)]
    [TestCase("200 OK", "x/y", """{"status":"FAIL","ErrorCode":"18"}""", FarFaultKind.Refused)]
    [TestCase("200 OK", "x/y", """{"status":"FAIL","ErrorCode":15}""", FarFaultKind.Unauthorised)]
    [TestCase("200 OK", "x/y", """{"status":"OK","ErrorCode":"00"}""", FarFaultKind.Refused)]
    [TestCase("200 OK", "x/y", """{"status":"FAIL","ErrorCode":0}""", FarFaultKind.Refused)]
    [TestCase("200 OK", "x/y", """{"status":"OK","ErrorCode":0}""", FarFaultKind.Unintelligible)]
    public async Task What_is_no_success_is_a_fault_of_its_kind(
        string status,
        string type,
        string body,
        FarFaultKind expected
    )
    {
        await using var server = AnsweringServer.Saying(status, type, body);
        var reply = await SendAsync(server.Address, [1]);
        Assert.That(reply.Fault?.Kind, Is.EqualTo(expected), reply.Fault?.ToString());
        Assert.That(reply.Fault!.Message, Has.Length.LessThanOrEqualTo(300));
    }

    [Test]
    public async Task The_pause_that_is_asked_for_and_the_clock_of_the_far_side_are_heard()
    {
        await using var server = AnsweringServer.Saying(
            "429 Too Many",
            "text/plain",
            [],
            "Retry-After: 7\r\nDate: Sun, 22 Nov 2026 04:36:46 GMT\r\n"
        );
        var reply = await SendAsync(server.Address, [1]);
        Assert.That(reply.Fault!.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(7)));
        Assert.That(
            reply.ServerTime,
            Is.EqualTo(new DateTimeOffset(2026, 11, 22, 4, 36, 46, TimeSpan.Zero))
        );
    }

    [Test]
    public async Task A_refusal_in_JSON_that_asks_for_a_pause_is_no_refusal_of_the_document()
    {
        await using var server = AnsweringServer.Saying(
            "200 OK",
            "application/json",
            """{"status":"FAIL","ErrorCode":"20","ErrorDesc":"too many requests"}"""u8.ToArray(),
            "Retry-After: 3\r\n"
        );
        var reply = await SendAsync(server.Address, [1]);
        Assert.That(reply.Fault?.Kind, Is.EqualTo(FarFaultKind.TooMany));
        Assert.That(reply.Fault!.RetryAfter, Is.EqualTo(TimeSpan.FromSeconds(3)));
    }

    [Test]
    public async Task A_connection_cut_after_the_body_leaves_the_outcome_unknown()
    {
        await using var server = AnsweringServer.HangingUp();
        var reply = await SendAsync(server.Address, new byte[100_000]);
        Assert.That(reply.Fault?.Kind, Is.EqualTo(FarFaultKind.Interrupted));
        Assert.That(reply.Fault!.IsOutcomeUnknown, Is.True);
        Assert.That(server.Seen.Body, Has.Length.EqualTo(100_002));
    }

    [Test]
    public async Task A_closed_port_took_nothing()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://{listener.LocalEndpoint}/adapter");
        listener.Stop();
        var reply = await SendAsync(address, [1]);
        Assert.That(reply.Fault?.Kind, Is.EqualTo(FarFaultKind.Unreachable));
        Assert.That(reply.Fault!.IsOutcomeUnknown, Is.False);
    }

    [Test]
    public async Task A_server_that_says_nothing_is_left_when_the_time_is_over()
    {
        await using var server = AnsweringServer.Saying("");
        var reply = await SendAsync(server.Address, [1], TimeSpan.FromSeconds(1));
        // It closes after its empty answer: either is an outcome that nobody knows.
        Assert.That(reply.Fault?.Kind, Is.EqualTo(FarFaultKind.Interrupted));
    }

    [Test]
    public async Task An_answer_beyond_the_limit_is_not_read_to_its_end()
    {
        await using var server = AnsweringServer.Saying(
            "200 OK",
            "application/json",
            Ok($"\"{new string('A', 10_000)}\"")
        );
        using var http = new HttpClient(VxpClient.CreateHandler(Long));
        var client = new VxpClient(
            http,
            new VxpIdentity(server.Address, "demo", Secret),
            TimeProvider.System,
            Long,
            new VxpClientLimits(1_000)
        );
        var reply = await client.GetEdocAsync("a", default);
        Assert.That(reply.Fault?.Code, Is.EqualTo("size"));
        Assert.That(reply.Fault?.IsOfLink, Is.False, "another package may be shorter");
    }

    [TestCase("AQID/w==")]
    [TestCase("AQ\\r\\nID\\n/w==")]
    [TestCase("AQID/w")]
    [TestCase("AQID_w")]
    public async Task A_package_is_decoded_to_its_bytes(string base64)
    {
        await using var server = AnsweringServer.Saying("200 OK", "x/y", Ok($"\"{base64}\""));
        var reply = await ClientOf(server.Address).GetEdocAsync("a", default);
        Assert.That(reply.Value, Is.EqualTo((byte[])[1, 2, 3, 255]));
    }

    [TestCase("\"<edXML/>\"")]
    [TestCase("\"PD94bWw*!*\"")]
    [TestCase("\"AQI\\ud800D\"")]
    [TestCase("null")]
    [TestCase("{}")]
    public async Task Data_that_is_no_base64_is_no_package_and_no_fault_of_the_link(string data)
    {
        await using var server = AnsweringServer.Saying("200 OK", "x/y", Ok(data));
        var reply = await ClientOf(server.Address).GetEdocAsync("a", default);
        Assert.That(reply.Fault?.Kind, Is.EqualTo(FarFaultKind.Damaged));
        Assert.That(reply.Fault?.IsOfLink, Is.False);
    }

    [Test]
    public async Task One_rotten_row_of_a_list_takes_no_other_with_it()
    {
        await using var server = AnsweringServer.Saying(
            "200 OK",
            "x/y",
            Ok(
                $$"""
                [{"docId":"\ud800","from":"H41"}, {"docId":"a\u0000b","from":"H\u00074\u00001"}, 7, null,
                 {"docId":"{{new string(
                    'x',
                    501
                )}}"}, {"docId":["b"]}, {"docId":"c","from":"\udc00","to":["\ud800"]}]
                """
            )
        );
        var reply = await ClientOf(server.Address)
            .GetReceivedEdocListAsync(VxpValue.MessageEdoc, default);
        Assert.That(
            reply.Value!.Select(item => $"{item.DocId} {item.From} {item.To}"),
            Is.EqualTo((string[])["ab H41 ", "c  "])
        );
    }

    [Test]
    public async Task Both_forms_of_a_sent_item_are_read()
    {
        await using var server = AnsweringServer.Saying(
            "200 OK",
            "x/y",
            Ok(
                """
                [{"senderDocId":"1","fromCode":"H41","toCode":"G12","notation":"1/UBND"},
                 {"docId":"2","from":"H41","to":"G14","status":"done"}]
                """
            )
        );
        var reply = await ClientOf(server.Address)
            .GetSentEdocListAsync(VxpValue.MessageEdoc, default);
        Assert.That(
            reply.Value!.Select(item => $"{item.DocId} {item.To} {item.ReceiveStatus}"),
            Is.EqualTo((string[])["1 G12 ", "2 G14 done"])
        );
    }

    [Test]
    public void An_identity_is_shown_without_its_secret() =>
        Assert.That(
            new VxpIdentity(new Uri("http://axis.example/adapter"), "demo", Secret).ToString(),
            Does.Not.Contain(Secret)
        );

    private static string Ok(string data) =>
        $$"""{"status":"OK","ErrorCode":"0","ErrorDesc":"","data":{{data}}}""";

    private static async Task<FarReply<string>> SendAsync(
        Uri endpoint,
        byte[] package,
        TimeSpan? timeout = null
    )
    {
        using var http = new HttpClient(VxpClient.CreateHandler(Long));
        var client = new VxpClient(
            http,
            new VxpIdentity(endpoint, "demo.h41", Secret),
            TimeProvider.System,
            timeout ?? Long
        );
        return await client.SendEdocAsync(
            VxpSending.Of("H41", ["G12"], VxpValue.MessageEdoc, package),
            default
        );
    }

    private static VxpClient ClientOf(Uri endpoint) =>
        new(
            new HttpClient(VxpClient.CreateHandler(Long)),
            new VxpIdentity(endpoint, "demo.h41", Secret),
            TimeProvider.System,
            Long
        );

    private static Dictionary<string, IReadOnlyList<string>> HeadersOf(string head) =>
        head.Split("\r\n")
            .Skip(1)
            .Where(line => line.Contains(':', StringComparison.Ordinal))
            .Select(line => line.Split(": ", 2))
            .GroupBy(pair => pair[0])
            .ToDictionary(
                group => group.Key,
                group => (IReadOnlyList<string>)[.. group.Select(pair => pair[1])]
            );
}
