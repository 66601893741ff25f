using Axis.EdXml;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>A delivery that a name may mean, with facts that never change, and where it stood when it was looked at.</summary>
/// <param name="About">Of the delivery of a recall or an update: the letter's delivery.</param>
/// <param name="ById">Found by the document id, not by the number.</param>
internal sealed record LetterCandidate(
    Guid DeliveryId,
    Guid PackageId,
    Guid RecipientAgencyId,
    Guid? About,
    string DocumentId,
    BusinessType Business,
    Position Position,
    DateTimeOffset AcceptedAt,
    bool ById
)
{
    public bool IsTakenBack => !Position.IsReadable || Position.Dialogue == Dialogues.Replaced;

    /// <summary>The recipient works with it, not with one that it is about.</summary>
    public bool IsLetter => About is null && Business is not BusinessType.Recall;
}

/// <summary>
/// Finds deliveries by the name of a letter at a cost that does not grow with the months stored: key tables that are
/// not partitioned give package ids, and an id bounds the partitions to look into.
/// </summary>
internal static class LetterLookup
{
    internal const string ById = """
        SELECT r.n, k.package_id
        FROM unnest($1, $2, $3) AS r (n, sender_agency_id, document_id)
        CROSS JOIN LATERAL (
            SELECT package_id FROM document_key k
            WHERE k.sender_agency_id = r.sender_agency_id AND k.document_id = r.document_id AND k.variant <> 'status'
            ORDER BY k.variant LIMIT 100
        ) AS k
        WHERE r.document_id <> ''
        """;

    internal const string ByNumber = """
        SELECT r.n, k.package_id
        FROM unnest($1, $2, $3, $4) AS r (n, sender_agency_id, number_key, date)
        CROSS JOIN LATERAL (
            SELECT package_id FROM document_number k
            WHERE k.sender_agency_id = r.sender_agency_id AND k.number_key = r.number_key
                AND (r.date IS NULL OR k.promulgated_on IS NULL OR k.promulgated_on = r.date)
            ORDER BY k.package_id DESC LIMIT 100
        ) AS k
        WHERE r.number_key <> ''
        """;

    // Package by package, as in DeliveryLocks; the index is by package and id, so the range is part of the look-up.
    internal const string Deliveries = """
        SELECT d.id, d.package_id, d.recipient_agency_id, d.about, p.document_id, p.business, d.state, d.work, d.dialogue,
            p.received_at
        FROM package p CROSS JOIN LATERAL (
            SELECT * FROM delivery d WHERE d.package_id = p.id AND d.id >= $2 AND d.id < $3 OFFSET 0
        ) AS d
        WHERE p.id = ANY($1) AND ($4::uuid[] IS NULL OR d.recipient_agency_id = ANY($4))
        """;

    /// <summary>For each name what it may mean, oldest first. Nothing is locked.</summary>
    /// <param name="recipients">Null for every recipient.</param>
    public static async Task<List<LetterCandidate>[]> FindAsync(
        NpgsqlConnection connection,
        IReadOnlyList<LetterName> names,
        Guid[]? recipients,
        CancellationToken cancellationToken
    )
    {
        var found = names.Select(_ => new List<LetterCandidate>()).ToArray();
        if (names.Count == 0)
        {
            return found;
        }
        var keys = await FindPackagesAsync(connection, names, cancellationToken);
        var byPackage = keys.ToLookup(key => key.PackageId);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (range, ids) in IdDays.Group(keys.Select(key => key.PackageId)))
        {
            var command = new NpgsqlBatchCommand(Deliveries);
            command.Parameters.Add(new() { Value = ids });
            command.Parameters.Add(new() { Value = range.From });
            command.Parameters.Add(new() { Value = range.Before });
            command.Parameters.Add(
                new()
                {
                    NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Uuid,
                    Value = (object?)recipients ?? DBNull.Value,
                }
            );
            batch.BatchCommands.Add(command);
        }
        if (batch.BatchCommands.Count == 0)
        {
            return found;
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                foreach (var (n, packageId, byId) in byPackage[reader.GetGuid(1)])
                {
                    found[n]
                        .Add(
                            new LetterCandidate(
                                reader.GetGuid(0),
                                packageId,
                                reader.GetGuid(2),
                                reader.IsDBNull(3) ? null : reader.GetGuid(3),
                                reader.GetString(4),
                                (BusinessType)reader.GetInt16(5),
                                new Position(
                                    reader.GetString(6),
                                    reader.IsDBNull(7) ? null : reader.GetString(7),
                                    reader.IsDBNull(8) ? null : reader.GetString(8)
                                ),
                                reader.GetFieldValue<DateTimeOffset>(9),
                                byId
                            )
                        );
                }
            }
        } while (await reader.NextResultAsync(cancellationToken));
        foreach (var list in found)
        {
            list.Sort((left, right) => left.DeliveryId.CompareTo(right.DeliveryId));
        }
        return found;
    }

    private static async Task<List<(int N, Guid PackageId, bool ById)>> FindPackagesAsync(
        NpgsqlConnection connection,
        IReadOnlyList<LetterName> names,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(connection);
        var byId = new NpgsqlBatchCommand(ById);
        AddNames(byId);
        byId.Parameters.Add(new() { Value = names.Select(name => name.DocumentId).ToArray() });
        var byNumber = new NpgsqlBatchCommand(ByNumber);
        AddNames(byNumber);
        byNumber.Parameters.Add(new() { Value = names.Select(name => name.NumberKey).ToArray() });
        byNumber.Parameters.Add(
            new()
            {
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Date,
                Value = names.Select(name => name.Date).ToArray(),
            }
        );
        batch.BatchCommands.Add(byId);
        batch.BatchCommands.Add(byNumber);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        var keys = new List<(int, Guid, bool)>();
        var first = true;
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                keys.Add((reader.GetInt32(0), reader.GetGuid(1), first));
            }
            first = false;
        } while (await reader.NextResultAsync(cancellationToken));
        return keys;

        void AddNames(NpgsqlBatchCommand command)
        {
            command.Parameters.Add(new() { Value = Enumerable.Range(0, names.Count).ToArray() });
            command.Parameters.Add(
                new() { Value = names.Select(name => name.SenderAgencyId).ToArray() }
            );
        }
    }
}
