using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Axis.Hub.Deadlines;
using Axis.Hub.Notices;
using Axis.Hub.Tests.Access;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Notices;

/// <summary>What the clerks of an agency hear, once, and when.</summary>
public sealed partial class NoticeTests
{
    private readonly MailServer _mail = new();
    private SetClock _clock = null!;
    private TestHub _hub = null!;
    private HttpClient _office = null!;
    private HttpClient _registrar = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        // Tomorrow morning: ahead of the database, whose own clock says since when agencies are served.
        _clock = new SetClock(Tomorrow(TimeProvider.System.GetUtcNow()));
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            _clock,
            settings:
            [
                ("Notices:SmtpHost", "127.0.0.1"),
                ("Notices:SmtpPort", $"{_mail.Port}"),
                ("Notices:SmtpSecurity", "None"),
                ("Notices:SmtpTimeout", "00:01:00"),
                ("Notices:From", "truc@example.vn"),
                ("Notices:Operators:0", "cntt@example.vn"),
                // Only when the test says so.
                ("Notices:LookInterval", "1.00:00:00"),
                ("Webhooks:AllowHttp", "true"),
                ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"),
                ("Webhooks:Timeout", "00:01:00"),
            ]
        );
        await _hub.AddOperatorAsync("registrar", "viewer", "registrar");
        foreach (var code in (string[])[TestProvince.Office, TestProvince.Commune])
        {
            await ExecuteAsync(
                $"""
                INSERT INTO agency_contact (agency_id, name, mail)
                SELECT agency_id, 'Văn thư', '{code}@example.vn' FROM agency_code WHERE code = '{code}'
                """
            );
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _hub.DisposeAsync();
        _mail.Dispose();
    }

    [SetUp]
    public async Task A_new_morning_with_nothing_to_tell()
    {
        _clock.Now = Tomorrow(_clock.Now);
        await ExecuteAsync(
            """
            DELETE FROM agency_contact WHERE ordinal = 2;
            DELETE FROM late_letter; DELETE FROM notice; DELETE FROM notice_preference; DELETE FROM notice_trouble; DELETE FROM route_breaker;
            UPDATE notice_look SET arrivals_to = NULL, delays_to = NULL;
            UPDATE delivery SET state = 'collected' WHERE state = 'dispatched'
            """
        );
        // What was sent before lies behind the first look.
        _clock.Now += TimeSpan.FromMinutes(10);
        _office = await _hub.ClientAsync("office");
        _registrar = await _hub.ClientAsync("registrar", ops: true);
        _mail.Mood = MailServerMood.Well;
        _mail.Forget();
    }

    [TearDown]
    public void Close()
    {
        _office.Dispose();
        _registrar.Dispose();
    }

    [Test]
    public async Task A_letter_that_arrives_is_told_once_however_many_nodes_look()
    {
        await WishAsync(TestProvince.Commune, new { arrivals = "immediate", delays = "off" });
        var letter = await SendAsync();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RoundAsync()));
        await RoundAsync();

        var mail = _mail.Mails.Single();
        Assert.That(mail.To.Mailboxes.Single().Address, Is.EqualTo("H99.02@example.vn"));
        Assert.That(
            mail.Subject,
            Is.EqualTo($"[Trục liên thông] Văn bản đến: {letter.Number}/UBND-VP")
        );
        Assert.That(mail.TextBody, Does.Contain(letter.Subject));
    }

    [Test]
    public async Task Nobody_who_did_not_ask_is_told()
    {
        await SendAsync();
        await RoundAsync();
        Assert.That(_mail.Mails, Is.Empty);
    }

    [Test]
    public async Task A_digest_gathers_the_letters_until_its_hour()
    {
        await WishAsync(
            TestProvince.Commune,
            new
            {
                arrivals = "digest",
                delays = "off",
                digestAt = (string[])["13:30"],
            }
        );
        var letters = new[] { await SendAsync(), await SendAsync(), await SendAsync() };
        await RoundAsync();
        Assert.That(_mail.Mails, Is.Empty);

        _clock.Now += TimeSpan.FromHours(4);
        await RoundAsync();

        var mail = _mail.Mails.Single();
        Assert.That(mail.Subject, Is.EqualTo("[Trục liên thông] 3 văn bản đến"));
        foreach (var letter in letters)
        {
            Assert.That(mail.TextBody, Does.Contain($"{letter.Number}/UBND-VP"));
        }
    }

    [Test]
    public async Task In_quiet_hours_only_what_is_urgent_is_told()
    {
        await WishAsync(
            TestProvince.Commune,
            new
            {
                arrivals = "immediate",
                delays = "off",
                quietFrom = "08:00",
                quietTo = "14:00",
            }
        );
        await SendAsync();
        var urgent = await SendAsync(priority: 3);

        await RoundAsync();
        var first = _mail.Mails.Single();
        _clock.Now += TimeSpan.FromHours(5);
        await RoundAsync();

        Assert.That(
            first.Subject,
            Is.EqualTo($"[Trục liên thông] [HỎA TỐC] Văn bản đến: {urgent.Number}/UBND-VP")
        );
        Assert.That(_mail.Mails, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_letter_that_nobody_takes_is_told_to_both_sides_once()
    {
        foreach (var code in (string[])[TestProvince.Office, TestProvince.Commune])
        {
            await WishAsync(code, new { arrivals = "off", delays = "immediate" });
        }
        // Before days off: nights and days off are no time that anybody waits.
        var time = _hub.Services.GetRequiredService<WorkingTime>();
        while (time.Between(_clock.Now, _clock.Now.AddHours(40)) > TimeSpan.FromHours(8))
        {
            _clock.Now += TimeSpan.FromDays(1);
        }
        _office.Dispose();
        // With a token of that day.
        _office = await _hub.ClientAsync("office");
        await SendAsync();
        var sent = _clock.Now;
        await RoundAsync();
        _clock.Now = sent.AddHours(40);
        await RoundAsync();
        Assert.That(_mail.Mails, Is.Empty);

        _clock.Now = time.Add(sent, TimeSpan.FromHours(8)).AddMinutes(1);
        await RoundAsync();
        _clock.Now += TimeSpan.FromHours(100);
        await RoundAsync();

        Assert.That(
            _mail.Mails.Select(mail => mail.To.Mailboxes.Single().Address),
            Is.EquivalentTo(new[] { "H99@example.vn", "H99.02@example.vn" })
        );
        Assert.That(_mail.Mails[0].Subject, Does.Contain("chưa được tiếp nhận"));
    }

    [Test]
    public async Task Trouble_is_told_when_it_starts_and_when_it_is_over_and_never_between()
    {
        await BreakerAsync("open");
        await RoundAsync();
        Assert.That(_mail.Mails, Is.Empty, "it may be over in a moment");

        for (var i = 0; i < 5; i++)
        {
            _clock.Now += TimeSpan.FromMinutes(6);
            await RoundAsync();
        }
        Assert.That(_mail.Mails.Single().Subject, Does.Contain("gặp sự cố"));
        Assert.That(
            _mail.Mails.Single().To.Mailboxes.Single().Address,
            Is.EqualTo("cntt@example.vn")
        );

        // It seems to be well, fails again, and is well: one message.
        await BreakerAsync("closed");
        await RoundAsync();
        await BreakerAsync("open");
        _clock.Now += TimeSpan.FromMinutes(6);
        await RoundAsync();
        await BreakerAsync("closed");
        for (var i = 0; i < 3; i++)
        {
            _clock.Now += TimeSpan.FromMinutes(6);
            await RoundAsync();
        }
        Assert.That(_mail.Mails, Has.Count.EqualTo(2));
        Assert.That(_mail.Mails[1].Subject, Does.Contain("hoạt động trở lại"));
    }

    [TestCase(MailServerMood.Refusing)]
    [TestCase(MailServerMood.HangingUp)]
    public async Task What_the_mail_server_does_not_take_is_tried_again_until_it_does(
        MailServerMood mood
    )
    {
        await WishAsync(TestProvince.Commune, new { arrivals = "immediate", delays = "off" });
        await SendAsync();
        _mail.Mood = mood;
        for (var i = 0; i < 3; i++)
        {
            await RoundAsync();
            _clock.Now += TimeSpan.FromMinutes(10);
        }
        Assert.That(_mail.Mails, Is.Empty);

        _mail.Mood = MailServerMood.Well;
        await RoundAsync();
        _clock.Now += TimeSpan.FromMinutes(10);
        await RoundAsync();

        Assert.That(_mail.Mails, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_cannot_be_told_for_days_is_given_up()
    {
        await WishAsync(TestProvince.Commune, new { arrivals = "immediate", delays = "off" });
        await SendAsync();
        _mail.Mood = MailServerMood.Refusing;
        await RoundAsync();
        _clock.Now += TimeSpan.FromDays(4);
        await RoundAsync();
        _mail.Mood = MailServerMood.Well;
        _clock.Now += TimeSpan.FromHours(2);
        await RoundAsync();

        Assert.That(_mail.Mails, Is.Empty);
        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM notice WHERE state = 'given_up'"),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task A_notice_is_pushed_to_the_address_of_the_clerks_too()
    {
        await using var endpoint = await WebhookEndpoint.StartAsync();
        var wish = await WishAsync(
            TestProvince.Commune,
            new
            {
                arrivals = "immediate",
                delays = "off",
                url = endpoint.Address,
            }
        );
        Assert.That(wish.GetProperty("secret").GetString(), Does.StartWith("whsec_"));
        var letter = await SendAsync();

        await RoundAsync();

        var pushed = JsonSerializer.Deserialize<JsonElement>(endpoint.Calls.Single().Body);
        Assert.That(pushed.GetProperty("type").GetString(), Is.EqualTo("vn.axis.notice.arrival"));
        Assert.That(
            pushed.GetProperty("items")[0].GetProperty("number").GetString(),
            Is.EqualTo($"{letter.Number}/UBND-VP")
        );
        Assert.That(_mail.Mails, Has.Count.EqualTo(1));
        var shown = await _registrar.GetAnswerAsync(
            $"ops/v1/agencies/{TestProvince.Commune}/notices"
        );
        Assert.That(shown.Json.TryGetProperty("secret", out _), Is.False);
    }

    [TestCase("""{"arrivals":"often","delays":"off"}""", "AXIS-6005")]
    [TestCase("""{"arrivals":"off"}""", "AXIS-6005")]
    [TestCase("""{"arrivals":"off","delays":"off","digestAt":["25:00"]}""", "AXIS-6005")]
    [TestCase("""{"arrivals":"off","delays":"off","digestAt":[]}""", "AXIS-6005")]
    [TestCase("""{"arrivals":"off","delays":"off","quietFrom":"22:00"}""", "AXIS-6005")]
    [TestCase("""{"arrivals":"off","delays":"off","url":"https://10.0.0.1/"}""", "AXIS-5411")]
    public async Task A_wish_that_makes_no_sense_is_refused_in_words(string wish, string code)
    {
        using var content = new StringContent(wish, System.Text.Encoding.UTF8, "application/json");
        using var answer = await _registrar.PutAsync(
            new Uri($"ops/v1/agencies/{TestProvince.Commune}/notices", UriKind.Relative),
            content
        );
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain(code));
    }

    private Task<bool> RoundAsync() =>
        _hub.Services.GetRequiredService<NoticeKeeper>().RoundAsync(CancellationToken.None);

    private Task<Letter> SendAsync(int priority = 0) =>
        SendAsync(TestProvince.Office, TestProvince.Commune, priority);

    private async Task<Letter> SendAsync(string from, string to, int priority = 0)
    {
        var letter = new Letter(from, to) { Priority = priority };
        var receipt = await _office.SubmitAsync(letter.Signed());
        Assert.That(receipt.Status, Is.EqualTo(HttpStatusCode.Created), receipt.Text);
        // What was sent lies behind the clock.
        _clock.Now += TimeSpan.FromSeconds(1);
        return letter;
    }

    private async Task<JsonElement> WishAsync(string code, object wish)
    {
        using var answer = await _registrar.PutAsJsonAsync(
            new Uri($"ops/v1/agencies/{code}/notices", UriKind.Relative),
            wish
        );
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task BreakerAsync(string state)
    {
        await using var command = _hub.Database.CreateCommand(
            """
            INSERT INTO route_breaker (office_system_id, state, failures, changed_at, next_probe_at)
            VALUES ('department', $1, $3, $2, 'infinity')
            ON CONFLICT (office_system_id) DO UPDATE SET state = $1, failures = $3, changed_at = $2
            """
        );
        command.Parameters.Add(new() { Value = state });
        command.Parameters.Add(new() { Value = _clock.Now });
        command.Parameters.Add(new() { Value = state == "open" ? 3 : 0 });
        await command.ExecuteNonQueryAsync();
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _hub.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ten o'clock of the next day in Vietnam.</summary>
    private static DateTimeOffset Tomorrow(DateTimeOffset now) =>
        new DateTimeOffset(
            now.ToOffset(NoticeSchedule.Vietnam).Date.AddDays(1).AddHours(10),
            NoticeSchedule.Vietnam
        ).ToUniversalTime();
}
