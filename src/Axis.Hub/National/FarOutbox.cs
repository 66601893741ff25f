using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.National;

/// <summary>A row of the outbox in hand.</summary>
/// <param name="OverAt">Of a call of unknown outcome: when it was over at the latest, and nothing more left this side.</param>
internal sealed record FarSending(
    Guid Id,
    FarKind Kind,
    Guid SourceId,
    string From,
    string[] Recipients,
    Guid[] Deliveries,
    byte[] Sha256,
    long Size,
    byte[]? Bytes,
    string Notation,
    string Title,
    int Attempts,
    DateTimeOffset? OverAt
);

/// <summary>The rows of <c>far_sending</c>, and the deliveries that they carry. Each statement is a transaction.</summary>
internal sealed class FarOutbox(
    NpgsqlDataSource database,
    TimeOrderedIds ids,
    TimeProvider clock,
    ICrashPoints crash
)
{
    // A letter that was taken back during the call is there now: the recall goes behind it, or the update that left its
    // recipient out. That act's time is the delivery's: nothing moves what was taken back. The new delivery's id has the
    // time of the act, as TimeOrderedIds.Beside gives it. 'due' stands here for a row whose call ended unseen.
    private const string Sent = """
        WITH ended AS (
            UPDATE far_sending SET state = 'sent', far_id = $3, ended_at = $4, last_error = NULL, failure = NULL
            WHERE id = $1 AND state IN ('due', 'calling', 'unclear')
            RETURNING axis, source_id
        ),
        moved AS (
            UPDATE delivery SET state = 'collected', changed_at = $4, next_attempt_at = NULL, last_error = NULL,
                failure = NULL
            WHERE id = ANY($2) AND state = 'waiting' AND EXISTS (SELECT 1 FROM ended)
            RETURNING id
        ),
        taken_back AS (
            SELECT d.*, l.package_id AS act_id
            FROM delivery d JOIN ended ON true
                JOIN package_link l ON l.target_package_id = ended.source_id AND l.business IN (1, 2)
                CROSS JOIN LATERAL (
                    SELECT 1 FROM package a WHERE a.id = l.package_id AND a.received_at = d.changed_at OFFSET 0
                ) AS act
            WHERE d.id = ANY($2) AND d.state = 'withdrawn'
                AND NOT EXISTS (SELECT 1 FROM delivery o WHERE o.package_id = l.package_id AND o.about = d.id)
        ),
        behind AS (
            INSERT INTO delivery (id, package_id, sender_agency_id, recipient_agency_id, recipient_code, route, urgent,
                state, created_at, changed_at, about)
            SELECT (left(t.act_id::text, 13) || substr(h.id::text, 14))::uuid, t.act_id, t.sender_agency_id, t.recipient_agency_id, t.recipient_code, t.route, t.urgent,
                'held', $4, $4, t.id
            FROM unnest($6, $2) AS h (id, delivery_id) JOIN taken_back t ON t.id = h.delivery_id
        )
        INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
        SELECT h.id, h.delivery_id, $4, 'collected', '@' || ended.axis, $3
        FROM unnest($5, $2) AS h (id, delivery_id) JOIN moved ON moved.id = h.delivery_id CROSS JOIN ended
        """;

    private const string Later = """
        WITH moved AS (
            UPDATE far_sending SET state = $3, next_attempt_at = $4, last_error = $5, failure = $6,
                attempts = greatest(attempts - $7, 0), was_unclear = was_unclear OR $9,
                called_at = CASE WHEN state = 'calling' THEN $8 ELSE called_at END
            WHERE id = $1 AND state IN ('calling', 'unclear')
            RETURNING attempts
        )
        UPDATE delivery SET attempts = moved.attempts, last_error = $5, failure = $6
        FROM moved WHERE id = ANY($2) AND state = 'waiting'
        """;

    private const string Failed = """
        WITH ended AS (
            UPDATE far_sending SET state = 'failed', ended_at = $3, last_error = $4, failure = $5
            WHERE id = $1 AND state IN ('calling', 'unclear')
            RETURNING axis
        ),
        moved AS (
            UPDATE delivery SET state = 'failed', changed_at = $3, last_error = $4, failure = $5
            WHERE id = ANY($2) AND state = 'waiting' AND EXISTS (SELECT 1 FROM ended)
            RETURNING id
        )
        INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
        SELECT h.id, h.delivery_id, $3, 'failed', '@' || ended.axis, $4
        FROM unnest($6, $2) AS h (id, delivery_id) JOIN moved ON moved.id = h.delivery_id CROSS JOIN ended
        """;

    // A row bears the id of its first delivery, as gathered ones do; the deliveries stay as they are.
    private const string Part = """
        WITH kept AS (
            UPDATE far_sending SET recipients = $2, deliveries = $3, state = 'due', attempts = 0, next_attempt_at = $6,
                last_error = $7, failure = 'far-parted'
            WHERE id = $1 AND state IN ('calling', 'unclear')
            RETURNING *
        )
        INSERT INTO far_sending (id, axis, kind, source_id, stream, from_code, recipients, deliveries, sha256, size, bytes,
            notation, title, urgent, created_at, state, next_attempt_at, last_error, failure)
        SELECT $5[1], axis, kind, source_id, stream, from_code, $4, $5, sha256, size, bytes, notation, title, urgent,
            created_at, 'due', $6, $7, 'far-parted'
        FROM kept
        ON CONFLICT (id) DO UPDATE
        SET state = 'due', attempts = 0, next_attempt_at = excluded.next_attempt_at, recipients = excluded.recipients,
            deliveries = excluded.deliveries, failure = excluded.failure, last_error = excluded.last_error,
            ended_at = NULL
        """;

    // Documents go back to the route and are gathered anew; statuses and answers are due again as they are.
    private const string Replay = """
        WITH failed AS (
            SELECT id, kind, deliveries FROM far_sending WHERE axis = $1 AND state = 'failed' ORDER BY id LIMIT $3
            FOR UPDATE SKIP LOCKED
        ),
        held AS (
            UPDATE delivery d SET state = 'held', changed_at = $2
            FROM failed f WHERE d.id = ANY(f.deliveries) AND d.state = 'failed'
        ),
        gone AS (
            DELETE FROM far_sending s USING failed f WHERE s.id = f.id AND f.deliveries <> '{}'
        ),
        again AS (
            UPDATE far_sending s SET state = 'due', attempts = 0, next_attempt_at = $2, ended_at = NULL
            FROM failed f WHERE s.id = f.id AND f.deliveries = '{}'
        )
        SELECT count(*) FROM failed
        """;

    private const string Hurry = """
        UPDATE far_sending SET next_attempt_at = $2
        WHERE axis = $1 AND state IN ('due', 'calling', 'unclear') AND state = 'due' AND next_attempt_at > $2
        """;

    private const string Forget = """
        WITH old AS (DELETE FROM far_sending WHERE state = 'sent' AND ended_at < $1)
        DELETE FROM far_inward WHERE seen_at < $1 AND acknowledged_at IS NOT NULL
            AND (settled_at IS NOT NULL OR (state IN ('accepted', 'repeated') AND missing = '{}'))
        """;

    /// <param name="farId">Null when a report says that it arrived, and the far side has not yet.</param>
    public async Task MarkSentAsync(
        FarSending sending,
        string? farId,
        CancellationToken cancellationToken
    )
    {
        crash.Pass(CrashPoint.FarSendingTaken);
        await using var command = Command(
            Sent,
            sending.Id,
            sending.Deliveries,
            new NpgsqlParameter
            {
                NpgsqlDbType = NpgsqlDbType.Text,
                Value = (object?)farId ?? DBNull.Value,
            },
            clock.GetUtcNow(),
            sending.Deliveries.Select(_ => ids.Next()).ToArray(),
            sending.Deliveries.Select(_ => ids.Next()).ToArray()
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <param name="state">due or unclear.</param>
    /// <param name="uncounted">1 when the try says nothing about this package.</param>
    /// <param name="mayHaveIt">The far side may have taken it.</param>
    public async Task MarkLaterAsync(
        FarSending sending,
        string state,
        DateTimeOffset at,
        string error,
        string failure,
        int uncounted,
        bool mayHaveIt,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(
            Later,
            sending.Id,
            sending.Deliveries,
            state,
            at,
            error,
            failure,
            uncounted,
            clock.GetUtcNow(),
            mayHaveIt
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task MarkFailedAsync(
        FarSending sending,
        string error,
        string failure,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(
            Failed,
            sending.Id,
            sending.Deliveries,
            clock.GetUtcNow(),
            error,
            failure,
            sending.Deliveries.Select(_ => ids.Next()).ToArray()
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Makes two rows of one, each with some of its recipients, by index; both are due.</summary>
    public async Task PartAsync(
        FarSending sending,
        int[] first,
        int[] second,
        string error,
        CancellationToken cancellationToken
    )
    {
        var (kept, other) = first.Contains(0) ? (first, second) : (second, first);
        await using var command = Command(
            Part,
            sending.Id,
            kept.Select(i => sending.Recipients[i]).ToArray(),
            kept.Select(i => sending.Deliveries[i]).ToArray(),
            other.Select(i => sending.Recipients[i]).ToArray(),
            other.Select(i => sending.Deliveries[i]).ToArray(),
            clock.GetUtcNow(),
            error
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>How many that had failed are tried again; what waits for its time is due now.</summary>
    public async Task<long> ReplayAsync(string axis, int limit, CancellationToken cancellationToken)
    {
        await using var hurry = Command(Hurry, axis, clock.GetUtcNow());
        await hurry.ExecuteNonQueryAsync(cancellationToken);
        await using var command = Command(Replay, axis, clock.GetUtcNow(), limit);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var command = Command(Forget, before);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new() { Value = value });
        }
        return command;
    }
}
