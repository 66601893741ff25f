using Axis.Hub.Registry;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Events.Webhooks;

/// <summary>
/// The webhooks as people see and change them. Every statement carries whose it may be: an office system's own, or with
/// null, in the hands of an operator, any.
/// </summary>
public sealed class WebhookStore(
    NpgsqlDataSource database,
    RegistryCache registry,
    TimeProvider clock
)
{
    private const string Columns =
        "id, office_system_id, url, types, agency_id, state, reason, position, failures, last_error, last_success_at, "
        + "next_attempt_at, created_at, created_by, old_until";

    private const string Whose = "($1::text IS NULL OR office_system_id = $1)";

    // Those who add at once wait for each other, or they would pass the limit together.
    private const string Add = """
        WITH one AS (SELECT pg_advisory_xact_lock(hashtext('axis webhook'), hashtext(coalesce($2, '')))),
        room AS (
            SELECT count(*) AS taken FROM webhook, one WHERE office_system_id IS NOT DISTINCT FROM $2
        )
        INSERT INTO webhook (id, office_system_id, url, types, agency_id, sealed, state, created_at, created_by,
            position, next_attempt_at, is_ordered)
        SELECT $1, $2, $3, $4, $5, $6, 'active', $7, $8, $9, $7, true FROM room WHERE taken < $10
        """;

    private const string Pause = $"""
        UPDATE webhook SET state = 'paused', reason = $3, lease = NULL, leased_until = NULL
        WHERE id = $2 AND {Whose}
        """;

    private const string Resume = $"""
        UPDATE webhook SET state = 'active', reason = NULL, failures = 0, failing_since = NULL, last_error = NULL,
            next_attempt_at = $3, is_ordered = true, lease = NULL, leased_until = NULL
        WHERE id = $2 AND {Whose}
        """;

    private const string Replay = $"""
        UPDATE webhook SET position = $4, failures = 0, failing_since = NULL, next_attempt_at = $3,
            is_ordered = true, lease = NULL, leased_until = NULL
        WHERE id = $2 AND {Whose}
        """;

    // One secret of before at most: whoever rotates twice in a while wants to be rid of the first.
    private const string Rotate = $"""
        UPDATE webhook SET sealed = $4, lease = NULL, leased_until = NULL,
            old_sealed = CASE WHEN $5 > $3 THEN sealed END, old_until = CASE WHEN $5 > $3 THEN $5 END
        WHERE id = $2 AND {Whose}
        """;

    private const string Remove = $"DELETE FROM webhook WHERE id = $2 AND {Whose}";

    public async Task<bool> AddAsync(
        (Guid Id, string? OfficeSystemId, Uri Url, byte[] Sealed) hook,
        FeedFilter filter,
        FeedPosition from,
        string by,
        int most,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(Add);
        Bind(command, NpgsqlDbType.Uuid, hook.Id);
        Bind(command, NpgsqlDbType.Text, hook.OfficeSystemId);
        Bind(command, NpgsqlDbType.Text, hook.Url.AbsoluteUri);
        Bind(command, NpgsqlDbType.Array | NpgsqlDbType.Text, filter.Types?.ToArray());
        Bind(command, NpgsqlDbType.Uuid, filter.AgencyId);
        Bind(command, NpgsqlDbType.Bytea, hook.Sealed);
        Bind(command, NpgsqlDbType.TimestampTz, clock.GetUtcNow());
        Bind(command, NpgsqlDbType.Text, by);
        Bind(command, NpgsqlDbType.Bigint, from.Value);
        Bind(command, NpgsqlDbType.Integer, most);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    public async Task<IReadOnlyList<WebhookView>> ListAsync(
        string? officeSystemId,
        CancellationToken cancellationToken
    ) =>
        await ReadAsync(
            $"SELECT {Columns} FROM webhook WHERE {Whose} ORDER BY id",
            officeSystemId,
            null,
            cancellationToken
        );

    public async Task<WebhookView?> FindAsync(
        string? officeSystemId,
        Guid id,
        CancellationToken cancellationToken
    ) =>
        (
            await ReadAsync(
                $"SELECT {Columns} FROM webhook WHERE id = $2 AND {Whose}",
                officeSystemId,
                id,
                cancellationToken
            )
        ).SingleOrDefault();

    public Task<bool> PauseAsync(string? of, Guid id, string reason, CancellationToken stop) =>
        ChangeAsync(Pause, of, id, stop, (NpgsqlDbType.Text, reason));

    public Task<bool> ResumeAsync(string? of, Guid id, CancellationToken stop) =>
        ChangeAsync(Resume, of, id, stop, (NpgsqlDbType.TimestampTz, clock.GetUtcNow()));

    public Task<bool> ReplayAsync(
        string? of,
        Guid id,
        FeedPosition after,
        CancellationToken stop
    ) =>
        ChangeAsync(
            Replay,
            of,
            id,
            stop,
            (NpgsqlDbType.TimestampTz, clock.GetUtcNow()),
            (NpgsqlDbType.Bigint, after.Value)
        );

    /// <param name="oldUntil">How long the secret of before goes on signing.</param>
    public Task<bool> RotateAsync(
        string? of,
        Guid id,
        byte[] box,
        DateTimeOffset oldUntil,
        CancellationToken stop
    ) =>
        ChangeAsync(
            Rotate,
            of,
            id,
            stop,
            (NpgsqlDbType.TimestampTz, clock.GetUtcNow()),
            (NpgsqlDbType.Bytea, box),
            (NpgsqlDbType.TimestampTz, oldUntil)
        );

    public Task<bool> RemoveAsync(string? of, Guid id, CancellationToken stop) =>
        ChangeAsync(Remove, of, id, stop);

    private async Task<bool> ChangeAsync(
        string sql,
        string? of,
        Guid id,
        CancellationToken cancellationToken,
        params (NpgsqlDbType Type, object Value)[] values
    )
    {
        await using var command = database.CreateCommand(sql);
        Bind(command, NpgsqlDbType.Text, of);
        Bind(command, NpgsqlDbType.Uuid, id);
        foreach (var (type, value) in values)
        {
            Bind(command, type, value);
        }
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private async Task<List<WebhookView>> ReadAsync(
        string sql,
        string? of,
        Guid? id,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(sql);
        Bind(command, NpgsqlDbType.Text, of);
        if (id is { } one)
        {
            Bind(command, NpgsqlDbType.Uuid, one);
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var views = new List<WebhookView>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var active = reader.GetString(5) == "active";
            views.Add(
                new WebhookView(
                    reader.GetGuid(0),
                    Text(reader, 1),
                    reader.GetString(2),
                    reader.IsDBNull(3) ? null : reader.GetFieldValue<string[]>(3),
                    reader.IsDBNull(4)
                        ? null
                        : registry.Current.AgencyById(reader.GetGuid(4))?.PrimaryCode,
                    reader.GetString(5),
                    Text(reader, 6),
                    new FeedPosition(reader.GetInt64(7)).ToString(),
                    reader.GetInt32(8),
                    Text(reader, 9),
                    Time(reader, 10),
                    active && reader.GetInt32(8) > 0 ? Time(reader, 11) : null,
                    reader.GetFieldValue<DateTimeOffset>(12),
                    reader.GetString(13),
                    Time(reader, 14) is { } until && until > clock.GetUtcNow() ? until : null
                )
            );
        }
        return views;
    }

    private static string? Text(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    private static void Bind(NpgsqlCommand command, NpgsqlDbType type, object? value) =>
        command.Parameters.Add(
            new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value }
        );
}
