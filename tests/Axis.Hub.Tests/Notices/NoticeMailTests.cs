using Axis.Hub.Notices;
using Axis.TestKit;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Tests.Notices;

/// <summary>Mail against a real server that is well, silent, refusing, hanging up and down.</summary>
public sealed class NoticeMailTests
{
    private static readonly NoticeMessage s_message = new("Văn bản đến: 15/UBND-VP", "Kính gửi…\n");

    [Test]
    public async Task A_mail_arrives_as_it_was_written_and_says_that_no_person_sent_it()
    {
        using var server = new MailServer();

        var outcome = await SendAsync(server.Port, ["van-thu@example.vn", "du-phong@example.vn"]);

        Assert.That(outcome.Error, Is.Null);
        var mail = server.Mails.Single();
        Assert.That(mail.Subject, Is.EqualTo(s_message.Subject));
        Assert.That(mail.TextBody, Does.StartWith("Kính gửi…"));
        Assert.That(mail.To.Count, Is.EqualTo(2));
        Assert.That(mail.Headers["Auto-Submitted"], Is.EqualTo("auto-generated"));
    }

    [TestCase(MailServerMood.Silent, "in time", true)]
    [TestCase(MailServerMood.Refusing, "refused (550)", false)]
    [TestCase(MailServerMood.HangingUp, "cannot be used", true)]
    public async Task A_mail_that_was_not_taken_is_said_to_be_not_taken(
        MailServerMood mood,
        string why,
        bool isDown
    )
    {
        using var server = new MailServer { Mood = mood };

        var outcome = await SendAsync(
            server.Port,
            ["van-thu@example.vn"],
            mood == MailServerMood.Silent ? TimeSpan.FromSeconds(1) : TimeSpan.FromMinutes(2)
        );

        Assert.That(outcome.Error, Does.Contain(why));
        Assert.That(outcome.IsDown, Is.EqualTo(isDown));
        Assert.That(server.Mails, Is.Empty);
    }

    [Test]
    public async Task Of_each_mailbox_it_says_what_became_of_it()
    {
        using var server = new MailServer();
        server.Refused["gone@example.vn"] = "550 no such user";
        server.Refused["full@example.vn"] = "452 mailbox full";

        var outcome = await SendAsync(
            server.Port,
            ["gone@example.vn", "van-thu@example.vn", "full@example.vn", "no address"]
        );

        Assert.That(outcome.Error, Is.Null);
        Assert.That(
            outcome.Mailboxes,
            Is.EquivalentTo(
                new Dictionary<string, int>
                {
                    ["gone@example.vn"] = 550,
                    ["van-thu@example.vn"] = 250,
                    ["full@example.vn"] = 452,
                    ["no address"] = 553,
                }
            )
        );
        Assert.That(server.Recipients, Is.EqualTo(new[] { new[] { "van-thu@example.vn" } }));
    }

    [Test]
    public async Task A_server_that_is_not_there_is_down()
    {
        int port;
        using (var server = new MailServer())
        {
            port = server.Port;
        }
        var outcome = await SendAsync(port, ["van-thu@example.vn"]);
        Assert.That(outcome.IsDown, Is.True);
    }

    [Test]
    public async Task An_address_with_a_line_end_adds_no_header()
    {
        using var server = new MailServer();

        await SendAsync(
            server.Port,
            ["van-thu@example.vn\r\nBcc: thief@example.vn", "clerk@example.vn"]
        );

        foreach (var mail in server.Mails)
        {
            Assert.That(mail.Bcc, Is.Empty);
            Assert.That(mail.Headers.Contains("Bcc"), Is.False);
        }
    }

    private static Task<MailOutcome> SendAsync(int port, string[] to, TimeSpan? timeout = null) =>
        new NoticeMail(
            Options.Create(
                new NoticeOptions
                {
                    SmtpHost = "127.0.0.1",
                    SmtpPort = port,
                    SmtpSecurity = SmtpSecurity.None,
                    SmtpTimeout = timeout ?? TimeSpan.FromMinutes(2),
                    From = "truc@example.vn",
                }
            ),
            TimeProvider.System
        ).SendAsync(Guid.CreateVersion7(), to, s_message, CancellationToken.None);
}
