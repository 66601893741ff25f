using Axis.Hub.Errors;
using Axis.Hub.Events;
using Axis.Hub.Registry;
using Axis.Hub.Storage;

namespace Axis.Hub.Notices;

/// <param name="To">The mail addresses that it went to.</param>
/// <param name="Refused">Those that the mail server takes no mail for; null: none.</param>
public sealed record TestMailView(
    string Agency,
    IReadOnlyList<string> To,
    IReadOnlyList<RefusedMailbox>? Refused = null
);

/// <summary>
/// A mail to the clerks of an agency that says nothing but that mail reaches them: whether it does is better known on
/// the day the contacts are entered than on the day a letter waits.
/// </summary>
public sealed class TestMail(
    AgencySearch contacts,
    NoticeMail mail,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    public async Task<(TestMailView? View, ErrorItem? Error)> SendAsync(
        Agency agency,
        CancellationToken cancellationToken
    )
    {
        if (!mail.IsOn)
        {
            return (null, EventErrors.NoMailServer.At());
        }
        string[] to =
        [
            .. (await contacts.ContactsAsync(agency.Id, cancellationToken))
                .Select(one => one.Mail)
                .OfType<string>(),
        ];
        if (to.Length == 0)
        {
            return (
                null,
                EventErrors.NoMailContact.At("code", agency.PrimaryCode, agency.PrimaryCode)
            );
        }
        var outcome = await mail.SendAsync(
            ids.Next(),
            to,
            NoticeText.Test(agency.Name),
            cancellationToken
        );
        if (outcome.Error is null)
        {
            var now = clock.GetUtcNow();
            var refused = outcome
                .Mailboxes.Where(one => MailOutcome.IsRefusal(one.Value))
                .Select(one => new RefusedMailbox(one.Key, one.Value, now))
                .ToArray();
            return (
                new TestMailView(
                    agency.PrimaryCode,
                    [.. outcome.Taken],
                    refused.Length > 0 ? refused : null
                ),
                null
            );
        }
        return (
            null,
            EventErrors.MailNotTaken.At(
                null,
                null,
                outcome.IsDown
                    ? new Words(
                        "it cannot be used, or did not answer in time",
                        "máy chủ không dùng được hoặc không trả lời kịp thời"
                    )
                    : new Words("it refused the mail", "máy chủ từ chối thư")
            )
        );
    }
}
