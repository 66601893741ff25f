using System.Net;
using System.Security.Cryptography.X509Certificates;
using Axis.Hub.Trust.Revocation;
using Axis.Signatures;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Trust;

/// <summary>What revocation does to letters: nothing revoked passes, no authority stops the traffic, nothing is silent.</summary>
public sealed class RevocationTests
{
    private TrustProvince _province = null!;

    [OneTimeSetUp]
    public async Task Start_the_hub() => _province = await TrustProvince.StartAsync();

    [OneTimeTearDown]
    public async Task Stop_the_hub() => await _province.DisposeAsync();

    [Test]
    public async Task A_registered_certificate_is_asked_about_before_its_first_letter()
    {
        using var certificate = await _province.RegisterAsync("/before");
        _province.Server.OnOcsp("/before", () => _province.Good);
        await _province.RefreshAsync();

        Assert.That(await VerdictAsync(certificate), Is.EqualTo("valid"));
        Assert.That(await _province.AuditedAsync("certificate.unchecked", certificate), Is.Zero);
    }

    [Test]
    public async Task A_letter_asks_nobody_however_often_it_is_sent()
    {
        using var certificate = await _province.RegisterAsync("/memory");
        _province.Server.OnOcsp("/memory", () => _province.Good);
        await _province.RefreshAsync();
        for (var n = 0; n < 5; n++)
        {
            await VerdictAsync(certificate);
        }
        Assert.That(_province.Server.Asked.Count(path => path == "/memory"), Is.EqualTo(1));
    }

    [Test]
    public async Task Revoked_is_refused_and_stays_so_when_its_authority_falls_silent()
    {
        using var certificate = await _province.RegisterAsync("/revoked");
        var since = _province.Clock.Now.AddDays(-1);
        _province.Server.OnOcsp("/revoked", () => _province.Good with { RevokedAt = since });
        await _province.RefreshAsync();
        Assert.That(await CodesAsync(certificate), Is.EqualTo(new[] { "AXIS-4008" }));
        Assert.That(
            await _province.AuditedAsync("certificate.revoked", certificate),
            Is.EqualTo(1)
        );

        // No outage makes it "not yet checked", and a node that starts knows it.
        _province.Server.OnFailure("/revoked");
        await PassAsync(TimeSpan.FromDays(30));
        Assert.That(await CodesAsync(certificate), Is.EqualTo(new[] { "AXIS-4008" }));
        Assert.That(
            await AnswerOfAnotherNodeAsync(certificate),
            Is.EqualTo(
                RevocationAnswer.Revoked(since.AddTicks(-(since.Ticks % TimeSpan.TicksPerSecond)))
            )
        );

        // Nor does an old "good" that somebody kept; only a newer word does.
        var old = _province.Good with
        {
            ThisUpdate = since.AddDays(-2),
            NextUpdate = _province.Clock.Now.AddDays(1),
        };
        _province.Server.OnOcsp("/revoked", () => old);
        await PassAsync(TimeSpan.FromHours(2));
        Assert.That(await CodesAsync(certificate), Is.EqualTo(new[] { "AXIS-4008" }));
        _province.Server.OnOcsp("/revoked", () => _province.Good);
        await PassAsync(TimeSpan.FromHours(2));
        Assert.That(await VerdictAsync(certificate), Is.EqualTo("valid"));
    }

    [Test]
    public async Task While_its_authority_is_down_letters_go_on_unchecked_and_each_outage_is_on_record_once()
    {
        using var certificate = await _province.RegisterAsync("/down");
        _province.Server.OnFailure("/down");
        await _province.RefreshAsync();

        for (var day = 0; day < 3; day++)
        {
            Assert.That(await VerdictAsync(certificate), Is.EqualTo("not_yet_checked"));
            Assert.That(await VerdictAsync(certificate), Is.EqualTo("not_yet_checked"));
            await PassAsync(TimeSpan.FromHours(20));
        }
        Assert.That(await Unchecked(), Is.EqualTo(1));
        Assert.That(await Overdue(), Is.Zero);

        // 72 hours after it was met first, the grace has run out.
        await PassAsync(TimeSpan.FromHours(20));
        Assert.That(await VerdictAsync(certificate), Is.EqualTo("not_yet_checked"));
        await _province.RefreshAsync();
        Assert.That(await Overdue(), Is.EqualTo(1));
        Settings.AfterGrace = AfterGrace.Refuse;
        try
        {
            Assert.That(await CodesAsync(certificate), Is.EqualTo(new[] { "AXIS-4009" }));
        }
        finally
        {
            Settings.AfterGrace = AfterGrace.Record;
        }
        Assert.That(await VerdictAsync(certificate), Is.EqualTo("not_yet_checked"));
        Assert.That(await Unchecked(), Is.EqualTo(1), "still the same outage");

        _province.Server.OnOcsp("/down", () => _province.Good);
        await PassAsync(TimeSpan.FromHours(2));
        Assert.That(await VerdictAsync(certificate), Is.EqualTo("valid"));
        Assert.That(await Answered(), Is.EqualTo(1));

        // The answer is good for a day; the next outage is another one.
        _province.Server.OnFailure("/down");
        await PassAsync(TimeSpan.FromHours(20));
        Assert.That(await VerdictAsync(certificate), Is.EqualTo("valid"), "the answer still holds");
        Assert.That(await Unchecked(), Is.EqualTo(1));
        await PassAsync(TimeSpan.FromHours(20));
        Assert.That(await VerdictAsync(certificate), Is.EqualTo("not_yet_checked"));
        await _province.RefreshAsync();
        Assert.That(await Unchecked(), Is.EqualTo(2));
        Assert.That(await Overdue(), Is.EqualTo(1));

        Task<long> Unchecked() => _province.AuditedAsync("certificate.unchecked", certificate);
        Task<long> Overdue() => _province.AuditedAsync("certificate.overdue", certificate);
        Task<long> Answered() => _province.AuditedAsync("certificate.answered", certificate);
    }

    [Test]
    public async Task A_responder_that_hangs_holds_up_nobody()
    {
        using var certificate = await _province.RegisterAsync("/hangs");
        var asked = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        _province.Server.On(
            "/hangs",
            async context =>
            {
                asked.TrySetResult();
                await release.Task;
                context.Response.StatusCode = 503;
            }
        );
        var refresh = _province.RefreshAsync();
        await asked.Task;
        try
        {
            Assert.That(await VerdictAsync(certificate), Is.EqualTo("not_yet_checked"));
        }
        finally
        {
            release.SetResult();
            await refresh;
        }
    }

    [Test]
    public async Task A_list_in_the_trust_folder_answers_where_nobody_can_be_asked()
    {
        using var good = await _province.RegisterAsync("/nobody");
        using var revoked = await _province.RegisterAsync("/nobody");
        var now = _province.Clock.Now;
        _province.Put("list.crl", _province.Authority.List(now, now.AddYears(1), revoked));
        _province.RereadFolder();
        try
        {
            Assert.That(await VerdictAsync(good), Is.EqualTo("valid"));
            Assert.That(await CodesAsync(revoked), Is.EqualTo(new[] { "AXIS-4008" }));
            Assert.That(_province.Server.Asked, Has.None.EqualTo("/nobody"));
        }
        finally
        {
            _province.Remove("list.crl");
            _province.RereadFolder();
        }
    }

    [Test]
    public async Task A_stranger_sends_the_hub_nowhere()
    {
        using var stranger = new TestAuthority(_province.Clock.Now, "CN=Nobody");
        using var certificate = stranger.Issue("H99", _province.Server.At("/stranger"));
        Assert.That(await CodesAsync(certificate), Is.EqualTo(new[] { "AXIS-4003" }));
        await PassAsync(TimeSpan.FromHours(2));
        Assert.That(_province.Server.Asked, Has.None.EqualTo("/stranger"));
    }

    /// <summary>What a node knows that starts now, this one again or another.</summary>
    private async Task<RevocationAnswer> AnswerOfAnotherNodeAsync(X509Certificate2 certificate)
    {
        var services = _province.Hub.Services;
        using var memory = ActivatorUtilities.CreateInstance<RevocationMemory>(services);
        using var refresh = ActivatorUtilities.CreateInstance<RevocationRefresh>(services, memory);
        await refresh.ReloadAsync(CancellationToken.None);
        return memory.Ask(
            new RevocationQuestion(
                certificate,
                _province.Authority.Certificate,
                _province.Clock.Now
            )
        );
    }

    private RevocationOptions Settings =>
        _province.Hub.Services.GetRequiredService<IOptions<RevocationOptions>>().Value;

    private async Task PassAsync(TimeSpan time)
    {
        _province.Clock.Now += time;
        await _province.RefreshAsync();
    }

    private async Task<string?> VerdictAsync(X509Certificate2 signer)
    {
        var answer = await _province.SendAsync(signer);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created), answer.Text);
        return answer.Json.GetProperty("signature").GetProperty("verdict").GetString();
    }

    private async Task<IReadOnlyList<string>> CodesAsync(X509Certificate2 signer)
    {
        var answer = await _province.SendAsync(signer);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        return answer.Codes;
    }
}
