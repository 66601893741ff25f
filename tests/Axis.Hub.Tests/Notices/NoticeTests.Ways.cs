using System.Net;
using System.Text.Json;
using Axis.Hub.Deadlines;
using Axis.Hub.Delivery;
using Axis.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Axis.Hub.Tests.Notices;

/// <summary>Mail and the address of the clerks do not wait for each other, nor one clerk for another.</summary>
public sealed partial class NoticeTests
{
    [Test]
    public async Task A_mailbox_that_is_gone_silences_no_other_clerk_and_is_named()
    {
        await AddContactAsync(TestProvince.Commune, "gone@example.vn");
        await WishAsync(TestProvince.Commune, new { arrivals = "immediate", delays = "off" });
        _mail.Refused["gone@example.vn"] = "550 no such user";
        await SendAsync();

        await RoundAsync();
        var shown = await _registrar.GetAnswerAsync(
            $"ops/v1/agencies/{TestProvince.Commune}/notices"
        );
        var refused = shown.Json.GetProperty("refused").EnumerateArray().Single();
        Assert.That(refused.GetProperty("mail").GetString(), Is.EqualTo("gone@example.vn"));
        Assert.That(refused.GetProperty("code").GetInt32(), Is.EqualTo(550));
        _clock.Now += TimeSpan.FromHours(2);
        await RoundAsync();

        Assert.That(_mail.Recipients, Is.EqualTo(new[] { new[] { "H99.02@example.vn" } }));
        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM notice WHERE state = 'sent'"),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task A_test_mail_names_the_mailboxes_that_it_does_not_reach()
    {
        await AddContactAsync(TestProvince.Commune, "gone@example.vn");
        _mail.Refused["gone@example.vn"] = "550 no such user";

        using var answer = await _registrar.PostAsync(
            new Uri($"ops/v1/agencies/{TestProvince.Commune}/notices/test", UriKind.Relative),
            null
        );

        var said = JsonSerializer.Deserialize<JsonElement>(
            await answer.Content.ReadAsStringAsync()
        );
        Assert.That(said.GetProperty("to")[0].GetString(), Is.EqualTo("H99.02@example.vn"));
        Assert.That(
            said.GetProperty("refused")[0].GetProperty("mail").GetString(),
            Is.EqualTo("gone@example.vn")
        );
    }

    [Test]
    public async Task A_mailbox_that_is_full_for_now_hears_later_what_the_others_heard_at_once()
    {
        await AddContactAsync(TestProvince.Commune, "full@example.vn");
        await WishAsync(TestProvince.Commune, new { arrivals = "immediate", delays = "off" });
        _mail.Refused["full@example.vn"] = "452 mailbox full";
        await SendAsync();
        await RoundAsync();

        _mail.Refused.Clear();
        for (var i = 0; i < 2; i++)
        {
            _clock.Now += TimeSpan.FromHours(2);
            await RoundAsync();
        }

        Assert.That(
            _mail.Recipients,
            Is.EqualTo(new[] { new[] { "H99.02@example.vn" }, new[] { "full@example.vn" } })
        );
    }

    [Test]
    public async Task A_mail_server_that_is_down_keeps_no_address_waiting()
    {
        await using var first = await WebhookEndpoint.StartAsync();
        await using var second = await WebhookEndpoint.StartAsync();
        foreach (
            var (code, endpoint) in ((string, WebhookEndpoint)[])
                [(TestProvince.Commune, first), (TestProvince.Office, second)]
        )
        {
            await WishAsync(
                code,
                new
                {
                    arrivals = "immediate",
                    delays = "off",
                    url = endpoint.Address,
                }
            );
        }
        await SendAsync();
        await SendAsync(TestProvince.Office, TestProvince.Office);
        _mail.Mood = MailServerMood.HangingUp;

        await RoundAsync();
        var calls = (first.Calls.Count, second.Calls.Count);
        _mail.Mood = MailServerMood.Well;
        for (var i = 0; i < 2; i++)
        {
            _clock.Now += TimeSpan.FromHours(2);
            await RoundAsync();
        }

        Assert.That(calls, Is.EqualTo((1, 1)), "in the one round");
        Assert.That(
            _mail.Recipients.Select(to => to.Single()),
            Is.EquivalentTo(new[] { "H99.02@example.vn", "H99@example.vn" })
        );
        Assert.That((first.Calls.Count, second.Calls.Count), Is.EqualTo((1, 1)), "once each");
    }

    [Test]
    public async Task An_address_that_does_not_answer_keeps_no_mail_waiting()
    {
        await using var endpoint = await WebhookEndpoint.StartAsync();
        endpoint.Answer = WhenAllMailIsThereAsync;
        await WishAsync(
            TestProvince.Commune,
            new
            {
                arrivals = "immediate",
                delays = "off",
                url = endpoint.Address,
            }
        );
        await WishAsync(TestProvince.Office, new { arrivals = "immediate", delays = "off" });
        await SendAsync();
        await SendAsync(TestProvince.Office, TestProvince.Office);

        await RoundAsync();

        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM notice WHERE state = 'sent'"),
            Is.EqualTo(2)
        );

        Task WhenAllMailIsThereAsync(Microsoft.AspNetCore.Http.HttpContext call) =>
            Eventually.HoldsAsync(() =>
                Task.FromResult(
                    _mail.Mails.Count == 2 || call.RequestAborted.IsCancellationRequested
                )
            );
    }

    [TestCase(HttpStatusCode.InternalServerError)]
    [TestCase(HttpStatusCode.Found)]
    [TestCase(HttpStatusCode.Gone)]
    public async Task An_address_that_takes_nothing_is_tried_again_and_no_mail_is_repeated(
        HttpStatusCode says
    )
    {
        await using var elsewhere = await WebhookEndpoint.StartAsync();
        await using var endpoint = await WebhookEndpoint.StartAsync();
        endpoint.Answer = context =>
        {
            context.Response.Headers.Location = elsewhere.Address.AbsoluteUri;
            return WebhookEndpoint.Status(says)(context);
        };
        await WishAsync(
            TestProvince.Commune,
            new
            {
                arrivals = "immediate",
                delays = "off",
                url = endpoint.Address,
            }
        );
        await SendAsync();
        await RoundAsync();

        endpoint.Answer = WebhookEndpoint.Status(HttpStatusCode.OK);
        for (var i = 0; i < 2; i++)
        {
            _clock.Now += TimeSpan.FromHours(2);
            await RoundAsync();
        }

        Assert.That(endpoint.Calls, Has.Count.EqualTo(2));
        Assert.That(endpoint.Ids, Has.Count.EqualTo(1), "the same at every repeat");
        Assert.That(elsewhere.Calls, Is.Empty);
        Assert.That(_mail.Mails, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task An_address_that_is_not_there_is_tried_again()
    {
        Uri down;
        using (var closed = new LyingServer(""))
        {
            down = closed.Address;
        }
        await WishAsync(
            TestProvince.Commune,
            new
            {
                arrivals = "immediate",
                delays = "off",
                url = down,
            }
        );
        await SendAsync();

        await RoundAsync();

        Assert.That(_mail.Mails, Has.Count.EqualTo(1));
        Assert.That(
            await _hub.CountAsync(
                "SELECT count(*) FROM notice WHERE state = 'waiting' AND mailed AND NOT pushed"
            ),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task An_inbox_that_nobody_tried_is_not_said_to_work_again()
    {
        var breakers = _hub.Services.GetRequiredService<QueueBreakers<DispatchItem>>();
        await BreakerAsync("open");
        _clock.Now += TimeSpan.FromMinutes(6);
        await RoundAsync();
        Assert.That(_mail.Mails, Has.Count.EqualTo(1), "trouble");

        // What was parked is recalled; nothing is left to try it with.
        await ExecuteAsync("UPDATE route_breaker SET next_probe_at = '2026-01-01'");
        await breakers.RefreshAsync(CancellationToken.None);
        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM route_breaker WHERE state = 'closed'"),
            Is.EqualTo(1)
        );
        for (var i = 0; i < 3; i++)
        {
            _clock.Now += TimeSpan.FromMinutes(6);
            await RoundAsync();
        }
        Assert.That(_mail.Mails, Has.Count.EqualTo(1), "not tried");

        await breakers.PassedAsync(["department"], CancellationToken.None);
        _clock.Now += TimeSpan.FromMinutes(6);
        await RoundAsync();
        Assert.That(_mail.Mails, Has.Count.EqualTo(2), "a letter got through");
    }

    [Test]
    public async Task A_digest_does_not_name_a_letter_that_was_withdrawn_since()
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
        var (kept, withdrawn) = (await SendAsync(), await SendAsync());
        await RoundAsync();
        var recall = await _office.SubmitAsync((withdrawn with { Business = 1 }).Signed());
        Assert.That(recall.Status, Is.EqualTo(HttpStatusCode.Created), recall.Text);

        _clock.Now += TimeSpan.FromHours(4);
        await RoundAsync();

        var mail = _mail.Mails.Single();
        Assert.That(mail.Subject, Does.Contain($"{kept.Number}/UBND-VP"));
        Assert.That(mail.TextBody, Does.Not.Contain($" {withdrawn.Number}/UBND-VP"));
    }

    [Test]
    public async Task A_letter_that_was_taken_before_the_hour_is_not_told_as_untaken()
    {
        await WishAsync(
            TestProvince.Commune,
            new
            {
                arrivals = "off",
                delays = "digest",
                digestAt = (string[])["13:30"],
            }
        );
        await SendAsync();
        await RoundAsync();
        _clock.Now = _hub
            .Services.GetRequiredService<WorkingTime>()
            .Add(_clock.Now, TimeSpan.FromHours(8))
            .AddMinutes(1);
        await RoundAsync();
        Assert.That(
            await _hub.CountAsync("SELECT count(*) FROM notice WHERE kind = 'delay'"),
            Is.EqualTo(1)
        );

        await ExecuteAsync("UPDATE delivery SET state = 'collected' WHERE state = 'dispatched'");
        _clock.Now += TimeSpan.FromDays(1);
        await RoundAsync();

        Assert.That(_mail.Mails, Is.Empty);
    }

    private async Task AddContactAsync(string code, string mail) =>
        await ExecuteAsync(
            $"""
            INSERT INTO agency_contact (agency_id, name, mail, ordinal)
            SELECT agency_id, 'Dự phòng', '{mail}', 2 FROM agency_code WHERE code = '{code}'
            """
        );
}
