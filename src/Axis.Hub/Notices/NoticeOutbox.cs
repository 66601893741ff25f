using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Events;
using Axis.Hub.Events.Webhooks;
using Axis.Hub.Registry;
using Axis.Hub.Vxp;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Notices;

/// <summary>
/// Tells what is due: of one agency and one kind in one message, by mail to its clerks and to its webhook. What cannot be
/// told is tried again with growing pauses and given up after days; the two ways do not wait for each other.
/// </summary>
internal sealed class NoticeOutbox(
    NpgsqlDataSource database,
    NoticePreferences preferences,
    AgencySearch contacts,
    NoticeMail mail,
    WebhookCall call,
    RegistryCache registry,
    SealingKey key,
    IOptions<NoticeOptions> options,
    TimeProvider clock,
    ILogger<NoticeOutbox> log
)
{
    private const int AtOnce = 2000;

    private const string Due = """
        SELECT id, agency_id, kind, key, urgent, at, due_at, detail::text, attempts, mailed, pushed FROM notice
        WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT $2
        """;

    private const string Told = """
        UPDATE notice SET mailed = $2, pushed = $3, attempts = attempts + 1, changed_at = $4, due_at = $5,
            state = CASE WHEN $2 AND $3 THEN 'sent' WHEN at < $6 THEN 'given_up' ELSE 'waiting' END
        WHERE id = ANY($1)
        """;

    /// <summary>Returns how many notices were due.</summary>
    public async Task<int> TellDueAsync(CancellationToken cancellationToken)
    {
        var due = await DueAsync(cancellationToken);
        foreach (
            var group in due.GroupBy(one =>
                (
                    one.AgencyId,
                    one.Kind,
                    one.Urgent,
                    one.Mailed,
                    one.Pushed,
                    Retried: one.Attempts > 0
                )
            )
        )
        {
            if (!await TellAsync([.. group], cancellationToken))
            {
                // The rest stays due, and the next round begins with trying one.
                break;
            }
        }
        return due.Count;
    }

    /// <summary>False when the mail server is down.</summary>
    private async Task<bool> TellAsync(Notice[] notices, CancellationToken cancellationToken)
    {
        var first = notices[0];
        var agency = first.AgencyId is { } id ? registry.Current.AgencyById(id) : null;
        var message = NoticeText.Of(
            first.Kind,
            first.AgencyId is null ? null : agency?.Name ?? "Quý cơ quan",
            [.. notices.Select(one => one.Detail)],
            options.Value.MaxLetters
        );
        var posted = first.Mailed ? default : await MailAsync(first, message, cancellationToken);
        var mailed = posted.Error is null;
        var pushed = first.Pushed || await PushAsync(first, message, notices, cancellationToken);
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(Told);
        command.Parameters.Add(new() { Value = notices.Select(one => one.Id).ToArray() });
        command.Parameters.Add(new() { Value = mailed });
        command.Parameters.Add(new() { Value = pushed });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(
            new() { Value = now + PauseAfter(notices.Max(one => one.Attempts)) }
        );
        command.Parameters.Add(new() { Value = now - options.Value.GiveUpAfter });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return !posted.IsDown;
    }

    /// <summary>No error also when there is nobody to write to: that will not change by trying again.</summary>
    private async Task<MailOutcome> MailAsync(
        Notice first,
        NoticeMessage message,
        CancellationToken cancellationToken
    )
    {
        string[] to = first.AgencyId is { } agency
            ?
            [
                .. (await contacts.ContactsAsync(agency, cancellationToken))
                    .Select(one => one.Mail)
                    .OfType<string>(),
            ]
            : [.. options.Value.Operators];
        if (!mail.IsOn || to.Length == 0)
        {
            return default;
        }
        var outcome = await mail.SendAsync(first.Id, to, message, cancellationToken);
        if (outcome.Error is { } failure)
        {
            log.LogWarning("A notice could not be mailed, and is tried again: {Failure}", failure);
        }
        return outcome;
    }

    private async Task<bool> PushAsync(
        Notice first,
        NoticeMessage message,
        Notice[] notices,
        CancellationToken cancellationToken
    )
    {
        if (
            first.AgencyId is not { } agency
            || (await preferences.ReadAsync(agency, cancellationToken)).SingleOrDefault()
                is not { Url: { } url, UrlId: { } urlId, Sealed: { } box }
            || key.Open(box, NoticePreferences.Holder, urlId) is not { } secret
        )
        {
            return true;
        }
        var body = JsonSerializer.Serialize(
            new
            {
                type = $"vn.axis.notice.{first.Kind}",
                agency = registry.Current.AgencyById(agency)?.PrimaryCode,
                message.Subject,
                text = message.Body,
                items = notices.Select(one => one.Detail),
            },
            HubJson.Options
        );
        var outcome = await call.SendAsync(
            new Uri(url),
            [secret],
            new FeedItem(FeedPosition.Start, first.Id, body),
            cancellationToken
        );
        return outcome.Error is null;
    }

    private TimeSpan PauseAfter(int attempts)
    {
        var pause = options.Value.FirstRetry * Math.Pow(2, Math.Min(attempts, 20));
        return pause < TimeSpan.FromHours(1) ? pause : TimeSpan.FromHours(1);
    }

    private async Task<List<Notice>> DueAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Due);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<Notice>();
        while (await reader.ReadAsync(cancellationToken))
        {
            due.Add(
                new Notice(
                    reader.GetGuid(0),
                    await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetGuid(1),
                    reader.GetString(2),
                    reader.GetString(3),
                    reader.GetBoolean(4),
                    reader.GetFieldValue<DateTimeOffset>(5),
                    reader.GetFieldValue<DateTimeOffset>(6),
                    JsonSerializer.Deserialize<NoticeDetail>(reader.GetString(7), HubJson.Options)!,
                    reader.GetInt32(8),
                    reader.GetBoolean(9),
                    reader.GetBoolean(10)
                )
            );
        }
        return due;
    }
}
