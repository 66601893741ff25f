using Axis.Hub.Deadlines;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Notices;

/// <summary>
/// Finds what people should hear of, and writes it down once: letters that arrived, letters that nobody takes, inboxes
/// that fail and work again. A thing has one key, so looking at it again, on whichever node, makes no second notice.
/// </summary>
internal sealed class NoticeCollector(
    NpgsqlDataSource database,
    NoticePreferences preferences,
    RegistryCache registry,
    WorkingTime time,
    IOptions<NoticeOptions> options,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const int AtOnce = 2000;

    // Ids are made before their commit, and by several clocks: what was looked at a moment ago is looked at again.
    private static readonly TimeSpan s_overlap = TimeSpan.FromMinutes(2);

    private const string Letters = """
        SELECT d.id, d.sender_agency_id, d.recipient_agency_id, d.urgent, d.created_at, p.code_number, p.code_notation,
            p.subject, p.priority
        FROM delivery d JOIN package p ON p.id = d.package_id
        """;

    private const string IsArrival = """
        d.recipient_agency_id = ANY($1) AND d.state IN ('waiting', 'dispatched', 'collected')
        """;

    private const string IsUntaken = """
        (d.recipient_agency_id = ANY($1) OR d.sender_agency_id = ANY($1))
        AND d.state IN ('waiting', 'dispatched', 'failed') AND d.work IS NULL
        """;

    // What is told already is left out, so that a full portion makes room for the next. What came late is looked at
    // below, and nowhere else.
    private const string Arrived = $"""
        {Letters}
        WHERE d.id >= uuid7_floor($2) AND d.id < uuid7_floor($3) AND {IsArrival}
            AND NOT EXISTS (SELECT FROM notice n WHERE n.key = 'arrival:' || d.id)
            AND NOT EXISTS (SELECT FROM late_letter l WHERE l.delivery_id = d.id)
        ORDER BY d.id LIMIT $4
        """;

    private const string Untaken = $"""
        {Letters}
        WHERE d.id >= uuid7_floor($2) AND d.id < uuid7_floor($3) AND {IsUntaken}
            AND NOT EXISTS (SELECT FROM notice n WHERE n.key IN ('delay:' || d.id || ':to', 'delay:' || d.id || ':from'))
            AND NOT EXISTS (SELECT FROM late_letter l WHERE l.delivery_id = d.id)
        ORDER BY d.id LIMIT $4
        """;

    private const string ArrivedLate =
        $"{Letters} WHERE d.id = ANY($2) AND {IsArrival} ORDER BY d.id";
    private const string UntakenLate =
        $"{Letters} WHERE d.id = ANY($2) AND {IsUntaken} ORDER BY d.id";

    private const string Look = """
        SELECT coalesce(arrivals_to, $1), coalesce(delays_to, $2) FROM notice_look FOR UPDATE
        """;

    private const string Looked = "UPDATE notice_look SET arrivals_to = $1, delays_to = $2";

    private const string NewTrouble = """
        INSERT INTO notice_trouble (office_system_id, since)
        SELECT office_system_id, changed_at FROM route_breaker WHERE state = 'open' AND changed_at <= $1
        ON CONFLICT DO NOTHING RETURNING office_system_id, since
        """;

    // Closed with failures: nothing was left to try it with, and nobody knows whether it works.
    private const string EndedTrouble = """
        DELETE FROM notice_trouble t USING route_breaker b
        WHERE b.office_system_id = t.office_system_id AND b.state = 'closed' AND b.failures = 0 AND b.changed_at <= $1
        RETURNING t.office_system_id, t.since
        """;

    private const string Insert = """
        INSERT INTO notice (id, agency_id, kind, key, urgent, at, due_at, push_due_at, detail, changed_at)
        SELECT id, agency_id, kind, key, urgent, at, due_at, due_at, detail, $9
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS one (id, agency_id, kind, key, urgent, at, due_at, detail)
        ON CONFLICT (key) DO NOTHING
        """;

    private const string Forget = """
        DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE at < $1 AND state <> 'waiting' ORDER BY at LIMIT 1000)
        """;

    private static readonly TimeSpan s_keep = TimeSpan.FromDays(90);

    /// <summary>One look, in one transaction; nodes wait for each other.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var wishes = (await preferences.ReadAsync(null, cancellationToken)).ToDictionary(one =>
            one.AgencyId
        );
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var late = time.Add(now, -options.Value.DelayAfter);
        var (arrivalsTo, delaysTo) = await LookedAsync(connection, now, late, cancellationToken);
        Guid[] arrivalsFor =
        [
            .. wishes
                .Values.Where(one => one.Arrivals != NoticeMode.Off)
                .Select(one => one.AgencyId),
        ];
        Guid[] delaysFor =
        [
            .. wishes.Values.Where(one => one.Delays != NoticeMode.Off).Select(one => one.AgencyId),
        ];
        var arrivals = await LettersAsync(
            connection,
            Arrived,
            cancellationToken,
            arrivalsFor,
            arrivalsTo - s_overlap,
            now,
            AtOnce
        );
        var delays = await LettersAsync(
            connection,
            Untaken,
            cancellationToken,
            delaysFor,
            delaysTo - s_overlap,
            late,
            AtOnce
        );
        var lateArrivals = await LettersAsync(
            connection,
            ArrivedLate,
            cancellationToken,
            arrivalsFor,
            await LateLetters.ArrivedAsync(connection, now, AtOnce, cancellationToken)
        );
        var lateDelays = await LettersAsync(
            connection,
            UntakenLate,
            cancellationToken,
            delaysFor,
            await LateLetters.UntakenAsync(connection, late, AtOnce, cancellationToken)
        );
        List<Notice> found =
        [
            .. arrivals.Select(letter => ArrivalOf(letter, wishes, now)),
            .. delays.SelectMany(letter => DelaysOf(letter, wishes, now)),
            // An agency before may have been told of the same letter: here the key has the agency.
            .. lateArrivals
                .Select(letter => ArrivalOf(letter, wishes, now))
                .Select(one => one with { Key = $"{one.Key}:{one.AgencyId}" }),
            .. lateDelays
                .SelectMany(letter => DelaysOf(letter, wishes, now))
                .Select(one =>
                    one.Key.EndsWith(":to", StringComparison.Ordinal)
                        ? one with
                        {
                            Key = $"{one.Key}:{one.AgencyId}",
                        }
                        : one
                ),
        ];
        found.AddRange(await TroubleAsync(connection, wishes, now, cancellationToken));
        await WriteAsync(connection, found, now, cancellationToken);
        await RunAsync(
            connection,
            Looked,
            cancellationToken,
            arrivals.Count < AtOnce ? now : arrivalsTo,
            delays.Count < AtOnce ? late : delaysTo
        );
        await RunAsync(connection, Forget, cancellationToken, now - s_keep);
        await LateLetters.ForgetAsync(connection, now - s_keep, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private Notice ArrivalOf(
        Letter letter,
        Dictionary<Guid, NoticePreference> wishes,
        DateTimeOffset now
    )
    {
        var wish = wishes[letter.Recipient];
        return NoticeOf(
            letter.Recipient,
            NoticeKinds.Arrival,
            $"arrival:{letter.Id}",
            letter.Urgent,
            wish.Schedule.DueAt(wish.Arrivals, letter.Urgent, now),
            letter.Detail,
            now
        );
    }

    private IEnumerable<Notice> DelaysOf(
        Letter letter,
        Dictionary<Guid, NoticePreference> wishes,
        DateTimeOffset now
    )
    {
        foreach (
            var (agency, side) in ((Guid, string)[])
                [(letter.Recipient, "to"), (letter.Sender, "from")]
        )
        {
            if (wishes.GetValueOrDefault(agency) is { Delays: not NoticeMode.Off } wish)
            {
                yield return NoticeOf(
                    agency,
                    NoticeKinds.Delay,
                    $"delay:{letter.Id}:{side}",
                    letter.Urgent,
                    wish.Schedule.DueAt(wish.Delays, letter.Urgent, now),
                    letter.Detail,
                    now
                );
            }
        }
    }

    private async Task<List<Notice>> TroubleAsync(
        NpgsqlConnection connection,
        Dictionary<Guid, NoticePreference> wishes,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var notices = new List<Notice>();
        var before = now - options.Value.TroubleAfter;
        foreach (
            var (sql, kind) in ((string, string)[])
                [(NewTrouble, NoticeKinds.Trouble), (EndedTrouble, NoticeKinds.Cleared)]
        )
        {
            await using var command = new NpgsqlCommand(sql, connection);
            command.Parameters.Add(new() { Value = before });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var (id, since) = (reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1));
                var system = registry.Current.OfficeSystem(id);
                var detail = new NoticeDetail(
                    Inbox: system is null ? id : $"{system.Name} ({id})",
                    Since: since
                );
                var about = wishes
                    .Values.Where(one =>
                        one.Trouble && system?.Agencies.Contains(one.AgencyId) == true
                    )
                    .Select(one => (Guid?)one.AgencyId)
                    .Append(null);
                notices.AddRange(
                    about.Select(agency =>
                        NoticeOf(
                            agency,
                            kind,
                            $"{kind}:{id}:{since.ToUnixTimeMilliseconds()}:{agency}",
                            urgent: true,
                            now,
                            detail,
                            now
                        )
                    )
                );
            }
        }
        return notices;
    }

    private Notice NoticeOf(
        Guid? agency,
        string kind,
        string key,
        bool urgent,
        DateTimeOffset due,
        NoticeDetail detail,
        DateTimeOffset now
    ) => new(ids.Next(), agency, kind, key, urgent, now, due, detail);

    private static async Task<(DateTimeOffset, DateTimeOffset)> LookedAsync(
        NpgsqlConnection connection,
        DateTimeOffset arrivals,
        DateTimeOffset delays,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Look, connection);
        command.Parameters.Add(new() { Value = arrivals });
        command.Parameters.Add(new() { Value = delays });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1));
    }

    /// <param name="values">The agencies first.</param>
    private async Task<List<Letter>> LettersAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        var letters = new List<Letter>();
        if (values[0] is Guid[] { Length: 0 } || values[1] is Guid[] { Length: 0 })
        {
            return letters;
        }
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (sender, recipient) = (reader.GetGuid(1), reader.GetGuid(2));
            letters.Add(
                new Letter(
                    reader.GetGuid(0),
                    sender,
                    recipient,
                    reader.GetBoolean(3),
                    new NoticeDetail(
                        reader.GetGuid(0),
                        $"{reader.GetString(5)}/{reader.GetString(6)}",
                        reader.GetString(7),
                        NameOf(sender),
                        NameOf(recipient),
                        reader.GetInt16(8),
                        reader.GetFieldValue<DateTimeOffset>(4)
                    )
                )
            );
        }
        return letters;
    }

    private string NameOf(Guid agency) => registry.Current.AgencyById(agency)?.Name ?? "";

    private static async Task WriteAsync(
        NpgsqlConnection connection,
        List<Notice> notices,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (notices.Count == 0)
        {
            return;
        }
        await using var command = new NpgsqlCommand(Insert, connection);
        Add(NpgsqlDbType.Uuid, notices.Select(one => one.Id));
        Add(NpgsqlDbType.Uuid, notices.Select(one => one.AgencyId));
        Add(NpgsqlDbType.Text, notices.Select(one => one.Kind));
        Add(NpgsqlDbType.Text, notices.Select(one => one.Key));
        Add(NpgsqlDbType.Boolean, notices.Select(one => one.Urgent));
        Add(NpgsqlDbType.TimestampTz, notices.Select(one => one.At));
        Add(NpgsqlDbType.TimestampTz, notices.Select(one => one.DueAt.ToUniversalTime()));
        Add(NpgsqlDbType.Json, notices.Select(one => one.DetailJson));
        command.Parameters.Add(new() { Value = now });
        await command.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    NpgsqlDbType = NpgsqlDbType.Array | type,
                    Value = values.ToArray(),
                }
            );
    }

    private static async Task RunAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken,
        params DateTimeOffset[] values
    )
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Letter(
        Guid Id,
        Guid Sender,
        Guid Recipient,
        bool Urgent,
        NoticeDetail Detail
    );
}
