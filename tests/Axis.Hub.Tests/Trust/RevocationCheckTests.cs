using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Tests.Access;
using Axis.Hub.Tests.Registry;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;
using Axis.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Tests.Trust;

/// <summary>
/// Authorities on real HTTP servers: honest, slow, down and lying. What cannot be believed is no answer, and its reason
/// is told.
/// </summary>
public sealed class RevocationCheckTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private readonly TestAuthority _authority = new(s_now);
    private readonly TestAuthority _stranger = new(s_now);
    private RegistryDatabase _database = null!;
    private AuthorityServer _server = null!;
    private NpgsqlDataSource _source = null!;
    private X509Certificate2 _certificate = null!;

    [OneTimeSetUp]
    public async Task Open_the_authority()
    {
        _database = await RegistryDatabase.CreateAsync();
        _source = _database.Source;
        _server = await AuthorityServer.StartAsync();
        _certificate = _authority.Issue("H99.01", _server.At("/ocsp"));
    }

    [OneTimeTearDown]
    public async Task Close_it()
    {
        _certificate.Dispose();
        _authority.Dispose();
        _stranger.Dispose();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    private TestOcsp Good => new(_authority.Certificate, s_now) { NextUpdate = s_now + s_day };

    private static IEnumerable<TestCaseData> TrueAnswers()
    {
        yield return Case("by the issuer", test => test.Good);
        yield return Case(
            "by the issuer's responder",
            test =>
                test.Good with
                {
                    Signer = test._authority.IssueResponder(),
                    WithCertificate = true,
                }
        );
        yield return Case("without a nonce", test => test.Good with { Nonce = [] });
        yield return Case("without an end", test => test.Good with { NextUpdate = null });

        static TestCaseData Case(string what, Func<RevocationCheckTests, TestOcsp> answer) =>
            new TestCaseData(answer).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(TrueAnswers))]
    public async Task A_true_answer_is_believed(Func<RevocationCheckTests, TestOcsp> answer)
    {
        var said = answer(this);
        _server.OnOcsp("/ocsp", () => said);
        Assert.That((await AskAsync(_certificate)).IsRevoked, Is.False);

        _server.OnOcsp("/ocsp", () => said with { RevokedAt = s_now - s_day });
        var revoked = await AskAsync(_certificate);
        Assert.That(revoked.IsRevoked, Is.True);
        Assert.That(revoked.RevokedAt, Is.EqualTo(s_now - s_day));
    }

    private static IEnumerable<TestCaseData> Lies()
    {
        yield return Case(
            "by a stranger of the same name",
            "signature of the answer is broken",
            test => test.Good with { Signer = test._stranger.Certificate }
        );
        yield return Case(
            "by a stranger's responder",
            "not by the issuer",
            test =>
                test.Good with
                {
                    Signer = test._stranger.IssueResponder(),
                    WithCertificate = true,
                }
        );
        yield return Case(
            "by whom the issuer made no responder",
            "not by the issuer",
            test =>
                test.Good with
                {
                    Signer = test._authority.IssueResponder(withUsage: false),
                    WithCertificate = true,
                }
        );
        yield return Case(
            "about another certificate",
            "another certificate",
            test => test.Good with { OfAnother = true }
        );
        yield return Case(
            "with the nonce of another question",
            "nonce of another question",
            test => test.Good with { Nonce = new byte[32] }
        );
        yield return Case(
            "run out",
            "has run out",
            test => test.Good with { ThisUpdate = s_now - 2 * s_day, NextUpdate = s_now - s_day }
        );
        yield return Case(
            "of a time to come",
            "time to come",
            test => test.Good with { ThisUpdate = s_now + s_day }
        );
        yield return Case(
            "old and without an end",
            "names no end",
            test => test.Good with { ThisUpdate = s_now - s_day, NextUpdate = null }
        );
        yield return Case(
            "that knows nothing",
            "does not know",
            test => test.Good with { Unknown = true }
        );
        yield return Case(
            "by SHA-1",
            "algorithm 1.2.840.10045.4.1",
            test => test.Good with { Algorithm = "1.2.840.10045.4.1" }
        );

        static TestCaseData Case(
            string what,
            string reason,
            Func<RevocationCheckTests, TestOcsp> answer
        ) => new TestCaseData(answer, reason).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Lies))]
    public void A_lie_is_no_answer(Func<RevocationCheckTests, TestOcsp> answer, string reason)
    {
        var said = answer(this);
        _server.OnOcsp("/ocsp", () => said);
        Assert.That(
            () => AskAsync(_certificate),
            Throws.TypeOf<RevocationException>().With.Message.Contains(reason)
        );
    }

    private static IEnumerable<TestCaseData> Garbage()
    {
        yield return Case("nothing", [], "no OCSP response");
        yield return Case("a web page", "<html>It works!</html>"u8.ToArray(), "no OCSP response");
        yield return Case("a piece of DER", [0x30, 0x82, 0xFF, 0xFF, 0x01], "no OCSP response");
        yield return Case("later", TestOcsp.TryLater, "status 3");
        yield return Case("too much", new byte[100_000], "larger than");

        static TestCaseData Case(string what, byte[] answer, string reason) =>
            new TestCaseData(answer, reason).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Garbage))]
    public void Garbage_is_no_answer(byte[] answer, string reason)
    {
        _server.On("/ocsp", answer);
        Assert.That(
            () => AskAsync(_certificate),
            Throws.TypeOf<RevocationException>().With.Message.Contains(reason)
        );
    }

    [Test]
    public async Task An_answer_of_no_end_is_cut_off_at_the_limit()
    {
        var cutOff = new TaskCompletionSource();
        _server.On(
            "/ocsp",
            async context =>
            {
                // Without a length, so that only counting can find out.
                try
                {
                    while (true)
                    {
                        await context.Response.Body.WriteAsync(
                            new byte[16 * 1024],
                            context.RequestAborted
                        );
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                    }
                }
                finally
                {
                    cutOff.SetResult();
                }
            }
        );
        Assert.That(
            () => AskAsync(_certificate),
            Throws.TypeOf<RevocationException>().With.Message.Contains("larger than")
        );
        await cutOff.Task;
    }

    [Test]
    public async Task A_responder_that_never_answers_is_given_up()
    {
        var gone = new TaskCompletionSource();
        _server.On(
            "/ocsp",
            async context =>
            {
                context.RequestAborted.Register(gone.SetResult);
                await gone.Task;
            }
        );
        Assert.That(
            () =>
                AskAsync(
                    _certificate,
                    new RevocationOptions { Timeout = TimeSpan.FromMilliseconds(300) }
                ),
            Throws.TypeOf<RevocationException>().With.Message.Contains("no answer within")
        );
        await gone.Task;
    }

    [Test]
    public void Redirects_in_a_circle_are_given_up()
    {
        _server.On("/ocsp", Redirect("/there"));
        _server.On("/there", Redirect("/ocsp"));
        Assert.That(
            () => AskAsync(_certificate),
            Throws.TypeOf<RevocationException>().With.Message.Contains("redirects")
        );
    }

    [TestCase("file:///etc/passwd")]
    [TestCase("ftp://127.0.0.1/list")]
    public void A_redirect_out_of_the_web_leads_nowhere(string elsewhere)
    {
        _server.On("/ocsp", Redirect(elsewhere));
        Assert.That(
            () => AskAsync(_certificate),
            Throws.TypeOf<RevocationException>().With.Message.Contains("leads nowhere")
        );
    }

    [Test]
    public async Task One_redirect_is_followed()
    {
        _server.On("/ocsp", Redirect("/moved"));
        _server.OnOcsp("/moved", () => Good);
        Assert.That((await AskAsync(_certificate)).IsRevoked, Is.False);
    }

    [Test]
    public void Nobody_at_the_address_is_no_answer()
    {
        using var certificate = _authority.Issue("H99.02", new Uri("http://127.0.0.1:1/ocsp"));
        Assert.That(() => AskAsync(certificate), Throws.TypeOf<RevocationException>());
    }

    [Test]
    public void A_certificate_that_names_nobody_cannot_be_asked_about()
    {
        using var certificate = _authority.Issue("H99.03");
        Assert.That(
            () => AskAsync(certificate),
            Throws.TypeOf<RevocationException>().With.Message.Contains("names nobody")
        );
    }

    [Test]
    public async Task When_the_responder_fails_the_list_is_asked()
    {
        using var certificate = _authority.Issue(
            "H99.04",
            _server.At("/down"),
            _server.At("/after.crl")
        );
        _server.OnFailure("/down");
        _server.On("/after.crl", _authority.List(s_now, s_now + s_day));
        Assert.That((await AskAsync(certificate)).IsRevoked, Is.False);
    }

    [Test]
    public async Task A_list_names_the_revoked_and_serves_all_of_its_issuer_with_one_download()
    {
        var address = _server.At("/all.crl");
        using var revoked = _authority.Issue("H99.05", list: address);
        using var good = _authority.Issue("H99.06", list: address);
        _server.On("/all.crl", _authority.List(s_now, s_now + s_day, revoked));

        Assert.That((await AskAsync(revoked)).IsRevoked, Is.True);
        Assert.That((await AskAsync(good)).IsRevoked, Is.False);
        Assert.That(_server.Asked.Count(path => path == "/all.crl"), Is.EqualTo(1));
    }

    private static IEnumerable<TestCaseData> FalseLists()
    {
        yield return Case(
            "by a stranger of the same name",
            "signature of the list is broken",
            test => test._stranger.List(s_now, s_now + s_day)
        );
        yield return Case(
            "run out",
            "has run out",
            test => test._authority.List(s_now - 2 * s_day, s_now - s_day)
        );
        yield return Case(
            "of a time to come",
            "time to come",
            test => test._authority.List(s_now + s_day, s_now + 2 * s_day)
        );
        yield return Case("garbage", "no revocation list", _ => "not a list"u8.ToArray());
        yield return Case("too much", "larger than", _ => new byte[40_000]);

        static TestCaseData Case(
            string what,
            string reason,
            Func<RevocationCheckTests, byte[]> list
        ) => new TestCaseData(list, reason).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(FalseLists))]
    public void A_false_list_is_no_answer(Func<RevocationCheckTests, byte[]> list, string reason)
    {
        // An address of its own: what was kept of another test must not answer.
        var path = $"/{Guid.CreateVersion7()}.crl";
        using var certificate = _authority.Issue("H99.07", list: _server.At(path));
        _server.On(path, list(this));
        Assert.That(
            () => AskAsync(certificate, new RevocationOptions { MaxListBytes = 20_000 }),
            Throws.TypeOf<RevocationException>().With.Message.Contains(reason)
        );
    }

    [Test]
    public void Random_bytes_never_do_more_than_fail()
    {
        var random = new Random(20261120);
        var question = new OcspQuestion(_certificate, _authority.Certificate);
        var whole = Good.To(question.Encoded);
        var list = _authority.List(s_now, s_now + s_day, _certificate);
        for (var n = 0; n < 2000; n++)
        {
            var answer = whole.ToArray();
            answer[random.Next(answer.Length)] ^= (byte)random.Next(1, 256);
            // A changed byte makes it no answer, or changed nothing that was signed.
            var said = Try(() =>
                OcspAnswer.Read(answer, question, s_now, TimeSpan.Zero, "test").IsRevoked
            );
            Assert.That(said, Is.Not.True);
            var changed = list.ToArray();
            changed[random.Next(changed.Length)] ^= (byte)random.Next(1, 256);
            var listed = Try(() =>
                RevocationList
                    .Read(changed, _authority.Certificate)
                    .About(_certificate, "test")
                    .IsRevoked
            );
            Assert.That(listed, Is.Not.False);
        }

        static bool? Try(Func<bool> read)
        {
            try
            {
                return read();
            }
            catch (RevocationException)
            {
                return null;
            }
        }
    }

    private static RequestDelegate Redirect(string to) =>
        context =>
        {
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = to;
            return Task.CompletedTask;
        };

    private async Task<RevocationFinding> AskAsync(
        X509Certificate2 certificate,
        RevocationOptions? options = null
    )
    {
        // No time of its own: on a busy machine an honest answer may take its time.
        var given = Options.Create(
            options ?? new RevocationOptions { Timeout = TimeSpan.FromMinutes(5) }
        );
        using var fetch = new RevocationFetch(given);
        var check = new RevocationCheck(
            fetch,
            new RevocationTable(_source),
            given,
            new SetClock(s_now)
        );
        return await check.AskAsync(certificate, _authority.Certificate, CancellationToken.None);
    }
}
