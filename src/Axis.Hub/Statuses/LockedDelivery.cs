using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>A delivery whose row this transaction holds; its position moves as events are judged.</summary>
internal sealed class LockedDelivery
{
    public required Guid Id { get; init; }
    public required Guid PackageId { get; init; }
    public required string DocumentId { get; init; }
    public required Guid SenderAgencyId { get; init; }
    public required Guid RecipientAgencyId { get; init; }
    public required string RecipientCode { get; init; }

    /// <summary>The office system that sent the letter.</summary>
    public required string SentBy { get; init; }
    public required Substitution? Substitution { get; init; }

    /// <summary>The verdicts on the letter's envelope and on its attached PDF files.</summary>
    public required string Signature { get; init; }
    public required string DocumentVerdict { get; init; }

    /// <summary>The inbox; null on the route to the national axis.</summary>
    public required string? OfficeSystemId { get; init; }
    public required Position Position { get; set; }

    /// <summary>Events raised so far.</summary>
    public required int EventCount { get; set; }

    /// <summary>
    /// When the open question was asked, if it is not the first: an answer from before belongs to another. Null when no
    /// question is open, or when nothing was asked before it.
    /// </summary>
    public DateTimeOffset? AskedAgainAt { get; set; }

    /// <summary>The own times of the answers that closed a question: who tells one of them again repeats that answer.</summary>
    public HashSet<DateTimeOffset> AnswersSaidAt { get; } = [];
}

/// <summary>Takes the locks of deliveries, in the order of their ids, and reads where they stand.</summary>
internal static class DeliveryLocks
{
    // Found one by one, whatever the planner believes of a month that was never analyzed: of a range of ids in it, it
    // takes one row in 200 to be there, and would read the day from end to end to find a few (docs/performance.md). So
    // deliveries have no range: their ids tell the months. Packages have one, and OFFSET 0 keeps it from being joined.
    internal const string Lock = """
        SELECT d.id, d.package_id, p.document_id, d.sender_agency_id, d.recipient_agency_id, d.recipient_code,
            d.office_system_id, d.state, d.work, d.dialogue, d.event_count,
            p.office_system_id, d.substitution::text, p.verdict, p.document_verdict
        FROM delivery d CROSS JOIN LATERAL (
            SELECT * FROM package p WHERE p.id = d.package_id AND p.id >= $2 AND p.id < $3 OFFSET 0
        ) AS p
        WHERE d.id = ANY($1)
        ORDER BY d.id FOR UPDATE OF d
        """;

    private const string EventCounts = """
        UPDATE delivery d SET event_count = c.events FROM unnest($1, $2) AS c (id, events) WHERE d.id = c.id
        """;

    private const string Questions = """
        SELECT delivery_id, max(asked_at) FILTER (WHERE state = 'asked' AND asked_again),
            array_remove(array_agg(answer_said_at), NULL)
        FROM dialogue WHERE delivery_id = ANY($1) GROUP BY delivery_id
        """;

    public static async Task<Dictionary<Guid, LockedDelivery>> TakeAsync(
        NpgsqlConnection connection,
        IEnumerable<Guid> deliveryIds,
        CancellationToken cancellationToken
    )
    {
        var taken = new Dictionary<Guid, LockedDelivery>();
        await using (var batch = new NpgsqlBatch(connection))
        {
            foreach (var (range, ids) in IdDays.Group(deliveryIds))
            {
                var command = new NpgsqlBatchCommand(Lock);
                command.Parameters.Add(new() { Value = ids });
                command.Parameters.Add(new() { Value = range.From });
                command.Parameters.Add(new() { Value = range.Before });
                batch.BatchCommands.Add(command);
            }
            if (batch.BatchCommands.Count == 0)
            {
                return taken;
            }
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            do
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    taken.Add(reader.GetGuid(0), Of(reader));
                }
            } while (await reader.NextResultAsync(cancellationToken));
        }
        await ReadQuestionsAsync(connection, taken, cancellationToken);
        return taken;
    }

    /// <summary>Keeps the sequence numbers that were drawn.</summary>
    public static async Task SaveEventCountsAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<LockedDelivery> deliveries,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(EventCounts, connection);
        command.Parameters.Add(new() { Value = deliveries.Select(one => one.Id).ToArray() });
        command.Parameters.Add(
            new() { Value = deliveries.Select(one => one.EventCount).ToArray() }
        );
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static LockedDelivery Of(NpgsqlDataReader row) =>
        new()
        {
            Id = row.GetGuid(0),
            PackageId = row.GetGuid(1),
            DocumentId = row.GetString(2),
            SenderAgencyId = row.GetGuid(3),
            RecipientAgencyId = row.GetGuid(4),
            RecipientCode = row.GetString(5),
            OfficeSystemId = row.IsDBNull(6) ? null : row.GetString(6),
            Position = new Position(
                row.GetString(7),
                row.IsDBNull(8) ? null : row.GetString(8),
                row.IsDBNull(9) ? null : row.GetString(9)
            ),
            EventCount = row.GetInt32(10),
            SentBy = row.GetString(11),
            Substitution = Substitutions.Of(row.IsDBNull(12) ? null : row.GetString(12)),
            Signature = row.GetString(13),
            DocumentVerdict = row.GetString(14),
        };

    private static async Task ReadQuestionsAsync(
        NpgsqlConnection connection,
        Dictionary<Guid, LockedDelivery> taken,
        CancellationToken cancellationToken
    )
    {
        var asked = taken
            .Values.Where(delivery => delivery.Position.Dialogue is not null)
            .Select(delivery => delivery.Id)
            .ToArray();
        if (asked.Length == 0)
        {
            return;
        }
        await using var command = new NpgsqlCommand(Questions, connection);
        command.Parameters.Add(new() { Value = asked });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var delivery = taken[reader.GetGuid(0)];
            delivery.AskedAgainAt = reader.IsDBNull(1)
                ? null
                : reader.GetFieldValue<DateTimeOffset>(1);
            delivery.AnswersSaidAt.UnionWith(reader.GetFieldValue<DateTimeOffset[]>(2));
        }
    }
}
