using System.Text;
using Axis.TestKit;
using Axis.Vxp;

namespace Axis.Hub.Tests.Vxp;

/// <summary>What somebody tries who has no secret, the secret of another, or a request that he has overheard.</summary>
public sealed class VxpAttackTests
{
    private VxpProvince _province = null!;

    [OneTimeSetUp]
    // Guesses are counted by address, and all tests have the same one.
    public async Task StartAsync() =>
        _province = await VxpProvince.StartAsync(("Access:FreeFailures", "100"));

    [OneTimeTearDown]
    public Task StopAsync() => _province.DisposeAsync().AsTask();

    private static VxpAsk List(string systemId = "demo.h41", string secret = VxpProvince.Secret) =>
        VxpAsk.Of(
            VxpCall.GetReceivedEdocList,
            systemId,
            secret,
            (VxpParameter.MessageType, VxpValue.MessageEdoc),
            (VxpParameter.From, "H41.01")
        );

    private Task<RawAnswer> AskAsync(VxpAsk ask) => ask.ToAsync(_province.Hub.Http);

    [Test]
    public async Task The_right_secret_and_untouched_headers_get_in()
    {
        var answer = await AskAsync(List());
        Assert.That(answer.IsOk, Is.True, answer.Text);
    }

    [Test]
    public async Task Too_many_requests_are_refused_in_the_shape_that_clients_read()
    {
        await _province.OpenAsync("plain", "on", VxpProvince.OtherSecret);
        using var answer = await _province.Registrar.PatchAsync(
            new Uri("ops/v1/office-systems/plain", UriKind.Relative),
            new StringContent("""{"requestsPerMinute":1}""", Encoding.UTF8, "application/json")
        );
        Assert.That(answer.IsSuccessStatusCode, Is.True);
        await Eventually.HoldsAsync(async () =>
        {
            var refused = await AskAsync(List("plain.h41", VxpProvince.OtherSecret));
            if (refused.IsOk)
            {
                return false;
            }
            Assert.That(refused.Words, Does.StartWith("AXIS-6010"));
            Assert.That(refused.Text, Does.Contain("\"data\":[]"));
            Assert.That(refused.Head, Does.Contain("Retry-After:").IgnoreCase);
            return true;
        });
    }

    [TestCase("demo.h41", "not-the-secret-of-demo")]
    [TestCase("demo.h41", VxpProvince.OtherSecret)]
    [TestCase("nobody.h41", VxpProvince.Secret)]
    [TestCase("nobody.h41", "nobody")]
    [TestCase("DEMO.H41", VxpProvince.Secret)]
    [TestCase("demo", VxpProvince.Secret)]
    public async Task A_wrong_secret_or_system_is_refused_and_both_alike(
        string system,
        string secret
    ) => await AssertRefusedAsync(List(system, secret), "AXIS-2201");

    [TestCase("XroadVnpt-from", "H41.03")]
    [TestCase("XroadVnpt-messagetype", "status")]
    [TestCase("XroadVnpt-timestamp", "22112026T043646+0518")]
    [TestCase("Content-Type", "application/xml")]
    public async Task An_altered_header_is_refused(string header, string value) =>
        await AssertRefusedAsync(List().With(header, value), "AXIS-2202");

    [Test]
    public async Task An_altered_signed_text_is_refused()
    {
        var text = List().Headers.Single(one => one.Key == VxpNames.SignHeader).Value;
        await AssertRefusedAsync(
            List()
                .With(
                    VxpNames.SignHeader,
                    text.Replace("H41.01", "H41.03", StringComparison.Ordinal)
                )
                .With("XroadVnpt-from", "H41.03"),
            "AXIS-2201"
        );
    }

    [TestCase("XroadVnpt-from")]
    [TestCase("XroadVnpt-systemid")]
    [TestCase("XroadVnpt-sign-header")]
    [TestCase("XroadVnpt-hash-header")]
    [TestCase("XroadVnpt-sign-header-key")]
    [TestCase("Content-Type")]
    public async Task A_signed_name_whose_header_is_missing_is_refused(string header) =>
        await AssertRefusedAsync(List().Without(header), "AXIS-2202");

    [TestCase("XroadVnpt-from", "H41.03")]
    [TestCase("xroadvnpt-From", "H41.03")]
    [TestCase("XroadVnpt-to", """["H41.03"]""")]
    [TestCase("XroadVnpt-systemid", "other.h41")]
    [TestCase("XroadVnpt-hash-header", "0")]
    public async Task An_extra_header_that_contradicts_the_signed_text_is_refused(
        string header,
        string value
    ) => await AssertRefusedAsync(List().Adding(header, value), "AXIS-2202");

    [Test]
    public async Task A_name_that_is_signed_twice_is_refused()
    {
        const string Text = """
            {"XroadVnpt-systemid":"demo.h41","XroadVnpt-from":"H41.01","XroadVnpt-from":"H41.03","XroadVnpt-timestamp":"22112026T043646+0517","XroadVnpt-Content-Type":"application/json"}
            """;
        await AssertRefusedAsync(
            List()
                .With(VxpNames.SignHeader, Text)
                .With(
                    VxpNames.HashHeader,
                    VxpSignature.Of(Encoding.UTF8.GetBytes(Text), VxpProvince.Secret)
                ),
            "AXIS-2202"
        );
    }

    [Test]
    public async Task Names_that_differ_only_in_case_cannot_smuggle_a_second_value()
    {
        var ask = VxpAsk.Of(
            VxpCall.GetReceivedEdocList,
            "demo.h41",
            VxpProvince.Secret,
            (VxpParameter.MessageType, VxpValue.MessageEdoc),
            ("From", "H41.03"),
            ("from", "H41.01")
        );
        await AssertRefusedAsync(ask, "AXIS-2202");
    }

    [Test]
    public async Task A_Vietnamese_value_is_read_when_its_bytes_are_all_there_and_refused_when_they_are_not()
    {
        var named = VxpAsk.Of(
            VxpCall.GetReceivedEdocList,
            "demo.h41",
            VxpProvince.Secret,
            (VxpParameter.MessageType, VxpValue.MessageEdoc),
            ("note", "Ủy ban nhân dân")
        );
        Assert.That((await AskAsync(named)).IsOk, Is.True);

        // Each character cut to its low byte, as one stack of the clients does.
        var bytes = named.Bytes();
        var cut = Encoding.Latin1.GetBytes(
            new string([.. Encoding.UTF8.GetString(bytes).Select(letter => (char)(letter & 0xFF))])
        );
        var answer = await RawHttp.AskAsync(_province.Hub.Http, cut);
        Assert.That(answer.Words, Does.StartWith("AXIS-2201"));
    }

    [Test]
    public async Task A_header_name_that_is_not_ASCII_never_reaches_a_call()
    {
        var bytes = List().Adding("XroadVnpt-tên", "x").Bytes();
        var answer = await RawHttp.AskAsync(_province.Hub.Http, bytes);
        Assert.That(answer.Status, Is.EqualTo(400));
    }

    [Test]
    public async Task Headers_for_thousands_of_recipients_are_read_and_beyond_the_limit_none()
    {
        var room = await AskAsync(ToMany(3_500));
        Assert.That(room.IsOk, Is.True, room.Text);
        var beyond = await AskAsync(ToMany(9_000));
        Assert.That(beyond.Status, Is.EqualTo(431));

        static VxpAsk ToMany(int recipients) =>
            VxpAsk.Of(
                VxpCall.GetReceivedEdocList,
                "demo.h41",
                VxpProvince.Secret,
                (VxpParameter.MessageType, VxpValue.MessageEdoc),
                (
                    VxpParameter.To,
                    Recipients.Write(
                        Enumerable.Range(0, recipients).Select(n => $"000.{n:0000}.H41")
                    )
                )
            );
    }

    [Test]
    public async Task A_switched_off_system_gets_nothing_with_its_right_secret() =>
        await AssertRefusedAsync(List("closed.h41", VxpProvince.OtherSecret), "AXIS-2203");

    [Test]
    public async Task The_right_secret_from_a_network_that_is_not_named_gets_nothing()
    {
        await SetNetworksAsync("{10.1.0.0/16}");
        await AssertRefusedAsync(List("other.h41", VxpProvince.OtherSecret), "AXIS-2209");
        await SetNetworksAsync("{10.1.0.0/16,127.0.0.0/8}");
        Assert.That((await AskAsync(List("other.h41", VxpProvince.OtherSecret))).IsOk, Is.True);
        await SetNetworksAsync("{}");

        Task SetNetworksAsync(string networks) =>
            _province.Hub.ChangeRegistryAsync(
                $"UPDATE office_system SET allowed_networks = '{networks}' WHERE id = 'other'"
            );
    }

    [Test]
    public async Task A_locked_office_system_is_out_at_once()
    {
        await _province.Hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'locked' WHERE id = 'other'"
        );
        await AssertRefusedAsync(List("other.h41", VxpProvince.OtherSecret), "AXIS-2003");
        await _province.Hub.ChangeRegistryAsync(
            "UPDATE office_system SET status = 'active' WHERE id = 'other'"
        );
        Assert.That((await AskAsync(List("other.h41", VxpProvince.OtherSecret))).IsOk, Is.True);
    }

    [Test]
    public async Task A_system_that_may_only_receive_sends_no_document_but_reports_statuses()
    {
        var letter = new Letter("H41.05", "H41.01").Unsigned();
        var refused = await AskAsync(
            VxpAsk.Sending(letter, "listener.h41", VxpProvince.OtherSecret, "H41.05")
        );
        Assert.That(refused.Words, Does.StartWith("AXIS-2204"));

        using var demo = await _province.Hub.ClientAsync("demo");
        var received = new Letter("H41.01", "H41.05");
        await demo.SubmitAsync(received.Unsigned());
        var report = await AskAsync(
            VxpAsk.Sending(
                new Report("H41.05", "01", "H41.01", received.DocumentId).Bytes(),
                "listener.h41",
                VxpProvince.OtherSecret,
                "H41.05"
            )
        );
        Assert.That(report.IsOk, Is.True, report.Text);
    }

    [TestCase("H41.03", "AXIS-2102")]
    [TestCase("H41.77", "AXIS-2101")]
    public async Task A_sender_that_is_not_the_systems_own_is_refused(string from, string number)
    {
        var letter = new Letter("H41.01", "H41.03").Unsigned();
        var answer = await AskAsync(VxpAsk.Sending(letter, "demo.h41", VxpProvince.Secret, from));
        Assert.That(answer.Code, Is.EqualTo("19"));
        Assert.That(answer.Words, Does.StartWith(number));
        Assert.That(answer.Json.GetProperty("DocId").GetString(), Is.Empty);
    }

    [Test]
    public async Task A_right_sender_outside_does_not_carry_a_wrong_one_inside()
    {
        var letter = new Letter("H41.03", "H41.01").Unsigned();
        var answer = await AskAsync(
            VxpAsk.Sending(letter, "demo.h41", VxpProvince.Secret, "H41.01")
        );
        Assert.That(answer.Code, Is.EqualTo("19"));
        Assert.That(answer.Words, Does.Contain("AXIS-2102"));
    }

    [Test]
    public async Task A_replayed_send_gets_the_same_answer_and_makes_no_second_document()
    {
        var letter = new Letter("H41.01", "H41.03");
        var overheard = VxpAsk
            .Sending(letter.Unsigned(), "demo.h41", VxpProvince.Secret, "H41.01")
            .Bytes();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => RawHttp.AskAsync(_province.Hub.Http, overheard))
        );

        Assert.That(answers.Select(one => one.Text).Distinct().ToArray(), Has.Length.EqualTo(1));
        Assert.That(answers[0].IsOk, Is.True, answers[0].Text);
        Assert.That(await DeliveriesOfAsync(letter.DocumentId), Is.EqualTo(1));
    }

    [Test]
    public async Task Overheard_headers_with_another_body_send_nothing()
    {
        var letter = new Letter("H41.01", "H41.03");
        var forged = letter with { Subject = "Chuyển tiền" };
        var answer = await AskAsync(
            VxpAsk.Sending(letter.Unsigned(), "demo.h41", VxpProvince.Secret, "H41.01") with
            {
                Body = [.. forged.Unsigned(), .. "\r\n"u8],
            }
        );
        Assert.That(answer.Code, Is.EqualTo("10"));
        Assert.That(answer.Words, Does.StartWith("AXIS-6101"));
        Assert.That(await DeliveriesOfAsync(letter.DocumentId), Is.Zero);
    }

    [Test]
    public async Task Overheard_headers_of_a_list_open_nothing_but_what_their_owner_may_see()
    {
        // The signature covers no call: the same headers can be tried on any. They name no document and no file.
        var list = List();
        foreach (var call in (VxpCall[])[VxpCall.SendEdoc, VxpCall.GetEdoc, VxpCall.UpdateStatus])
        {
            var answer = await AskAsync(list with { Call = call, Path = "/vxp/" + call.Name });
            Assert.That(answer.IsOk, Is.False, call.Name);
        }
    }

    [Test]
    public async Task Another_systems_document_is_neither_read_nor_acknowledged()
    {
        using var demo = await _province.Hub.ClientAsync("demo");
        var receipt = await demo.SubmitAsync(new Letter("H41.01", "H41.03").Unsigned());
        var theirs = receipt.DeliveryTo("H41.03").ToString();

        foreach (
            var id in (string[])
                [
                    theirs,
                    receipt.PackageId.ToString(),
                    "5f0000000000000000000001",
                    "../../etc/passwd",
                ]
        )
        {
            var read = await AskAsync(Document(VxpCall.GetEdoc, id));
            Assert.That(read.Words, Does.StartWith("AXIS-6004"), id);
            Assert.That(read.Json.GetProperty("data").GetString(), Is.Empty);
            var download = await AskAsync(Document(VxpCall.DownloadEdoc, id));
            Assert.That(download.Body, Is.Empty);
            foreach (var word in (string[])["done", "fail", "processing"])
            {
                var ask = VxpAsk.Of(
                    VxpCall.UpdateStatus,
                    "demo.h41",
                    VxpProvince.Secret,
                    (VxpParameter.DocId, id),
                    (VxpParameter.Status, word)
                );
                Assert.That((await AskAsync(ask)).Words, Does.Contain("AXIS-6004"));
            }
        }
        using var other = await _province.Hub.ClientAsync("other");
        var waiting = await other.ItemsAsync("v1/inbox");
        Assert.That(
            waiting.Select(item => item.GetProperty("deliveryId").GetString()),
            Does.Contain(theirs)
        );
    }

    [Test]
    public async Task Another_systems_status_is_neither_read_nor_acknowledged()
    {
        using var demo = await _province.Hub.ClientAsync("demo");
        using var other = await _province.Hub.ClientAsync("other");
        var letter = new Letter("H41.03", "H41.01");
        await other.SubmitAsync(letter.Unsigned());
        await demo.SubmitAsync(new Report("H41.01", "01", "H41.03", letter.DocumentId).Bytes());
        var events = await other.ItemsAsync("v1/events");
        var theirs = events[^1].GetProperty("id").GetString()!;

        Assert.That(
            (await AskAsync(Document(VxpCall.GetEdoc, theirs))).Words,
            Does.StartWith("AXIS-6004")
        );
        var done = VxpAsk.Of(
            VxpCall.UpdateStatus,
            "demo.h41",
            VxpProvince.Secret,
            (VxpParameter.DocId, theirs),
            (VxpParameter.Status, "done")
        );
        Assert.That((await AskAsync(done)).Words, Does.Contain("AXIS-6004"));
        Assert.That(await other.ItemsAsync("v1/events"), Has.Count.EqualTo(events.Count));
    }

    [Test]
    public async Task A_token_opens_nothing_here_and_a_signature_nothing_there()
    {
        using var demo = await _province.Hub.ClientAsync("demo", @unchecked: true);
        using var answer = await demo.PostAsync(
            new Uri("vxp/getReceivedEdocList", UriKind.Relative),
            null
        );
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("AXIS-2202"));

        var inbox = await RawHttp.AskAsync(
            _province.Hub.Http,
            Closing((List() with { Path = "/v1/inbox" }).Bytes("GET"))
        );
        Assert.That(inbox.Status, Is.EqualTo(401));
    }

    private static VxpAsk Document(VxpCall call, string id) =>
        VxpAsk.Of(call, "demo.h41", VxpProvince.Secret, (VxpParameter.DocId, id));

    private static byte[] Closing(byte[] request) =>
        Encoding.Latin1.GetBytes(
            Encoding
                .Latin1.GetString(request)
                .Replace("Connection: Keep-Alive", "Connection: close", StringComparison.Ordinal)
        );

    private Task<long> DeliveriesOfAsync(string documentId) =>
        _province.Hub.CountAsync(
            $"""
            SELECT count(*) FROM delivery d JOIN package p ON p.id = d.package_id
            WHERE p.document_id = '{documentId}'
            """
        );

    private async Task AssertRefusedAsync(VxpAsk ask, string number)
    {
        foreach (
            var call in (VxpCall[])
                [VxpCall.GetReceivedEdocList, VxpCall.CountReceiveEdoc, VxpCall.SendEdoc]
        )
        {
            var answer = await AskAsync(ask with { Call = call, Path = "/vxp/" + call.Name });
            Assert.That(answer.Status, Is.EqualTo(200));
            Assert.That(answer.Words, Does.StartWith(number), answer.Text);
            Assert.That(answer.Code, Is.EqualTo("15"));
        }
        var download = await AskAsync(
            ask with
            {
                Call = VxpCall.DownloadEdoc,
                Path = "/vxp/" + VxpCall.DownloadEdoc.Name,
            }
        );
        Assert.That(download.Status, Is.EqualTo(200));
        Assert.That(download.Body, Is.Empty);
    }
}
