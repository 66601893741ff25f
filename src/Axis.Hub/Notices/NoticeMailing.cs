using Axis.Hub.Registry;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Notices;

/// <summary>
/// Tells what is due by mail, one message after the other, until the server is down or the turn is over. A mailbox that
/// is refused keeps the mail from no other: one that is gone is written down, and one that cannot take it now gets it
/// later.
/// </summary>
internal sealed class NoticeMailing(
    DueNotices notices,
    AgencySearch contacts,
    NoticeMail mail,
    IOptions<NoticeOptions> options,
    TimeProvider clock,
    ILogger<NoticeMailing> log
)
{
    public async Task TellDueAsync(CancellationToken cancellationToken)
    {
        var due = await notices.ByMailAsync(cancellationToken);
        if (!mail.IsOn)
        {
            await notices.MailedAsync(
                due.SelectMany(message => message.Notices),
                told: true,
                null,
                cancellationToken
            );
            return;
        }
        var ends = clock.GetUtcNow() + DueNotices.Turn;
        foreach (var message in due)
        {
            if (clock.GetUtcNow() >= ends || !await TellAsync(message, cancellationToken))
            {
                // The rest stays due, and the next round begins with trying one.
                return;
            }
        }
    }

    /// <summary>False when the mail server is down.</summary>
    private async Task<bool> TellAsync(DueMessage message, CancellationToken cancellationToken)
    {
        var before = message.First.Mailboxes;
        string[] all =
        [
            .. (await MailboxesAsync(message.First.AgencyId, cancellationToken)).Distinct(
                StringComparer.OrdinalIgnoreCase
            ),
        ];
        string[] left =
        [
            .. all.Where(one => before?.GetValueOrDefault(one) != MailOutcome.TakenCode),
        ];
        if (left.Length == 0)
        {
            // Nobody to write to: that will not change by trying again.
            await notices.MailedAsync(message.Notices, told: true, before, cancellationToken);
            return true;
        }
        var outcome = await mail.SendAsync(message.First.Id, left, message.Text, cancellationToken);
        var said = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var one in all)
        {
            if (
                outcome.Mailboxes.TryGetValue(one, out var code)
                || before?.TryGetValue(one, out code) == true
            )
            {
                said[one] = code;
            }
        }
        await notices.MailedAsync(
            message.Notices,
            told: said.ContainsValue(MailOutcome.TakenCode)
                && !said.Values.Any(MailOutcome.IsForNow),
            said.Values.Any(MailOutcome.IsRefusal) ? said : null,
            cancellationToken
        );
        if (outcome.Error is { } failure)
        {
            log.LogWarning("A notice could not be mailed, and is tried again: {Failure}", failure);
        }
        else if (said.Values.Count(MailOutcome.IsRefusal) is var refused and > 0)
        {
            log.LogWarning(
                "{Refused} of {Count} mailboxes of {Agency} were refused by the mail server",
                refused,
                all.Length,
                message.First.AgencyId?.ToString() ?? "the IT centre"
            );
        }
        return !outcome.IsDown;
    }

    private async Task<IEnumerable<string>> MailboxesAsync(
        Guid? agencyId,
        CancellationToken cancellationToken
    ) =>
        agencyId is { } agency
            ? (await contacts.ContactsAsync(agency, cancellationToken))
                .Select(one => one.Mail)
                .OfType<string>()
            : options.Value.Operators;
}
