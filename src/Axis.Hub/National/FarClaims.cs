using Npgsql;

namespace Axis.Hub.National;

/// <summary>What was claimed to be called now, and how many rows had nothing left to send.</summary>
internal sealed record FarClaim(IReadOnlyList<FarSending> Sendings, int Dropped);

/// <summary>
/// Takes rows of <c>far_sending</c> in hand: before a call, and after one whose outcome nobody knows. Each statement is a
/// transaction.
/// </summary>
internal sealed class FarClaims(NpgsqlDataSource database, TimeProvider clock, ICrashPoints crash)
{
    private const string Columns = """
        s.id, s.kind, s.source_id, s.from_code, s.recipients, s.deliveries, s.sha256, s.size, s.bytes, s.notation,
            s.title, s.attempts, s.called_at
        """;

    // Claimed before the call: whoever dies with it leaves a row that says so. The next of a stream waits for the one
    // before. SKIP LOCKED keeps nodes from waiting for each other. Here, and nowhere earlier, it is decided who is still
    // to get it: who was taken back while it waited is left out, and a row of nobody is no row any more. Nor does a 13
    // follow a letter that never left. A far side that gives a letter to all whom its package names ($5) gets it whole,
    // and one that may have had it before gets it again to say so; the recall goes behind it.
    private const string Claim = $"""
        WITH due AS (
            SELECT s.id, s.kind, s.source_id, s.title, s.recipients, s.deliveries, $5 AND s.was_unclear AS again
            FROM far_sending s
            WHERE s.axis = $1 AND s.state IN ('due', 'calling', 'unclear') AND s.state = 'due' AND s.next_attempt_at <= $2
                AND NOT EXISTS (
                    SELECT 1 FROM far_sending e
                    WHERE e.stream = s.stream AND e.id < s.id AND e.axis = s.axis
                        AND e.state IN ('due', 'calling', 'unclear'))
            ORDER BY s.urgent DESC, s.id LIMIT $3
            FOR UPDATE OF s SKIP LOCKED
        ),
        wanted AS (
            SELECT due.id, array_agg(r.code ORDER BY r.n) AS recipients, array_agg(r.delivery_id ORDER BY r.n) AS deliveries
            FROM due CROSS JOIN LATERAL unnest(due.recipients, due.deliveries) WITH ORDINALITY AS r (code, delivery_id, n)
                CROSS JOIN LATERAL (SELECT d.state FROM delivery d WHERE d.id = r.delivery_id OFFSET 0) AS d
            WHERE due.kind = 'document' AND d.state = 'waiting'
            GROUP BY due.id
            UNION ALL
            SELECT due.id, due.recipients, due.deliveries
            FROM due
            WHERE due.kind = 'status' AND NOT (due.title = '13' AND EXISTS (
                SELECT 1 FROM status_report r
                    CROSS JOIN LATERAL (SELECT d.* FROM delivery d WHERE d.id = r.delivery_id OFFSET 0) AS d
                WHERE r.id = due.source_id AND d.state = 'withdrawn' AND NOT EXISTS (
                    SELECT 1 FROM far_sending o
                    WHERE o.source_id = d.package_id AND o.state = 'sent' AND d.id = ANY(o.deliveries))))
        ),
        dropped AS (
            DELETE FROM far_sending s USING due
            WHERE s.id = due.id AND NOT due.again AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.id = due.id)
            RETURNING {Columns}, true
        ),
        claimed AS (
            UPDATE far_sending s SET state = 'calling', attempts = s.attempts + 1, called_at = $2,
                next_attempt_at = $2 + $4,
                recipients = CASE WHEN $5 THEN s.recipients ELSE w.recipients END,
                deliveries = CASE WHEN $5 THEN s.deliveries ELSE w.deliveries END
            FROM due LEFT JOIN wanted w ON w.id = due.id
            WHERE s.id = due.id AND (due.again OR w.id IS NOT NULL)
            RETURNING {Columns}, false
        )
        SELECT * FROM claimed UNION ALL SELECT * FROM dropped
        """;

    // Nobody else has taken it in hand since.
    private const string Renew = """
        UPDATE far_sending SET called_at = $3, next_attempt_at = $3 + $4
        WHERE id = $1 AND state = 'calling' AND called_at = $2
        """;

    // A letter that one of its recipients answered by a status has arrived at all of them, for one call carries it;
    // whatever became of that call.
    internal const string Answered = $"""
        SELECT {Columns}, false FROM far_sending s
        WHERE s.axis = $1 AND (s.state IN ('calling', 'unclear') OR (s.state = 'due' AND s.was_unclear))
            AND s.next_attempt_at <= $2 AND EXISTS (
                SELECT 1 FROM unnest(s.deliveries) AS r (id)
                    CROSS JOIN LATERAL (SELECT d.work FROM delivery d WHERE d.id = r.id OFFSET 0) AS d
                WHERE d.work IS NOT NULL)
        ORDER BY s.urgent DESC, s.id LIMIT $3
        """;

    // Of a row that is still 'calling' nobody saw the end of the call: it took its longest time.
    internal const string ClaimUnclear = $"""
        WITH due AS (
            SELECT s.id FROM far_sending s
            WHERE s.axis = $1 AND s.state IN ('calling', 'unclear') AND s.next_attempt_at <= $2
            ORDER BY s.urgent DESC, s.id LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE far_sending s SET state = 'unclear', was_unclear = true, next_attempt_at = $2 + $4,
            called_at = CASE WHEN s.state = 'calling' THEN s.called_at + $5 ELSE s.called_at END
        FROM due WHERE s.id = due.id
        RETURNING {Columns}, false
        """;

    private const string KnownIds =
        "SELECT far_id FROM far_sending WHERE axis = $1 AND far_id = ANY($2)";

    private const string Unnamed = $"""
        SELECT {Columns}, false FROM far_sending s
        WHERE s.axis = $1 AND s.state = 'sent' AND s.far_id IS NULL AND s.kind = 'document'
        ORDER BY s.id DESC LIMIT $2
        """;

    private const string Name =
        "UPDATE far_sending SET far_id = $2 WHERE id = $1 AND far_id IS NULL";

    /// <param name="toAllOfPackage">The far side gives a letter to all whom its package names, whatever the call says.</param>
    public async Task<FarClaim> ClaimAsync(
        string axis,
        int limit,
        TimeSpan lease,
        bool toAllOfPackage,
        CancellationToken cancellationToken
    )
    {
        var rows = await ReadAsync(
            Command(Claim, axis, clock.GetUtcNow(), limit, lease, toAllOfPackage),
            cancellationToken
        );
        FarSending[] claimed = [.. rows.Where(row => !row.IsDropped).Select(row => row.Sending)];
        if (claimed.Length > 0)
        {
            crash.Pass(CrashPoint.FarSendingClaimed);
        }
        return new FarClaim(claimed, rows.Count - claimed.Length);
    }

    /// <summary>Begins the lease anew, right before the call; false when somebody else has the row by now.</summary>
    public async Task<bool> RenewAsync(FarSending claimed, TimeSpan lease)
    {
        await using var command = Command(
            Renew,
            claimed.Id,
            claimed.OverAt!.Value,
            clock.GetUtcNow(),
            lease
        );
        return await command.ExecuteNonQueryAsync(CancellationToken.None) > 0;
    }

    /// <summary>Rows of unknown outcome of which a recipient has reported.</summary>
    public async Task<IReadOnlyList<FarSending>> AnsweredAsync(
        string axis,
        int limit,
        CancellationToken cancellationToken
    ) =>
        Sendings(
            await ReadAsync(Command(Answered, axis, clock.GetUtcNow(), limit), cancellationToken)
        );

    public async Task<IReadOnlyList<FarSending>> ClaimUnclearAsync(
        string axis,
        int limit,
        TimeSpan lease,
        TimeSpan longestCall,
        CancellationToken cancellationToken
    ) =>
        Sendings(
            await ReadAsync(
                Command(ClaimUnclear, axis, clock.GetUtcNow(), limit, lease, longestCall),
                cancellationToken
            )
        );

    /// <summary>Of these ids of the far side, those that belong to a row already.</summary>
    public async Task<HashSet<string>> KnownAsync(
        string axis,
        IEnumerable<string> farIds,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(KnownIds, axis, farIds.Distinct().ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            known.Add(reader.GetString(0));
        }
        return known;
    }

    /// <summary>Letters that arrived, as a report on them says, and whose id over there is not known; newest first.</summary>
    public async Task<IReadOnlyList<FarSending>> UnnamedAsync(
        string axis,
        int limit,
        CancellationToken cancellationToken
    ) => Sendings(await ReadAsync(Command(Unnamed, axis, limit), cancellationToken));

    public async Task NameAsync(FarSending sent, string farId, CancellationToken cancellationToken)
    {
        await using var command = Command(Name, sent.Id, farId);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static IReadOnlyList<FarSending> Sendings(List<(FarSending Sending, bool)> rows) =>
        [.. rows.Select(row => row.Sending)];

    private static async Task<List<(FarSending Sending, bool IsDropped)>> ReadAsync(
        NpgsqlCommand command,
        CancellationToken cancellationToken
    )
    {
        await using var disposed = command;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<(FarSending Sending, bool IsDropped)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var sending = new FarSending(
                reader.GetGuid(0),
                reader.GetString(1) == "document" ? FarKind.Document : FarKind.Status,
                reader.GetGuid(2),
                reader.GetString(3),
                reader.GetFieldValue<string[]>(4),
                reader.GetFieldValue<Guid[]>(5),
                reader.GetFieldValue<byte[]>(6),
                reader.GetInt64(7),
                await reader.IsDBNullAsync(8, cancellationToken)
                    ? null
                    : reader.GetFieldValue<byte[]>(8),
                reader.GetString(9),
                reader.GetString(10),
                reader.GetInt32(11),
                reader.GetFieldValue<DateTimeOffset?>(12)
            );
            rows.Add((sending, reader.GetBoolean(13)));
        }
        // RETURNING keeps no order.
        rows.Sort((one, other) => one.Sending.Id.CompareTo(other.Sending.Id));
        return rows;
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
