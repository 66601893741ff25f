using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Axis.Hub.Notices;

/// <param name="Error">Null when the server has it; else why not, in words.</param>
/// <param name="IsDown">It is the server and not the message: others need not be tried now.</param>
public readonly record struct MailOutcome(string? Error, bool IsDown = false);

/// <summary>Hands one message to the mail server; the only place that knows SMTP.</summary>
public sealed class NoticeMail(IOptions<NoticeOptions> options, TimeProvider clock)
{
    private const string NotInTime = "the mail server did not answer in time";

    public bool IsOn => options.Value.SmtpHost.Length > 0;

    /// <param name="id">Makes the Message-ID: a mail that is sent again after a crash is the same mail.</param>
    public async Task<MailOutcome> SendAsync(
        Guid id,
        IReadOnlyList<string> to,
        NoticeMessage message,
        CancellationToken cancellationToken
    )
    {
        var smtp = options.Value;
        var from = MailboxAddress.Parse(smtp.From);
        using var mail = new MimeMessage();
        mail.From.Add(from);
        foreach (var one in to)
        {
            if (MailboxAddress.TryParse(one, out var address))
            {
                mail.To.Add(address);
            }
        }
        if (mail.To.Count == 0)
        {
            return new("no mail address");
        }
        mail.Subject = message.Subject;
        mail.Date = clock.GetUtcNow().ToOffset(NoticeSchedule.Vietnam);
        mail.MessageId = $"{id}@{from.Domain}";
        // Mail programs send no "out of office" to this (RFC 3834).
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Body = new TextPart("plain") { Text = message.Body };
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(smtp.SmtpTimeout);
        using var client = new SmtpClient { Timeout = (int)smtp.SmtpTimeout.TotalMilliseconds };
        try
        {
            await client.ConnectAsync(
                smtp.SmtpHost,
                smtp.SmtpPort,
                smtp.SmtpSecurity switch
                {
                    SmtpSecurity.None => SecureSocketOptions.None,
                    SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
                    _ => SecureSocketOptions.StartTls,
                },
                time.Token
            );
            if (smtp.SmtpUser.Length > 0)
            {
                var password = await File.ReadAllTextAsync(smtp.SmtpPasswordFile, time.Token);
                await client.AuthenticateAsync(smtp.SmtpUser, password.Trim(), time.Token);
            }
            await client.SendAsync(mail, time.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(NotInTime, IsDown: true);
        }
        catch (TimeoutException)
        {
            return new(NotInTime, IsDown: true);
        }
        catch (SmtpCommandException refused)
        {
            return new($"the mail server refused ({(int)refused.StatusCode})");
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return new($"the mail server cannot be used ({failure.GetType().Name})", IsDown: true);
        }
        try
        {
            await client.DisconnectAsync(quit: true, time.Token);
        }
        catch (Exception)
        {
            // It has the mail; how it says good-bye does not matter.
            return default;
        }
        return default;
    }
}
