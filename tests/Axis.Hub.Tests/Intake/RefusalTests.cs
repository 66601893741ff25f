using System.Net;
using System.Text;
using Axis.EdXml;
using Axis.TestKit;

namespace Axis.Hub.Tests.Intake;

/// <summary>Every refusal has its own number, and nothing of a refused package is stored but an audit line.</summary>
public sealed class RefusalTests
{
    private TestHub _hub = null!;
    private HttpClient _office = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: ("Intake:MaxPackageBytes", "200000")
        );
        _office = await _hub.ClientAsync("office");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _office.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task A_body_in_chunks_that_is_too_large_is_told_the_limit()
    {
        using var endless = new StreamContent(new MemoryStream(new byte[2_000_000]));
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/packages")
        {
            Content = endless,
        };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await _office.SendAsync(request);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(
            await answer.Content.ReadAsStringAsync(),
            Does.Contain("AXIS-6001").And.Contain("200000 bytes")
        );
    }

    [TestCase("Content-Encoding", "gzip")]
    [TestCase("Content-Type", "multipart/form-data; boundary=x")]
    public async Task A_package_that_is_compressed_or_in_a_form_is_refused_by_the_header(
        string header,
        string value
    )
    {
        using var body = new ByteArrayContent(
            new Letter(TestProvince.Office, TestProvince.Department).Signed()
        );
        body.Headers.TryAddWithoutValidation(header, value);
        using var answer = await _office.PostAsync(new Uri("v1/packages", UriKind.Relative), body);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        Assert.That(
            await answer.Content.ReadAsStringAsync(),
            Does.Contain("AXIS-6002").And.Contain($"\"path\":\"{header}\"")
        );
    }

    [TestCase("documentId=x&number=15/UBND-VP")]
    [TestCase("")]
    public async Task A_letter_is_asked_for_by_its_id_or_by_its_number(string question)
    {
        using var answer = await _office.GetAsync(
            new Uri("v1/documents?" + question, UriKind.Relative)
        );
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("AXIS-6005"));
    }

    private static IEnumerable<TestCaseData> RefusedPackages()
    {
        var good = new Letter(TestProvince.Office, TestProvince.Department);
        yield return Case(
            "not well-formed",
            Encoding.UTF8.GetBytes("<edXML><a></edXML>"),
            Code(Rules.MismatchedEndTag)
        );
        yield return Case(
            "DTD",
            Edit(
                good.Unsigned(),
                "<edXML xmlns",
                "<!DOCTYPE edXML [<!ENTITY a \"b\">]><edXML xmlns"
            ),
            Code(Rules.DtdRefused)
        );
        yield return Case(
            "malformed identifier",
            (good with { To = ["H99/../01"] }).Signed(),
            Code(Rules.MalformedIdentifier)
        );
        yield return Case(
            "missing mandatory element",
            Edit(good.Unsigned(), "<edXML:CodeNotation>UBND-VP</edXML:CodeNotation>", ""),
            Code(Rules.MissingElement)
        );
        yield return Case(
            "unknown sender",
            (good with { From = "H98" }).SignedBy(TestKeys.Of(TestProvince.Office)),
            "AXIS-2101"
        );
        yield return Case(
            "sender not served by this office system",
            (good with { From = TestProvince.Department }).Signed(),
            "AXIS-2102"
        );
        yield return Case(
            "unknown recipient",
            (good with { To = ["H99.77"] }).Signed(),
            "AXIS-3001"
        );
        yield return Case(
            "closed recipient",
            (good with { To = [TestProvince.Closed] }).Signed(),
            "AXIS-3002"
        );
        yield return Case(
            "locked recipient",
            (good with { To = [TestProvince.Locked] }).Signed(),
            "AXIS-3003"
        );
        yield return Case(
            "node as recipient",
            (good with { To = [TestProvince.Node] }).Signed(),
            "AXIS-3004"
        );
        yield return Case(
            "recipient without office system",
            (good with { To = [TestProvince.Unconnected] }).Signed(),
            "AXIS-3005"
        );
        yield return Case("missing signature", good.Unsigned(), "AXIS-4001");
        yield return Case(
            "broken signature",
            Edit(good.Signed(), "kết nối, liên thông", "kết nối và liên thông"),
            "AXIS-4002"
        );
        yield return Case(
            "signature of another agency's certificate",
            good.SignedBy(TestKeys.Of(TestProvince.Department)),
            "AXIS-4003"
        );
        yield return Case(
            "expired certificate",
            new Letter(TestProvince.Second, TestProvince.Department).SignedBy(
                TestKeys.ExpiredOf(TestProvince.Second)
            ),
            "AXIS-4004"
        );

        static string Code(Rule rule) => $"AXIS-{rule.Number}";

        static TestCaseData Case(string what, byte[] package, string code) =>
            new TestCaseData(package, code).SetArgDisplayNames(what, code);
    }

    [TestCaseSource(nameof(RefusedPackages))]
    public async Task A_package_is_refused_with_its_own_number(byte[] package, string code)
    {
        var auditBefore = await CountRefusalsAsync();

        var answer = await _office.SubmitAsync(package);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)answer.Status, Is.InRange(400, 499), answer.Text);
            Assert.That(answer.Codes, Does.Contain(code), answer.Text);
            Assert.That(
                answer
                    .Json.GetProperty("errors")
                    .EnumerateArray()
                    .Select(e => e.GetProperty("messageVi").GetString()),
                Is.All.Not.Empty
            );
            Assert.That(await StoredRowsAsync(), Is.Zero);
            Assert.That(await CountRefusalsAsync(), Is.EqualTo(auditBefore + 1));
        }
    }

    [Test]
    public async Task A_package_larger_than_the_limit_is_refused_and_nothing_is_left_of_it()
    {
        var answer = await _office.SubmitAsync(
            (
                new Letter(TestProvince.Office, TestProvince.Department) with
                {
                    AttachmentBytes = 300_000,
                }
            ).Signed()
        );

        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge), answer.Text);
        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6001" }));
        Assert.That(await StoredRowsAsync(), Is.Zero);
    }

    [Test]
    public async Task A_refused_package_is_refused_again()
    {
        var package = new Letter(TestProvince.Office, TestProvince.Closed).Signed();

        var first = await _office.SubmitAsync(package);
        var second = await _office.SubmitAsync(package);

        Assert.That((int)first.Status, Is.InRange(400, 499), first.Text);
        Assert.That(second.Status, Is.EqualTo(first.Status), second.Text);
        Assert.That(second.Codes, Is.EqualTo(first.Codes));
        Assert.That(await StoredRowsAsync(), Is.Zero);
    }

    [Test]
    public async Task All_problems_of_one_package_are_in_one_answer()
    {
        var package = Edit(
            new Letter(
                TestProvince.Office,
                TestProvince.Closed,
                "H99.77",
                TestProvince.Node
            ).Unsigned(),
            "<edXML:CodeNotation>UBND-VP</edXML:CodeNotation>",
            ""
        );

        var answer = await _office.SubmitAsync(package);

        Assert.That(
            answer.Codes,
            Is.SupersetOf(new[] { "AXIS-3001", "AXIS-3002", "AXIS-3004", "AXIS-4001" })
        );
        Assert.That(answer.Codes, Has.Some.StartsWith("AXIS-1"), "the missing notation");
    }

    [Test]
    public async Task A_bad_status_code_has_its_own_number()
    {
        var answer = await _office.SubmitAsync(
            new Report(TestProvince.Office, "77", TestProvince.Department, "x").Bytes()
        );

        Assert.That(
            answer.Codes,
            Is.EqualTo(new[] { $"AXIS-{Rules.BadStatusCode.Number}" }),
            answer.Text
        );
        Assert.That(
            answer.Json.GetProperty("errors")[0].GetProperty("path").GetString(),
            Is.EqualTo("MessageHeader/StatusCode")
        );
    }

    [Test]
    public async Task An_empty_body_is_told_so()
    {
        var answer = await _office.SubmitAsync([]);

        Assert.That(answer.Codes, Is.EqualTo(new[] { "AXIS-6003" }));
    }

    private Task<long> StoredRowsAsync() =>
        _hub.CountAsync(
            """
            SELECT (SELECT count(*) FROM package) + (SELECT count(*) FROM payload) + (SELECT count(*) FROM delivery)
                + (SELECT count(*) FROM delivery_history) + (SELECT count(*) FROM document_key)
                + (SELECT count(*) FROM status_report) + (SELECT count(*) FROM event)
            """
        );

    private Task<long> CountRefusalsAsync() =>
        _hub.CountAsync(
            "SELECT count(*) FROM audit WHERE action = 'package.submit' AND outcome = 'refused'"
        );

    private static byte[] Edit(byte[] package, string from, string to)
    {
        var text = Encoding.UTF8.GetString(package);
        Assert.That(text, Does.Contain(from));
        return Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }
}
