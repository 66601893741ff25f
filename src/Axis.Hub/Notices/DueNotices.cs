using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Notices;

/// <summary>Notices of one kind to one agency that are due together.</summary>
/// <param name="Notices">At least one; the first names the message on its way.</param>
internal sealed record DueMessage(IReadOnlyList<Notice> Notices, NoticeMessage Text)
{
    public Notice First => Notices[0];
}

/// <summary>
/// What is due on one of the two ways, urgent things first, and what became of it. Each way has its own tries and
/// pauses, so neither waits for the other; a notice is sent when it is told both ways.
/// </summary>
internal sealed class DueNotices(
    NpgsqlDataSource database,
    RegistryCache registry,
    IOptions<NoticeOptions> options,
    TimeProvider clock
)
{
    /// <summary>After so long a way lets the next look begin; what is left is still due then, and urgent things first.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMinutes(1);

    private const int AtOnce = 2000;

    private const string ByMail = """
        SELECT id, agency_id, kind, key, urgent, at, due_at, detail::text, attempts, mailboxes::text FROM notice
        WHERE state = 'waiting' AND NOT mailed AND due_at <= $1 ORDER BY urgent DESC, due_at, id LIMIT $2
        """;

    private const string ByPush = """
        SELECT id, agency_id, kind, key, urgent, at, due_at, detail::text, push_attempts, NULL FROM notice
        WHERE state = 'waiting' AND NOT pushed AND coalesce(push_due_at, due_at) <= $1
        ORDER BY urgent DESC, coalesce(push_due_at, due_at), id LIMIT $2
        """;

    // Both ways write to the same rows at the same time: whoever locks several does so in the order of their ids.
    private const string Held = """
        WITH held AS (SELECT id FROM notice WHERE id = ANY($1) ORDER BY id FOR UPDATE)
        """;

    private const string Mailed = $"""
        {Held}
        UPDATE notice n SET mailed = $2, mailboxes = $6, attempts = attempts + 1, due_at = $3, changed_at = $4,
            state = CASE WHEN $2 AND pushed THEN 'sent' WHEN NOT $2 AND at < $5 THEN 'given_up' ELSE state END
        FROM held WHERE n.id = held.id
        """;

    private const string Pushed = $"""
        {Held}
        UPDATE notice n SET pushed = $2, push_attempts = push_attempts + 1, push_due_at = $3, changed_at = $4,
            state = CASE WHEN $2 AND mailed THEN 'sent' WHEN NOT $2 AND at < $5 THEN 'given_up' ELSE state END
        FROM held WHERE n.id = held.id
        """;

    // A digest is written hours before it is told. A delay is over when somebody took the letter; an arrival only when
    // there is no such letter any more; both when the letter has gone to a successor.
    private const string Overtaken = """
        UPDATE notice n SET state = 'overtaken', changed_at = $1
        WHERE state = 'waiting' AND kind IN ('arrival', 'delay')
            AND ((NOT mailed AND due_at <= $1) OR (NOT pushed AND coalesce(push_due_at, due_at) <= $1)) AND NOT EXISTS (
            SELECT FROM delivery d WHERE d.id = (n.detail ->> 'deliveryId')::uuid
                AND n.agency_id IN (d.recipient_agency_id, d.sender_agency_id) AND CASE n.kind
                WHEN 'arrival' THEN delivery_stage(d.state, d.work, d.dialogue)
                    NOT IN ('withdrawn', 'recalled', 'replaced', 'expired')
                ELSE d.state IN ('waiting', 'dispatched', 'failed') AND d.work IS NULL END)
        """;

    public async Task LeaveOutOvertakenAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Overtaken);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task<IReadOnlyList<DueMessage>> ByMailAsync(CancellationToken cancellationToken) =>
        ReadAsync(ByMail, cancellationToken);

    public Task<IReadOnlyList<DueMessage>> ByPushAsync(CancellationToken cancellationToken) =>
        ReadAsync(ByPush, cancellationToken);

    /// <param name="told">False: it is tried again, or given up after days.</param>
    /// <param name="mailboxes">What the server said to each; null when it refused none.</param>
    public Task MailedAsync(
        IEnumerable<Notice> notices,
        bool told,
        IReadOnlyDictionary<string, int>? mailboxes,
        CancellationToken cancellationToken
    ) =>
        WriteAsync(
            Mailed,
            [.. notices],
            told,
            new NpgsqlParameter
            {
                NpgsqlDbType = NpgsqlDbType.Jsonb,
                Value = mailboxes is null
                    ? DBNull.Value
                    : JsonSerializer.Serialize(mailboxes, HubJson.Options),
            },
            cancellationToken
        );

    /// <param name="told">False: it is tried again, or given up after days.</param>
    public Task PushedAsync(
        IEnumerable<Notice> notices,
        bool told,
        CancellationToken cancellationToken
    ) => WriteAsync(Pushed, [.. notices], told, null, cancellationToken);

    private async Task WriteAsync(
        string sql,
        Notice[] notices,
        bool told,
        NpgsqlParameter? last,
        CancellationToken cancellationToken
    )
    {
        if (notices.Length == 0)
        {
            return;
        }
        var now = clock.GetUtcNow();
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = notices.Select(one => one.Id).ToArray() });
        command.Parameters.Add(new() { Value = told });
        command.Parameters.Add(
            new() { Value = now + PauseAfter(notices.Max(one => one.Attempts)) }
        );
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = now - options.Value.GiveUpAfter });
        if (last is not null)
        {
            command.Parameters.Add(last);
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private TimeSpan PauseAfter(int attempts)
    {
        var pause = options.Value.FirstRetry * Math.Pow(2, Math.Min(attempts, 20));
        return pause < TimeSpan.FromHours(1) ? pause : TimeSpan.FromHours(1);
    }

    private async Task<IReadOnlyList<DueMessage>> ReadAsync(
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        command.Parameters.Add(new() { Value = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var due = new List<(Notice Notice, string? Mailboxes)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var mailboxes = await reader.IsDBNullAsync(9, cancellationToken)
                ? null
                : reader.GetString(9);
            due.Add(
                (
                    new Notice(
                        reader.GetGuid(0),
                        await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetGuid(1),
                        reader.GetString(2),
                        reader.GetString(3),
                        reader.GetBoolean(4),
                        reader.GetFieldValue<DateTimeOffset>(5),
                        reader.GetFieldValue<DateTimeOffset>(6),
                        JsonSerializer.Deserialize<NoticeDetail>(
                            reader.GetString(7),
                            HubJson.Options
                        )!,
                        reader.GetInt32(8),
                        mailboxes is null
                            ? null
                            : JsonSerializer.Deserialize<Dictionary<string, int>>(mailboxes)
                    ),
                    mailboxes
                )
            );
        }
        // What some mailboxes have already is no message to all of them.
        return
        [
            .. due.GroupBy(one =>
                    (
                        one.Notice.AgencyId,
                        one.Notice.Kind,
                        one.Notice.Urgent,
                        Retried: one.Notice.Attempts > 0,
                        one.Mailboxes
                    )
                )
                .Select(group => MessageOf([.. group.Select(one => one.Notice)])),
        ];
    }

    private DueMessage MessageOf(Notice[] notices)
    {
        var agency = notices[0].AgencyId is { } id ? registry.Current.AgencyById(id) : null;
        return new DueMessage(
            notices,
            NoticeText.Of(
                notices[0].Kind,
                notices[0].AgencyId is null ? null : agency?.Name ?? "Quý cơ quan",
                [.. notices.Select(one => one.Detail)],
                options.Value.MaxLetters
            )
        );
    }
}
