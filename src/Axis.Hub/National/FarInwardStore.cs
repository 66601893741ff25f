using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.National;

/// <summary>The rows of <c>far_inward</c>.</summary>
internal sealed class FarInwardStore(
    NpgsqlDataSource database,
    PayloadStore payloads,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    private const int MaxText = 500;

    private const string Known =
        "SELECT far_id, state FROM far_inward WHERE axis = $1 AND far_id = ANY($2)";

    // An axis lists a letter once for each code of a recipient; who is missing is told, and answered, once.
    private const string IsTold = """
        SELECT EXISTS (SELECT 1 FROM far_inward WHERE source_id = $2 AND id <> $5) OR EXISTS (
            SELECT 1 FROM far_inward
            WHERE settled_at IS NULL AND (state IN ('undeliverable', 'unreadable') OR missing <> '{}')
                AND $2 IS NULL AND axis = $1 AND sender = $3 AND document_id = $4 AND id <> $5)
        """;

    // The same when an item is tried again: by itself, or by another copy that waits.
    private const string IsAnswered = """
        SELECT EXISTS (SELECT 1 FROM far_sending WHERE source_id = $2) OR EXISTS (
            SELECT 1 FROM far_inward i JOIN far_sending s ON s.source_id = i.id
            WHERE i.settled_at IS NULL AND (i.state IN ('undeliverable', 'unreadable') OR i.missing <> '{}')
                AND i.axis = $1 AND i.sender = $3 AND i.document_id = $4)
        """;

    private const string Insert = """
        INSERT INTO far_inward (axis, far_id, id, kind, state, source_id, seen_at, sender, document_id, subject, missing,
            reasons, bytes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (axis, far_id) DO NOTHING
        RETURNING id
        """;

    private const string Answer = """
        INSERT INTO far_sending (id, axis, kind, source_id, stream, from_code, recipients, deliveries, sha256, size, bytes,
            notation, title, urgent, created_at, state, next_attempt_at)
        VALUES ($1, $2, 'status', $3, $3, $4, ARRAY[$5], '{}', $6, $7, $8, '', '02', false, $9, 'due', $9)
        """;

    private const string Acknowledged = """
        UPDATE far_inward SET acknowledged_at = $3
        WHERE axis = $1 AND far_id = ANY($2) AND acknowledged_at IS NULL
        """;

    private const string Gone = """
        UPDATE far_inward SET acknowledged_at = $4
        WHERE axis = $1 AND kind = $2 AND acknowledged_at IS NULL AND NOT far_id = ANY($3)
        """;

    private const string Same = """
        SELECT p.id FROM document_key k JOIN package p ON p.id = k.package_id
        WHERE k.sender_agency_id = $1 AND k.document_id = $2 AND k.variant = ''
            AND p.code_number = $3 AND p.code_notation = $4 AND p.subject = $5
            AND p.promulgated_on IS NOT DISTINCT FROM $6
        """;

    private const string Kept = """
        SELECT id, axis, far_id, kind, sender, source_id, bytes FROM far_inward
        WHERE id = $1 AND settled_at IS NULL AND (state IN ('undeliverable', 'unreadable') OR missing <> '{}')
        """;

    private const string Settle = """
        UPDATE far_inward SET settled_at = $2, settled_by = $3 WHERE id = $1 AND settled_at IS NULL
        """;

    // Off the list when somebody has it and nobody is missing.
    private const string Became = """
        UPDATE far_inward SET state = $4, source_id = coalesce($5, source_id), reasons = $6, missing = $7, bytes = $8,
            sender = coalesce(nullif($9, ''), sender), document_id = coalesce(nullif($10, ''), document_id),
            subject = coalesce(nullif($11, ''), subject),
            settled_at = CASE WHEN $12 THEN $2::timestamptz END, settled_by = CASE WHEN $12 THEN $3 END
        WHERE id = $1 AND settled_at IS NULL
        """;

    /// <summary>Of these items, those that have a row, with its state.</summary>
    public async Task<Dictionary<string, string>> KnownAsync(
        string axis,
        IEnumerable<FarItem> items,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(Known, axis, items.Select(item => item.Id).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            known[reader.GetString(0)] = reader.GetString(1);
        }
        return known;
    }

    /// <summary>
    /// What the far side lists no more it was told of, though its answer was lost. Should it list an item again after
    /// all, it is acknowledged again.
    /// </summary>
    public async Task GoneAsync(
        string axis,
        FarKind kind,
        IEnumerable<FarItem> listed,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(
            Gone,
            axis,
            WordOf(kind),
            listed.Select(item => item.Id).ToArray(),
            clock.GetUtcNow()
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The row and the answers it calls for, in one transaction; of two nodes the first one writes.</summary>
    public async Task RecordAsync(
        string axis,
        FarArrival arrival,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var id = ids.Next();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (arrival.Missing.Count > 0 && await IsToldAsync(connection, axis, arrival, id))
        {
            arrival = arrival.WithoutAnswers();
        }
        await using (var insert = new NpgsqlCommand(Insert, connection))
        {
            Add(insert, axis);
            Add(insert, arrival.Item.Id);
            Add(insert, id);
            Add(insert, WordOf(arrival.Item.Kind));
            Add(insert, arrival.State);
            Add(insert, arrival.SourceId, NpgsqlDbType.Uuid);
            Add(insert, now);
            Add(insert, Shortened(arrival.Sender));
            Add(insert, Shortened(arrival.DocumentId));
            Add(insert, Shortened(arrival.Subject));
            Add(insert, arrival.Missing.ToArray());
            Add(insert, ReasonsOf(arrival.Reasons), NpgsqlDbType.Json);
            Add(insert, payloads.Seal(arrival.Bytes), NpgsqlDbType.Bytea);
            if (await insert.ExecuteScalarAsync(cancellationToken) is null)
            {
                return;
            }
        }
        await WriteAnswersAsync(connection, axis, id, arrival, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<bool> IsToldAsync(
        NpgsqlConnection connection,
        string axis,
        FarArrival arrival,
        Guid itself
    )
    {
        // Its copies may come in side by side.
        await using (
            var turn = new NpgsqlCommand(
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 75))",
                connection
            )
        )
        {
            Add(turn, $"{axis} {arrival.Sender} {arrival.DocumentId}");
            await turn.ExecuteNonQueryAsync(CancellationToken.None);
        }
        await using var told = new NpgsqlCommand(IsTold, connection);
        Add(told, axis);
        Add(told, arrival.SourceId, NpgsqlDbType.Uuid);
        Add(told, Shortened(arrival.Sender));
        Add(told, Shortened(arrival.DocumentId));
        Add(told, itself);
        return await told.ExecuteScalarAsync(CancellationToken.None) is true;
    }

    public async Task AcknowledgedAsync(
        string axis,
        IReadOnlyCollection<string> farIds,
        CancellationToken cancellationToken
    )
    {
        if (farIds.Count == 0)
        {
            return;
        }
        await using var command = Command(
            Acknowledged,
            axis,
            farIds.Order(StringComparer.Ordinal).ToArray(),
            clock.GetUtcNow()
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// The package under a document id, when it is the same letter with other bytes: an axis rewrites what passes, and
    /// may pass a letter on once for each code of a recipient.
    /// </summary>
    public async Task<Guid?> SameLetterAsync(
        Guid senderAgencyId,
        EdXml.DocumentHeader header,
        CancellationToken cancellationToken
    )
    {
        await using var command = Command(
            Same,
            senderAgencyId,
            header.DocumentId!,
            header.CodeNumber ?? "",
            header.CodeNotation ?? "",
            header.Subject ?? ""
        );
        Add(command, header.PromulgationDate?.Date, NpgsqlDbType.Date);
        return await command.ExecuteScalarAsync(cancellationToken) as Guid?;
    }

    public async Task<KeptItem?> FindKeptAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = Command(Kept, id);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new KeptItem(
                reader.GetGuid(0),
                reader.GetString(1),
                new FarItem(
                    reader.GetString(2),
                    reader.GetString(3) == "document" ? FarKind.Document : FarKind.Status,
                    reader.GetString(4),
                    ""
                ),
                reader.GetFieldValue<Guid?>(5),
                await reader.IsDBNullAsync(6, cancellationToken)
                    ? null
                    : payloads.Unseal(reader.GetFieldValue<byte[]>(6))
            )
            : null;
    }

    /// <summary>Takes it off the list as it is.</summary>
    public async Task<bool> SettleAsync(Guid id, string by, CancellationToken cancellationToken)
    {
        await using var command = Command(Settle, id, clock.GetUtcNow(), by);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>
    /// What it became when it was tried again, and the answers that this calls for, if none was written of it before.
    /// </summary>
    public async Task BecameAsync(
        Guid id,
        string axis,
        string by,
        FarArrival arrival,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (
            arrival is { IsDelivered: true, Missing.Count: > 0 }
            && await IsToldAsync(connection, axis, arrival, id)
        )
        {
            arrival = arrival.WithoutAnswers();
        }
        await using (var became = new NpgsqlCommand(Became, connection))
        {
            Add(became, id);
            Add(became, clock.GetUtcNow());
            Add(became, by);
            Add(became, arrival.State);
            Add(became, arrival.SourceId, NpgsqlDbType.Uuid);
            Add(became, ReasonsOf(arrival.Reasons), NpgsqlDbType.Json);
            Add(became, arrival.Missing.ToArray());
            Add(became, payloads.Seal(arrival.Bytes), NpgsqlDbType.Bytea);
            Add(became, Shortened(arrival.Sender));
            Add(became, Shortened(arrival.DocumentId));
            Add(became, Shortened(arrival.Subject));
            Add(became, arrival.IsDelivered && arrival.Missing.Count == 0);
            if (await became.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return;
            }
        }
        if (arrival.Answers.Count > 0 && !await IsAnsweredAsync(connection, axis, arrival, id))
        {
            await WriteAnswersAsync(connection, axis, id, arrival, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<bool> IsAnsweredAsync(
        NpgsqlConnection connection,
        string axis,
        FarArrival arrival,
        Guid id
    )
    {
        await using var answered = new NpgsqlCommand(IsAnswered, connection);
        Add(answered, axis);
        Add(answered, id);
        Add(answered, Shortened(arrival.Sender));
        Add(answered, Shortened(arrival.DocumentId));
        return await answered.ExecuteScalarAsync(CancellationToken.None) is true;
    }

    private async Task WriteAnswersAsync(
        NpgsqlConnection connection,
        string axis,
        Guid id,
        FarArrival arrival,
        CancellationToken cancellationToken
    )
    {
        foreach (var answer in arrival.Answers)
        {
            await using var write = new NpgsqlCommand(Answer, connection);
            Add(write, ids.Next());
            Add(write, axis);
            Add(write, id);
            Add(write, answer.From);
            Add(write, answer.To);
            Add(write, answer.Sha256);
            Add(write, (long)answer.Package.Length);
            Add(write, payloads.Seal(answer.Package), NpgsqlDbType.Bytea);
            Add(write, clock.GetUtcNow());
            await write.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public static string WordOf(FarKind kind) => kind == FarKind.Document ? "document" : "status";

    internal static string? ReasonsOf(IReadOnlyList<ErrorItem> reasons) =>
        reasons.Count == 0 ? null : JsonSerializer.Serialize(reasons, HubJson.Options);

    private static string Shortened(string text) => StoredText.Shortened(text, MaxText);

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            Add(command, value);
        }
        return command;
    }

    private static void Add(NpgsqlCommand command, object value) =>
        command.Parameters.Add(new() { Value = value });

    private static void Add(NpgsqlCommand command, object? value, NpgsqlDbType type) =>
        command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
}
