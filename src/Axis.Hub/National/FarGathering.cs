using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.National;

/// <summary>
/// Turns what is to leave into rows of the outbox: held deliveries, all of a package and an axis together, because one
/// call carries them; and the events that carry a status package for a far axis.
/// </summary>
internal sealed class FarGathering(
    NpgsqlDataSource database,
    RegistryCache registry,
    FarAxes axes,
    TimeProvider clock
)
{
    private const int Batch = 500;

    // One at a time, so that two nodes do not share the deliveries of one package between them.
    private const string TakeTurn = "SELECT pg_try_advisory_xact_lock($1)";

    private const string Held = """
        SELECT d.id, d.package_id, d.recipient_agency_id, d.recipient_code, d.urgent
        FROM delivery d
        WHERE d.state = 'held' AND d.route = 'national' AND d.package_id IN (
            SELECT package_id FROM (
                SELECT package_id FROM delivery
                WHERE state = 'held' AND route = 'national' AND id > $1
                ORDER BY id LIMIT $2
            ) AS first)
        ORDER BY d.id
        FOR UPDATE
        """;

    private const string Facts = """
        SELECT p.id, p.sender_code, p.sha256, p.size, p.code_number, p.code_notation, p.subject,
            coalesce((SELECT l.target_package_id FROM package_link l WHERE l.package_id = p.id
                ORDER BY l.target_package_id LIMIT 1), p.id)
        FROM package p WHERE p.id = ANY($1)
        """;

    // What failed before and is tried again makes its row anew. Others of its row stay failed: their row keeps them, under
    // an id of its own, because the new one may bear the old id.
    private const string LeaveFailed = """
        WITH touched AS (
            SELECT id, recipients, deliveries FROM far_sending
            WHERE source_id = ANY($1) AND state = 'failed' AND deliveries && $2
            ORDER BY id FOR UPDATE
        ),
        remaining AS (
            SELECT t.id, array_agg(r.code ORDER BY r.n) AS recipients, array_agg(r.delivery_id ORDER BY r.n) AS deliveries
            FROM touched t
                CROSS JOIN LATERAL unnest(t.recipients, t.deliveries) WITH ORDINALITY AS r (code, delivery_id, n)
            WHERE NOT r.delivery_id = ANY($2)
            GROUP BY t.id
        ),
        gone AS (
            DELETE FROM far_sending s USING touched t
            WHERE s.id = t.id AND NOT EXISTS (SELECT 1 FROM remaining r WHERE r.id = t.id)
        )
        UPDATE far_sending s SET id = gen_random_uuid(), recipients = r.recipients, deliveries = r.deliveries
        FROM remaining r WHERE s.id = r.id
        """;

    private const string Write = """
        WITH moved AS (
            UPDATE delivery SET state = 'waiting', next_attempt_at = NULL, last_error = NULL, failure = NULL, attempts = 0,
                changed_at = $12
            WHERE id = ANY($13) AND state = 'held'
        )
        INSERT INTO far_sending (id, axis, kind, source_id, stream, from_code, recipients, deliveries, sha256, size,
            notation, title, urgent, created_at, state, next_attempt_at)
        SELECT r.id, r.axis, 'document', r.source_id, r.stream, r.from_code, string_to_array(r.recipients, ' '),
            string_to_array(r.deliveries, ' ')::uuid[], r.sha256, r.size, r.notation, r.title, r.urgent, $12, 'due', $12
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $14)
            AS r (id, axis, source_id, stream, from_code, recipients, deliveries, sha256, size, notation, title, urgent)
        ON CONFLICT (id) DO UPDATE
        SET state = 'due', attempts = 0, next_attempt_at = excluded.next_attempt_at, recipients = excluded.recipients,
            deliveries = excluded.deliveries, failure = NULL, last_error = NULL, ended_at = NULL, was_unclear = false
        """;

    // An event without a report is news that this protocol has no package for.
    private const string Events = """
        WITH listed AS (
            SELECT id, at, report_id, delivery_id FROM event
            WHERE office_system_id = $1 AND state = 'listed' ORDER BY id LIMIT $2
            FOR UPDATE SKIP LOCKED
        ),
        taken AS (
            UPDATE event e SET state = 'taken' FROM listed WHERE e.id = listed.id RETURNING e.id
        ),
        written AS (
            INSERT INTO far_sending (id, axis, kind, source_id, stream, from_code, recipients, deliveries, sha256, size,
                notation, title, urgent, created_at, state, next_attempt_at)
            SELECT l.id, $3, 'status', r.id, d.package_id, r.from_code,
                ARRAY[CASE WHEN r.from_agency_id = d.sender_agency_id THEN d.recipient_code ELSE p.sender_code END],
                '{}', r.sha256, r.size, '', r.status, false, $4, 'due', $4
            FROM listed l
                JOIN status_report r ON r.id = l.report_id
                JOIN delivery d ON d.id = l.delivery_id
                JOIN package p ON p.id = d.package_id
            ON CONFLICT (id) DO NOTHING
        )
        SELECT count(*) FROM taken
        """;

    private Guid _position;

    /// <summary>Whether there may be more.</summary>
    public async Task<bool> GatherDocumentsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var turn = new NpgsqlCommand(TakeTurn, connection))
        {
            turn.Parameters.Add(new() { Value = SingleRunner.FarGathering });
            if (await turn.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return false;
            }
        }
        var held = await ReadHeldAsync(connection, cancellationToken);
        var snapshot = registry.Current;
        var sendings = held.Where(one => one.AxisIn(axes, snapshot) is not null)
            .GroupBy(one => (one.PackageId, Axis: one.AxisIn(axes, snapshot)!))
            .ToArray();
        // Deliveries that no axis takes stay held; the next look goes on behind them while it is full. Any other begins at
        // the beginning, because ids do not come in their order: of two transactions the older may commit last.
        _position = held.Count >= Batch ? held[^1].Id : Guid.Empty;
        if (sendings.Length == 0)
        {
            return held.Count >= Batch;
        }
        var facts = await ReadFactsAsync(
            connection,
            [.. sendings.Select(sending => sending.Key.PackageId).Distinct()],
            cancellationToken
        );
        var rows = sendings
            .Select(sending => (sending, Fact: facts[sending.Key.PackageId]))
            .ToArray();
        var gathered = rows.SelectMany(row => row.sending, (_, one) => one.Id).ToArray();
        await using (var leave = new NpgsqlCommand(LeaveFailed, connection))
        {
            leave.Parameters.Add(new() { Value = facts.Keys.ToArray() });
            leave.Parameters.Add(new() { Value = gathered });
            await leave.ExecuteNonQueryAsync(cancellationToken);
        }
        await using var write = new NpgsqlCommand(Write, connection);
        Add(NpgsqlDbType.Uuid, rows.Select(row => row.sending.First().Id));
        Add(NpgsqlDbType.Text, rows.Select(row => row.sending.Key.Axis));
        Add(NpgsqlDbType.Uuid, rows.Select(row => row.sending.Key.PackageId));
        Add(NpgsqlDbType.Uuid, rows.Select(row => row.Fact.Stream));
        Add(NpgsqlDbType.Text, rows.Select(row => row.Fact.Sender)); // $5
        Add(
            NpgsqlDbType.Text,
            rows.Select(row => string.Join(' ', row.sending.Select(one => one.Recipient)))
        );
        Add(
            NpgsqlDbType.Text,
            rows.Select(row => string.Join(' ', row.sending.Select(one => one.Id)))
        );
        Add(NpgsqlDbType.Bytea, rows.Select(row => row.Fact.Sha256));
        Add(NpgsqlDbType.Bigint, rows.Select(row => row.Fact.Size));
        Add(NpgsqlDbType.Text, rows.Select(row => row.Fact.Notation)); // $10
        Add(NpgsqlDbType.Text, rows.Select(row => row.Fact.Title));
        write.Parameters.Add(new() { Value = clock.GetUtcNow() });
        write.Parameters.Add(new() { Value = gathered }); // $13
        Add(NpgsqlDbType.Boolean, rows.Select(row => row.sending.Any(one => one.Urgent))); // $14
        await write.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return held.Count >= Batch;

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            write.Parameters.Add(
                new NpgsqlParameter
                {
                    NpgsqlDbType = NpgsqlDbType.Array | type,
                    Value = values.ToArray(),
                }
            );
    }

    /// <summary>Whether there may be more.</summary>
    public async Task<bool> GatherStatusesAsync(string axis, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Events);
        command.Parameters.Add(new() { Value = FarAxes.SystemIdOf(axis) });
        command.Parameters.Add(new() { Value = Batch });
        command.Parameters.Add(new() { Value = axis });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteScalarAsync(cancellationToken) is >= (long)Batch;
    }

    private async Task<IReadOnlyList<HeldDelivery>> ReadHeldAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Held, connection);
        command.Parameters.Add(new() { Value = _position });
        command.Parameters.Add(new() { Value = Batch });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var held = new List<HeldDelivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            held.Add(
                new HeldDelivery(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetGuid(2),
                    reader.GetString(3),
                    reader.GetBoolean(4)
                )
            );
        }
        return held;
    }

    private static async Task<Dictionary<Guid, PackageFacts>> ReadFactsAsync(
        NpgsqlConnection connection,
        Guid[] packages,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Facts, connection);
        command.Parameters.Add(new() { Value = packages });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var facts = new Dictionary<Guid, PackageFacts>();
        while (await reader.ReadAsync(cancellationToken))
        {
            facts[reader.GetGuid(0)] = new PackageFacts(
                reader.GetString(1),
                reader.GetFieldValue<byte[]>(2),
                reader.GetInt64(3),
                new DocumentNumber(reader.GetString(4), reader.GetString(5)).Key,
                reader.GetString(6),
                reader.GetGuid(7)
            );
        }
        return facts;
    }

    private sealed record HeldDelivery(
        Guid Id,
        Guid PackageId,
        Guid AgencyId,
        string Recipient,
        bool Urgent
    )
    {
        public string? AxisIn(FarAxes axes, RegistrySnapshot registry) =>
            registry.AgencyById(AgencyId) is { } agency ? axes.AxisOf(agency) : null;
    }

    private sealed record PackageFacts(
        string Sender,
        byte[] Sha256,
        long Size,
        string Notation,
        string Title,
        Guid Stream
    );
}
