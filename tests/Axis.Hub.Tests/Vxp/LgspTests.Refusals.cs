using System.Net;
using System.Text;
using System.Text.Json;
using Axis.TestKit;

namespace Axis.Hub.Tests.Vxp;

/// <summary>Who and what the REST flavour refuses.</summary>
public sealed partial class LgspTests
{
    [Test]
    public async Task Bad_input_is_refused_in_the_one_shape()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        Assert.That(Code(await SendAsync(demo, "no edXML"u8.ToArray())), Is.EqualTo("22"));
        Assert.That(
            Code(await SendAsync(demo, new Letter("H41.01", "H41.77").Unsigned())),
            Is.EqualTo("18")
        );
        Assert.That(
            Code(await SendAsync(demo, new Letter("H41.03", "H41.01").Unsigned())),
            Is.EqualTo("19")
        );
        Assert.That(
            Code(await SendAsync(demo, new Letter("H41.01", "H41.91").Unsigned())),
            Is.EqualTo("23")
        );
        using var noFile = new StringContent("x");
        Assert.That(Code(await PostAsync(demo, "lgsp/v1/sendEdoc", noFile)), Is.EqualTo("21"));
        foreach (var body in (string[])["{", "[]", "{}", """{"docId":"1","status":"gone"}"""])
        {
            using var content = new StringContent(body);
            Assert.That(
                Code(await PostAsync(demo, "lgsp/v1/updateStatus", content)),
                Is.EqualTo("21")
            );
        }
    }

    [TestCase("demo.h41", VxpProvince.OtherSecret)]
    [TestCase("other.h41", VxpProvince.OtherSecret)]
    [TestCase("nobody.h41", VxpProvince.Secret)]
    [TestCase("", "")]
    public async Task A_token_without_the_system_and_secret_of_its_holder_opens_nothing(
        string systemId,
        string secret
    )
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        demo.DefaultRequestHeaders.Remove("X-SystemId");
        demo.DefaultRequestHeaders.Remove("X-SecretKey");
        demo.DefaultRequestHeaders.Add("X-SystemId", systemId);
        demo.DefaultRequestHeaders.Add("X-SecretKey", secret);
        var letter = new Letter("H41.01", "H41.03");
        var answer = await SendAsync(demo, letter.Unsigned());
        Assert.That(Code(answer), Is.EqualTo("15"));
        Assert.That(Text(answer, "ErrorDesc"), Does.StartWith("AXIS-2201"));
        Assert.That(
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
            ),
            Is.Zero
        );
    }

    [Test]
    public async Task System_and_secret_without_a_token_open_nothing()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        demo.DefaultRequestHeaders.Authorization = null;
        using var answer = await demo.GetAsync(
            new Uri("lgsp/v1/getEdoc?docId=1", UriKind.Relative)
        );
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [TestCase("demo", "wrong", "AXIS-2005")]
    [TestCase("nobody", "wrong", "AXIS-2005")]
    [TestCase("registrar", null, "AXIS-2005")]
    [TestCase("", "x", "AXIS-6002")]
    public async Task A_wrong_login_gets_no_token(string user, string? password, string number)
    {
        var answer = await LoginAsync(user, password ?? _province.Hub.SecretOf(user));
        Assert.That(Text(answer, "ErrorDesc"), Does.StartWith(number));
        Assert.That(answer.GetProperty("data").ValueKind, Is.EqualTo(JsonValueKind.String));
    }

    [Test]
    public async Task A_system_that_may_only_receive_sends_no_document_here_either()
    {
        using var listener = await ClientAsync("listener", VxpProvince.OtherSecret);
        var answer = await SendAsync(listener, new Letter("H41.05", "H41.01").Unsigned());
        Assert.That(Text(answer, "ErrorDesc"), Does.StartWith("AXIS-2204"));
    }

    [Test]
    public async Task Another_systems_document_is_not_there()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        using var http = await _province.Hub.ClientAsync("demo");
        var theirs = (await http.SubmitAsync(new Letter("H41.01", "H41.03").Unsigned())).DeliveryTo(
            "H41.03"
        );
        var read = await GetAsync(demo, $"lgsp/v1/getEdoc?docId={theirs}");
        Assert.That(Text(read, "ErrorDesc"), Does.StartWith("AXIS-6004"));
        var taken = await UpdateAsync(demo, theirs.ToString(), "done");
        Assert.That(Text(taken, "ErrorDesc"), Does.Contain("AXIS-6004"));
    }

    [Test]
    public async Task A_form_that_is_none_is_refused_and_nothing_of_it_stored()
    {
        using var demo = await ClientAsync("demo", VxpProvince.Secret);
        var letter = new Letter("H41.01", "H41.03");
        var package = Encoding.UTF8.GetString(letter.Unsigned());
        const string Head =
            "--b\r\nContent-Disposition: form-data; name=\"edocFile\"; filename=\"a\"\r\n\r\n";
        foreach (
            var (what, body) in ((string, string)[])
                [
                    ("an end that is missing", Head + package),
                    ("another boundary", Head.Replace("--b", "--c", StringComparison.Ordinal)),
                    (
                        "a field that is no file",
                        $"--b\r\nContent-Disposition: form-data; name=\"edocFile\"\r\n\r\n{package}\r\n--b--\r\n"
                    ),
                    ("headers without end", $"--b\r\nX: {new string('x', 100_000)}\r\n\r\n"),
                    (
                        "sections without end",
                        string.Concat(Enumerable.Repeat("--b\r\nX: 1\r\n\r\n1\r\n", 100))
                            + Head
                            + package
                            + "\r\n--b--\r\n"
                    ),
                    ("nothing", ""),
                ]
        )
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation(
                "Content-Type",
                "multipart/form-data; boundary=b"
            );
            var answer = await PostAsync(demo, "lgsp/v1/sendEdoc", content);
            Assert.That(Text(answer, "ErrorDesc"), Does.StartWith("AXIS-6002"), what);
        }
        Assert.That(
            await _province.Hub.CountAsync(
                $"SELECT count(*) FROM package WHERE document_id = '{letter.DocumentId}'"
            ),
            Is.Zero
        );
    }
}
