using System.Text.Json.Serialization;
using Axis.EdXml;
using Axis.Hub.Access;
using Axis.Hub.Acts;
using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Delivery;

public sealed record InboxItem(
    Guid DeliveryId,
    Guid PackageId,
    string DocumentId,
    string Business,
    string Sender,
    string? SenderName,
    string Recipient,
    string Subject,
    string CodeNumber,
    string CodeNotation,
    DateOnly? PromulgatedOn,
    int Priority,
    bool Urgent,
    long Size,
    string Sha256,
    DateTimeOffset ReceivedAt,
    string Signature,
    string DocumentVerdict,
    Substitution? Substitution
)
{
    /// <summary>What a VXP client said while taking it over: processing or fail. Other doors have no such word.</summary>
    [JsonIgnore]
    public string? Pickup { get; init; }

    [JsonIgnore]
    public DateTimeOffset ChangedAt { get; init; }
}

/// <summary>What an office system reads and takes from its inbox. Every query carries whose.</summary>
public sealed class InboxStore(
    NpgsqlDataSource database,
    RegistryCache registry,
    ArrivalBell arrivals,
    TimeOrderedIds ids,
    TimeProvider clock,
    ICrashPoints crash
)
{
    internal const string List = """
        SELECT d.id, d.package_id, p.document_id, p.business, p.sender_code, p.sender_agency_id, d.recipient_code,
            p.subject, p.code_number, p.code_notation, p.promulgated_on, p.priority, d.urgent, p.size, p.sha256,
            p.received_at, p.verdict, p.document_verdict, d.substitution::text, d.pickup, d.changed_at
        FROM delivery d JOIN package p ON p.id = d.package_id
        WHERE d.office_system_id = $1 AND d.state = 'dispatched'
        ORDER BY d.urgent DESC, d.id
        LIMIT $2
        """;

    // The days before the limit, or what waits from other days would hide those that are asked for.
    internal static readonly string ListOfDays = List.Replace(
        "ORDER BY",
        "AND d.id >= $5 AND d.id < $6 AND p.received_at >= $3 AND p.received_at < $4 ORDER BY",
        StringComparison.Ordinal
    );

    internal const string Content = """
        SELECT d.package_id, p.sha256, p.size, d.substitution::text, d.state, d.dialogue
        FROM delivery d JOIN package p ON p.id = d.package_id
        WHERE d.id = $1 AND d.office_system_id = $2
        """;

    // 'waiting' too: the broker may hand a message over before the confirm is marked.
    internal const string Acknowledge = """
        WITH mine AS (
            SELECT id, state, work, about FROM delivery WHERE id = ANY($1) AND office_system_id = $2
            ORDER BY id FOR UPDATE
        ),
        moved AS (
            UPDATE delivery d SET state = 'collected', changed_at = $3, next_attempt_at = NULL, last_error = NULL,
                failure = NULL,
                arrival_due = CASE WHEN $6 AND mine.work IS NULL AND mine.about IS NULL THEN $3 END
            FROM mine WHERE d.id = mine.id AND d.id = ANY($1) AND mine.state IN ('dispatched', 'waiting', 'failed')
            RETURNING d.id
        ),
        history AS (
            INSERT INTO delivery_history (id, delivery_id, at, what, actor, detail)
            SELECT h.id, h.delivery_id, $3, 'collected', $2, $5
            FROM unnest($4, $1) AS h (id, delivery_id) JOIN moved ON moved.id = h.delivery_id
        )
        SELECT id, state FROM mine
        """;

    public Task<IReadOnlyList<InboxItem>> ListAsync(
        Collects collects,
        int limit,
        CancellationToken cancellationToken
    ) => ListAsync(collects, limit, null, cancellationToken);

    /// <param name="days">When it arrived; null: whenever.</param>
    public async Task<IReadOnlyList<InboxItem>> ListAsync(
        Collects collects,
        int limit,
        ArrivalDays? days,
        CancellationToken cancellationToken
    )
    {
        var snapshot = registry.Current;
        await using var batch = database.CreateBatch();
        await using var reader = await KeptPlan.ReadAsync(
            batch,
            days is null ? List : ListOfDays,
            days is null
                ? [collects.OfficeSystemId, limit]
                :
                [
                    collects.OfficeSystemId,
                    limit,
                    days.From,
                    days.Before,
                    days.Ids.From,
                    days.Ids.Before,
                ],
            cancellationToken
        );
        var items = new List<InboxItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(
                new InboxItem(
                    reader.GetGuid(0),
                    reader.GetGuid(1),
                    reader.GetString(2),
                    BusinessNames.Of((BusinessType)reader.GetInt16(3)),
                    reader.GetString(4),
                    snapshot.AgencyById(reader.GetGuid(5))?.Name,
                    reader.GetString(6),
                    reader.GetString(7),
                    reader.GetString(8),
                    reader.GetString(9),
                    await reader.IsDBNullAsync(10, cancellationToken)
                        ? null
                        : reader.GetFieldValue<DateOnly>(10),
                    reader.GetInt16(11),
                    reader.GetBoolean(12),
                    reader.GetInt64(13),
                    Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(14)),
                    reader.GetFieldValue<DateTimeOffset>(15),
                    reader.GetString(16),
                    reader.GetString(17),
                    Substitutions.Of(TextOrNull(reader, 18))
                )
                {
                    Pickup = TextOrNull(reader, 19),
                    ChangedAt = reader.GetFieldValue<DateTimeOffset>(20),
                }
            );
        }
        return items;
    }

    /// <summary>Which package a delivery carries; null when the delivery is not in this office system's care.</summary>
    public async Task<StoredContent?> FindContentAsync(
        Collects collects,
        Guid deliveryId,
        CancellationToken cancellationToken
    )
    {
        await using var batch = database.CreateBatch();
        await using var reader = await KeptPlan.ReadAsync(
            batch,
            Content,
            [deliveryId, collects.OfficeSystemId],
            cancellationToken
        );
        return await reader.ReadAsync(cancellationToken)
            ? new StoredContent(
                reader.GetGuid(0),
                reader.GetFieldValue<byte[]>(1),
                reader.GetInt64(2),
                Substitutions.Of(TextOrNull(reader, 3))
            )
            {
                Gone = ActErrors.WhyGone(reader.GetString(4), TextOrNull(reader, 5), deliveryId),
            }
            : null;
    }

    /// <summary>
    /// Marks deliveries collected. Repeats are fine. Returns those that are in this office system's care, each with the
    /// reason why it is not to be had any more, if so.
    /// </summary>
    public async Task<IReadOnlyDictionary<Guid, ErrorItem?>> AcknowledgeAsync(
        Collects collects,
        IReadOnlyCollection<Guid> deliveryIds,
        Door door,
        CancellationToken cancellationToken
    )
    {
        var now = clock.GetUtcNow();
        var named = deliveryIds.Distinct().ToArray();
        await using var command = database.CreateCommand(Acknowledge);
        command.Parameters.Add(new() { Value = named });
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        command.Parameters.Add(new() { Value = now });
        command.Parameters.Add(new() { Value = named.Select(_ => ids.Next()).ToArray() });
        command.Parameters.Add(new() { Value = DoorNames.Of(door) });
        command.Parameters.Add(
            new()
            {
                Value =
                    registry.Current.OfficeSystem(collects.OfficeSystemId)?.CollectedIsArrival
                    == true,
            }
        );
        var mine = new Dictionary<Guid, ErrorItem?>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var id = reader.GetGuid(0);
                mine[id] = ActErrors.WhyGone(reader.GetString(1), null, id);
            }
        }
        crash.Pass(CrashPoint.AcknowledgementCommitted);
        arrivals.Ring();
        return mine;
    }

    /// <summary>Of these, the ones that were in this office system's inbox before they were handed over to another.</summary>
    public async Task<IReadOnlySet<Guid>> HandedOverAsync(
        Collects collects,
        IReadOnlyCollection<Guid> deliveryIds,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "SELECT id FROM delivery WHERE id = ANY($1) AND $2 = ANY(handed_from)"
        );
        command.Parameters.Add(new() { Value = deliveryIds.Distinct().ToArray() });
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var handedOver = new HashSet<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            handedOver.Add(reader.GetGuid(0));
        }
        return handedOver;
    }

    private static string? TextOrNull(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}

/// <summary>Where the bytes of a package are, as far as a caller may read them.</summary>
public sealed record StoredContent(
    Guid PackageId,
    byte[] Sha256,
    long Size,
    Substitution? Substitution = null
)
{
    /// <summary>Why the recipient may not have it any more; null when it may.</summary>
    public ErrorItem? Gone { get; init; }
}
