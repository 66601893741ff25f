using Axis.Hub.Access;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>What a status package about a delivery has to say of it. Facts that never change.</summary>
public sealed record DeliveryFacts(
    Guid DeliveryId,
    Guid SenderAgencyId,
    string SenderCode,
    Guid RecipientAgencyId,
    string RecipientCode,
    string? OfficeSystemId,
    string DocumentId,
    string CodeNumber,
    string CodeNotation,
    DateOnly? PromulgatedOn,
    DateTimeOffset ChangedAt,
    Guid? About
)
{
    /// <summary>What a report on it is about: of a recall or an update the letter behind it, which the recipient works with.</summary>
    public Guid LetterDeliveryId => About ?? DeliveryId;

    // As in DeliveryLocks.
    internal const string Select = """
        SELECT d.id, d.sender_agency_id, p.sender_code, d.recipient_agency_id, d.recipient_code, d.office_system_id,
            p.document_id, p.code_number, p.code_notation, p.promulgated_on, d.changed_at,
            d.about
        FROM delivery d CROSS JOIN LATERAL (
            SELECT * FROM package p WHERE p.id = d.package_id AND p.id >= $2 AND p.id < $3 OFFSET 0
        ) AS p
        WHERE d.id = ANY($1)
            AND ($4::uuid[] IS NULL OR d.sender_agency_id = ANY($4) OR d.recipient_agency_id = ANY($4))
        """;

    /// <param name="sees">Null for the hub itself, which answers nobody.</param>
    public static async Task<IReadOnlyList<DeliveryFacts>> ReadAsync(
        NpgsqlDataSource database,
        IEnumerable<Guid> deliveryIds,
        Sees? sees,
        CancellationToken cancellationToken
    )
    {
        var facts = new List<DeliveryFacts>();
        await using var batch = database.CreateBatch();
        foreach (var (range, ids) in IdDays.Group(deliveryIds))
        {
            var command = new NpgsqlBatchCommand(Select);
            command.Parameters.Add(new() { Value = ids });
            command.Parameters.Add(new() { Value = range.From });
            command.Parameters.Add(new() { Value = range.Before });
            command.Parameters.Add(
                new()
                {
                    NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Uuid,
                    Value = (object?)sees?.Agencies ?? DBNull.Value,
                }
            );
            batch.BatchCommands.Add(command);
        }
        if (batch.BatchCommands.Count == 0)
        {
            return facts;
        }
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                facts.Add(
                    new DeliveryFacts(
                        reader.GetGuid(0),
                        reader.GetGuid(1),
                        reader.GetString(2),
                        reader.GetGuid(3),
                        reader.GetString(4),
                        reader.IsDBNull(5) ? null : reader.GetString(5),
                        reader.GetString(6),
                        reader.GetString(7),
                        reader.GetString(8),
                        reader.IsDBNull(9) ? null : reader.GetFieldValue<DateOnly>(9),
                        reader.GetFieldValue<DateTimeOffset>(10),
                        reader.IsDBNull(11) ? null : reader.GetGuid(11)
                    )
                );
            }
        } while (await reader.NextResultAsync(cancellationToken));
        return facts;
    }
}
