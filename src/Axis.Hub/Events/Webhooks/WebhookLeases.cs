using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Events.Webhooks;

/// <summary>
/// Which node pushes which webhook: one at a time, for a while. What a push found is written only while its lease
/// stands; whoever pauses or replays meanwhile takes the lease away, and has the last word.
/// </summary>
internal sealed class WebhookLeases(
    NpgsqlDataSource database,
    IOptions<WebhookOptions> options,
    TimeProvider clock
)
{
    // Those that somebody has news for, those that were ordered to begin, those that are to be tried again, and now and
    // then all that are behind.
    private const string Claim = """
        WITH due AS (
            SELECT id FROM webhook
            WHERE state = 'active' AND next_attempt_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
                AND position < $2 AND (office_system_id IS NULL OR office_system_id = ANY($3) OR is_ordered
                    OR failures > 0 OR $4)
            ORDER BY next_attempt_at LIMIT $5 FOR UPDATE SKIP LOCKED
        )
        UPDATE webhook w SET lease = $6, leased_until = $7, is_ordered = false FROM due WHERE w.id = due.id
        RETURNING w.id, w.office_system_id, w.url, w.types, w.agency_id, w.sealed, w.position, w.failures,
            w.failing_since, w.old_sealed, w.old_until
        """;

    private const string Settle = """
        UPDATE webhook SET position = $3, failures = $4, failing_since = $5, last_error = $6,
            last_success_at = coalesce($7, last_success_at), next_attempt_at = $8, lease = NULL, leased_until = NULL,
            state = CASE WHEN $9::text IS NULL THEN state ELSE 'paused' END, reason = coalesce($9, reason)
        WHERE id = $1 AND lease = $2
        """;

    // Whoever is locked is told nothing and loses nothing. That is no failure of the endpoint: those it had begin anew.
    private const string Postpone = """
        UPDATE webhook SET failures = 0, failing_since = NULL, last_error = 'the office system is locked',
            next_attempt_at = $3, lease = NULL, leased_until = NULL
        WHERE id = $1 AND lease = $2
        """;

    private const string Pause = """
        UPDATE webhook SET state = 'paused', reason = $3, lease = NULL, leased_until = NULL
        WHERE id = $1 AND lease = $2
        """;

    private static readonly TimeSpan s_whileLocked = TimeSpan.FromSeconds(30);

    /// <summary>How long one push may go on before it lets others have a turn.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromSeconds(20);

    public async Task<IReadOnlyList<LeasedWebhook>> ClaimAsync(
        FeedPosition head,
        IReadOnlyCollection<string> news,
        bool all,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var (now, lease) = (clock.GetUtcNow(), Guid.CreateVersion7());
        await using var command = database.CreateCommand(Claim);
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = head.Value });
        command.Parameters.Add(new() { Value = news.ToArray() });
        command.Parameters.Add(new() { Value = all });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = lease });
        // Longer than any push, whose last call may begin at the end of its turn.
        command.Parameters.Add(
            new() { Value = now + Turn + options.Value.Timeout + TimeSpan.FromSeconds(30) }
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var claimed = new List<LeasedWebhook>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add(
                new LeasedWebhook(
                    reader.GetGuid(0),
                    reader.IsDBNull(1) ? null : reader.GetString(1),
                    new Uri(reader.GetString(2)),
                    new FeedFilter(
                        reader.IsDBNull(3) ? null : reader.GetFieldValue<string[]>(3),
                        reader.IsDBNull(4) ? null : reader.GetGuid(4)
                    ),
                    reader.GetFieldValue<byte[]>(5),
                    reader.IsDBNull(9) ? null : reader.GetFieldValue<byte[]>(9),
                    reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10),
                    new FeedPosition(reader.GetInt64(6)),
                    reader.GetInt32(7),
                    reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8),
                    lease
                )
            );
        }
        return claimed;
    }

    /// <summary>Writes how far a push came, and how it ended; false when the lease was taken away.</summary>
    public async Task<bool> SettleAsync(
        LeasedWebhook hook,
        FeedPosition position,
        bool anyTaken,
        CallOutcome? last,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var error = last?.Error;
        // What was taken before the call that failed shows that the endpoint lives: the count begins anew.
        var failures =
            error is null ? 0
            : anyTaken ? 1
            : hook.Failures + 1;
        DateTimeOffset? since =
            error is null ? null
            : anyTaken ? now
            : hook.FailingSince ?? now;
        var pause =
            last is { IsGone: true } ? "the endpoint answered 410: it wants no more"
            : since <= now - options.Value.PauseAfter
                ? $"failing since {since:yyyy-MM-dd HH:mm} UTC"
            : null;
        await using var command = database.CreateCommand(Settle);
        Add(NpgsqlDbType.Uuid, hook.Id);
        Add(NpgsqlDbType.Uuid, hook.Lease);
        Add(NpgsqlDbType.Bigint, position.Value);
        Add(NpgsqlDbType.Integer, failures);
        Add(NpgsqlDbType.TimestampTz, since);
        Add(NpgsqlDbType.Text, error);
        Add(NpgsqlDbType.TimestampTz, anyTaken ? now : null);
        Add(NpgsqlDbType.TimestampTz, error is null ? now : now + PauseOf(failures));
        Add(NpgsqlDbType.Text, pause);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;

        void Add(NpgsqlDbType type, object? value) =>
            command.Parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value }
            );
    }

    /// <summary>Looks again in a while, whatever the number of times.</summary>
    public Task PostponeAsync(LeasedWebhook hook, CancellationToken cancellationToken) =>
        ChangeAsync(Postpone, hook, clock.GetUtcNow() + s_whileLocked, cancellationToken);

    public Task PauseAsync(
        LeasedWebhook hook,
        string reason,
        CancellationToken cancellationToken
    ) => ChangeAsync(Pause, hook, reason, cancellationToken);

    private async Task ChangeAsync(
        string sql,
        LeasedWebhook hook,
        object value,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new() { Value = hook.Id });
        command.Parameters.Add(new() { Value = hook.Lease });
        command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Doubles up to the longest; jitter keeps endpoints that fell together from being called together.</summary>
    internal TimeSpan PauseOf(int failures)
    {
        var whole = options.Value.FirstRetry * Math.Pow(2, Math.Min(failures - 1, 30));
        var bounded = whole < options.Value.LongestRetry ? whole : options.Value.LongestRetry;
        return bounded * (0.75 + Random.Shared.NextDouble() / 2);
    }
}
