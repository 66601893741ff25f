using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Axis.Hub.Notices;

/// <param name="Error">Null when the server has it, for one mailbox at least; else why not, in words.</param>
/// <param name="IsDown">It is the server and not the message: others need not be tried now.</param>
public sealed record MailOutcome(string? Error, bool IsDown = false)
{
    /// <summary>The server has the mail for this mailbox (RFC 5321, 4.2.3).</summary>
    public const int TakenCode = 250;

    /// <summary>Of a mailbox that is none: the server is not asked.</summary>
    internal const int NoMailboxCode = 553;

    /// <summary>The SMTP code of each mailbox, as it was given; empty when the server is down.</summary>
    public IReadOnlyDictionary<string, int> Mailboxes { get; init; } =
        new Dictionary<string, int>();

    public IEnumerable<string> Taken =>
        Mailboxes.Where(one => one.Value == TakenCode).Select(one => one.Key);

    public static bool IsRefusal(int code) => code >= 400;

    /// <summary>Refused, but not for good.</summary>
    public static bool IsForNow(int code) => code is >= 400 and < 500;
}

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
        var mailboxes = new Dictionary<string, MailboxAddress?>(StringComparer.Ordinal);
        foreach (var one in to)
        {
            mailboxes[one] = MailboxAddress.TryParse(one, out var address) ? address : null;
        }
        mail.To.AddRange(mailboxes.Values.OfType<MailboxAddress>());
        if (mail.To.Count == 0)
        {
            return new("no mail address") { Mailboxes = Said(mailboxes, null, null) };
        }
        mail.Subject = message.Subject;
        mail.Date = clock.GetUtcNow().ToOffset(NoticeSchedule.Vietnam);
        mail.MessageId = $"{id}@{from.Domain}";
        // Mail programs send no "out of office" to this (RFC 3834).
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        mail.Body = new TextPart("plain") { Text = message.Body };
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(smtp.SmtpTimeout);
        using var client = new Postman { Timeout = (int)smtp.SmtpTimeout.TotalMilliseconds };
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
            when (refused.StatusCode != SmtpStatusCode.ServiceNotAvailable)
        {
            return new($"the mail server refused ({(int)refused.StatusCode})")
            {
                Mailboxes = Said(mailboxes, client, others: null),
            };
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return new($"the mail server cannot be used ({failure.GetType().Name})", IsDown: true);
        }
        await LeaveAsync(client, time.Token);
        return new(Error: null) { Mailboxes = Said(mailboxes, client, MailOutcome.TakenCode) };
    }

    private static async Task LeaveAsync(SmtpClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.DisconnectAsync(quit: true, cancellationToken);
        }
        catch (Exception)
        {
            // It has the mail; how it says good-bye does not matter.
            return;
        }
    }

    /// <param name="others">Those that were not refused; null: nothing is known of them.</param>
    private static Dictionary<string, int> Said(
        Dictionary<string, MailboxAddress?> mailboxes,
        Postman? client,
        int? others
    )
    {
        var said = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (one, address) in mailboxes)
        {
            int? code =
                address is null ? MailOutcome.NoMailboxCode
                : client?.Refused.TryGetValue(address.Address, out var refusal) == true ? refusal
                : others;
            if (code is { } known)
            {
                said[one] = known;
            }
        }
        return said;
    }

    /// <summary>Goes on when a mailbox is refused, unless all are.</summary>
    private sealed class Postman : SmtpClient
    {
        private readonly Dictionary<string, int> _refused = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, int> Refused => _refused;

        protected override void OnRecipientNotAccepted(
            MimeMessage message,
            MailboxAddress mailbox,
            SmtpResponse response
        ) => _refused[mailbox.Address] = (int)response.StatusCode;

        protected override void OnNoRecipientsAccepted(MimeMessage message) =>
            throw new SmtpCommandException(
                SmtpErrorCode.RecipientNotAccepted,
                (SmtpStatusCode)_refused.Values.DefaultIfEmpty(550).Max(),
                "no mailbox was accepted"
            );
    }
}
