using System.Globalization;
using Axis.Hub.Errors;
using Axis.Hub.Events.Webhooks;
using Axis.Hub.Storage;
using Axis.Hub.Vxp;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Notices;

/// <summary>What the clerks of an agency want to hear, as people write it.</summary>
/// <param name="Arrivals">off, immediate or digest; the same of <paramref name="Delays"/>.</param>
/// <param name="Trouble">Of the inbox that its letters go to.</param>
/// <param name="DigestAt">Times such as 07:30, Vietnamese time.</param>
/// <param name="QuietFrom">With <paramref name="QuietTo"/>: hours in which only urgent letters are told.</param>
/// <param name="Url">Beside mail: an address that notices are pushed to.</param>
public sealed record NoticeWish(
    string? Arrivals,
    string? Delays,
    bool Trouble = false,
    IReadOnlyList<string>? DigestAt = null,
    string? QuietFrom = null,
    string? QuietTo = null,
    string? Url = null
);

public sealed record NoticeView(
    string Agency,
    string Arrivals,
    string Delays,
    bool Trouble,
    IReadOnlyList<string> DigestAt,
    string? QuietFrom,
    string? QuietTo,
    string? Url,
    IReadOnlyList<RefusedMailbox>? Refused = null,
    string? Secret = null
);

/// <summary>A mailbox that the mail server did not take a mail for.</summary>
/// <param name="Code">What it said, by SMTP code: 4xx not now, 5xx not at all.</param>
/// <param name="At">The last time.</param>
public sealed record RefusedMailbox(string Mail, int Code, DateTimeOffset At);

internal sealed record NoticePreference(
    Guid AgencyId,
    NoticeMode Arrivals,
    NoticeMode Delays,
    bool Trouble,
    NoticeSchedule Schedule,
    string? Url,
    Guid? UrlId,
    byte[]? Sealed
);

/// <summary>Keeps what each agency wants to hear. Few; read whole.</summary>
public sealed class NoticePreferences(
    NpgsqlDataSource database,
    WebhookAddresses addresses,
    SealingKey key,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    /// <summary>What a secret for clerks is sealed for.</summary>
    internal const string Holder = "notices";

    private const int MaxDigests = 12;

    private const string Read = """
        SELECT agency_id, arrivals, delays, trouble, digest_at, quiet_from, quiet_to, url, url_id, sealed
        FROM notice_preference WHERE $1::uuid IS NULL OR agency_id = $1
        """;

    // The secret stays with the address it was made for.
    private const string Write = """
        INSERT INTO notice_preference AS p (agency_id, arrivals, delays, trouble, digest_at, quiet_from, quiet_to, url,
            url_id, sealed, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (agency_id) DO UPDATE SET arrivals = $2, delays = $3, trouble = $4, digest_at = $5, quiet_from = $6,
            quiet_to = $7, url = $8, url_id = $9, sealed = $10, changed_at = $11
        """;

    // What was told last, and what was refused of that.
    private const string Refused = """
        SELECT DISTINCT ON (one.key) one.key, one.value::integer, n.changed_at
        FROM (SELECT mailboxes, changed_at FROM notice WHERE agency_id = $1 AND mailboxes IS NOT NULL
            ORDER BY at DESC LIMIT 200) n, jsonb_each_text(n.mailboxes) one
        WHERE one.value::integer >= 400
        ORDER BY one.key, n.changed_at DESC
        """;

    internal async Task<IReadOnlyList<NoticePreference>> ReadAsync(
        Guid? agencyId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Read);
        Bind(command, NpgsqlDbType.Uuid, agencyId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var read = new List<NoticePreference>();
        while (await reader.ReadAsync(cancellationToken))
        {
            read.Add(
                new NoticePreference(
                    reader.GetGuid(0),
                    Enum.Parse<NoticeMode>(reader.GetString(1), ignoreCase: true),
                    Enum.Parse<NoticeMode>(reader.GetString(2), ignoreCase: true),
                    reader.GetBoolean(3),
                    new NoticeSchedule(
                        reader.GetFieldValue<TimeOnly[]>(4),
                        await reader.IsDBNullAsync(5, cancellationToken)
                            ? null
                            : (reader.GetFieldValue<TimeOnly>(5), reader.GetFieldValue<TimeOnly>(6))
                    ),
                    await reader.IsDBNullAsync(7, cancellationToken) ? null : reader.GetString(7),
                    await reader.IsDBNullAsync(8, cancellationToken) ? null : reader.GetGuid(8),
                    await reader.IsDBNullAsync(9, cancellationToken)
                        ? null
                        : reader.GetFieldValue<byte[]>(9)
                )
            );
        }
        return read;
    }

    /// <summary>As it is then, with the secret when an address is new; or what is wrong.</summary>
    public async Task<(NoticeView? View, IReadOnlyList<ErrorItem> Errors)> SetAsync(
        Registry.Agency agency,
        NoticeWish wish,
        CancellationToken cancellationToken
    )
    {
        var errors = new List<ErrorItem>();
        var (arrivals, delays) = (
            ModeOf("arrivals", wish.Arrivals, errors),
            ModeOf("delays", wish.Delays, errors)
        );
        var digests = (wish.DigestAt ?? ["07:30"])
            .Select(text => TimeOf("digestAt", text, errors))
            .ToArray();
        if (digests.Length is 0 or > MaxDigests)
        {
            errors.Add(
                Bad(
                    "digestAt",
                    null,
                    new Words(
                        $"1 to {MaxDigests} times such as 07:30",
                        $"1 đến {MaxDigests} giờ như 07:30"
                    )
                )
            );
        }
        (TimeOnly From, TimeOnly To)? quiet = null;
        if ((wish.QuietFrom is null) != (wish.QuietTo is null))
        {
            errors.Add(
                Bad(
                    "quietTo",
                    wish.QuietTo,
                    new Words(
                        "both quietFrom and quietTo, or neither",
                        "cả quietFrom và quietTo, hoặc không có cả hai"
                    )
                )
            );
        }
        else if (wish is { QuietFrom: { } from, QuietTo: { } to })
        {
            quiet = (TimeOf("quietFrom", from, errors), TimeOf("quietTo", to, errors));
        }
        var url = wish.Url is null ? null : addresses.Read(wish.Url, errors);
        if (errors.Count > 0)
        {
            return (null, errors);
        }
        var known = (await ReadAsync(agency.Id, cancellationToken)).SingleOrDefault();
        var (urlId, box, secret) = (known?.UrlId, known?.Sealed, (string?)null);
        if (url?.AbsoluteUri != known?.Url)
        {
            (urlId, box) = (null, null);
            if (url is not null)
            {
                if (!key.IsThere)
                {
                    return (null, [Events.EventErrors.NoKeyFile.At()]);
                }
                var id = ids.Next();
                secret = WebhookSignature.NewSecret();
                (urlId, box) = (id, key.Seal(secret, Holder, id));
            }
        }
        await using var command = database.CreateCommand(Write);
        Bind(command, NpgsqlDbType.Uuid, agency.Id);
        Bind(command, NpgsqlDbType.Text, WordOf(arrivals));
        Bind(command, NpgsqlDbType.Text, WordOf(delays));
        Bind(command, NpgsqlDbType.Boolean, wish.Trouble);
        Bind(command, NpgsqlDbType.Array | NpgsqlDbType.Time, digests);
        Bind(command, NpgsqlDbType.Time, quiet?.From);
        Bind(command, NpgsqlDbType.Time, quiet?.To);
        Bind(command, NpgsqlDbType.Text, url?.AbsoluteUri);
        Bind(command, NpgsqlDbType.Uuid, urlId);
        Bind(command, NpgsqlDbType.Bytea, box);
        Bind(command, NpgsqlDbType.TimestampTz, clock.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
        var view = await FindAsync(agency, cancellationToken);
        return (view with { Secret = secret }, []);
    }

    /// <summary>An agency that never said anything hears nothing.</summary>
    public async Task<NoticeView> FindAsync(
        Registry.Agency agency,
        CancellationToken cancellationToken
    )
    {
        var refused = await RefusedAsync(agency.Id, cancellationToken);
        return (await ReadAsync(agency.Id, cancellationToken)).SingleOrDefault() is { } known
            ? new NoticeView(
                agency.PrimaryCode,
                WordOf(known.Arrivals),
                WordOf(known.Delays),
                known.Trouble,
                [.. known.Schedule.DigestAt.Select(TextOf)],
                known.Schedule.Quiet is { From: var from } ? TextOf(from) : null,
                known.Schedule.Quiet is { To: var to } ? TextOf(to) : null,
                known.Url,
                refused
            )
            : new NoticeView(
                agency.PrimaryCode,
                "off",
                "off",
                false,
                [],
                null,
                null,
                null,
                refused
            );
    }

    private async Task<IReadOnlyList<RefusedMailbox>?> RefusedAsync(
        Guid agencyId,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Refused);
        Bind(command, NpgsqlDbType.Uuid, agencyId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var refused = new List<RefusedMailbox>();
        while (await reader.ReadAsync(cancellationToken))
        {
            refused.Add(
                new RefusedMailbox(
                    reader.GetString(0),
                    reader.GetInt32(1),
                    reader.GetFieldValue<DateTimeOffset>(2)
                )
            );
        }
        return refused.Count > 0 ? refused : null;
    }

    private static string WordOf(NoticeMode mode) => mode.ToString().ToLowerInvariant();

    private static string TextOf(TimeOnly time) =>
        time.ToString("HH:mm", CultureInfo.InvariantCulture);

    private static NoticeMode ModeOf(string name, string? text, List<ErrorItem> errors)
    {
        foreach (var mode in Enum.GetValues<NoticeMode>())
        {
            if (text == WordOf(mode))
            {
                return mode;
            }
        }
        errors.Add(
            Bad(name, text, new Words("off, immediate or digest", "off, immediate hoặc digest"))
        );
        return NoticeMode.Off;
    }

    private static TimeOnly TimeOf(string name, string text, List<ErrorItem> errors)
    {
        if (
            !TimeOnly.TryParseExact(
                text,
                "HH:mm",
                CultureInfo.InvariantCulture,
                DateTimeStyles.None,
                out var time
            )
        )
        {
            errors.Add(Bad(name, text, new Words("a time such as 07:30", "giờ như 07:30")));
        }
        return time;
    }

    private static ErrorItem Bad(string name, string? value, Words expected) =>
        RequestErrors.BadParameter.At(name, value, name, expected);

    private static void Bind(NpgsqlCommand command, NpgsqlDbType type, object? value) =>
        command.Parameters.Add(
            new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value }
        );
}
