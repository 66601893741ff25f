using Axis.EdXml;
using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Npgsql;

namespace Axis.Hub.Delivery;

/// <summary>
/// Tells office systems that ask for it of letters in their inbox, in the transaction that puts a letter there, once for
/// each inbox it comes to. For those that do not ask nothing is read or written. docs/events.md argues why none is lost.
/// </summary>
public sealed class InboxNews(RegistryCache registry, EventAnnouncer announcer)
{
    // What was told to this inbox already (its queue was lost, it was tried again) is not told again.
    internal const string Untold = """
        SELECT d.id, p.business, p.sender_code, p.subject, p.code_number, p.code_notation, p.promulgated_on, p.priority,
            p.size, p.received_at
        FROM delivery d CROSS JOIN LATERAL (
            SELECT * FROM package p WHERE p.id = d.package_id AND p.id >= $2 AND p.id < $3 OFFSET 0
        ) AS p
        WHERE d.id = ANY($1) AND d.state = 'dispatched' AND d.announced_to IS DISTINCT FROM d.office_system_id
        """;

    internal bool IsAskedBy(string officeSystemId) =>
        registry.Current.OfficeSystem(officeSystemId)?.AnnouncesArrivals == true;

    /// <summary>What to tell of deliveries that are in an HTTP inbox with their acceptance.</summary>
    internal List<PlannedEvent> PlanOf(IReadOnlyList<DocumentAcceptance> documents)
    {
        var planned = new List<PlannedEvent>();
        foreach (var document in documents)
        {
            foreach (var accepted in document.Deliveries)
            {
                if (
                    accepted.State == "dispatched"
                    && accepted.Plan.OfficeSystem is { AnnouncesArrivals: true }
                )
                {
                    announcer.PlanArrival(
                        planned,
                        DeliveryOf(document, accepted),
                        LetterOf(document),
                        document.ReceivedAt
                    );
                }
            }
        }
        return planned;
    }

    /// <summary>
    /// Writes what is to be told of deliveries that this transaction moved; returns it, to be announced after the commit.
    /// Those that are in no inbox, or of which this inbox was told, are passed over.
    /// </summary>
    internal async Task<List<PlannedEvent>> WriteAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<Guid> deliveries,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var planned = new List<PlannedEvent>();
        if (deliveries.Count == 0)
        {
            return planned;
        }
        var letters = await UntoldAsync(connection, deliveries, cancellationToken);
        // Held already; this reads what the events say, and how many came before.
        var held = await DeliveryLocks.TakeAsync(connection, letters.Keys, cancellationToken);
        foreach (var delivery in held.Values.OrderBy(one => one.Id))
        {
            var letter = letters[delivery.Id] with { SenderName = NameOf(delivery.SenderAgencyId) };
            announcer.PlanArrival(planned, delivery, letter, at);
        }
        if (planned.Count > 0)
        {
            await using var batch = new NpgsqlBatch(connection);
            batch.BatchCommands.Add(announcer.WriteOfArrivals(planned));
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        return planned;
    }

    internal NpgsqlBatchCommand WriteOf(IReadOnlyList<PlannedEvent> planned) =>
        announcer.WriteOfArrivals(planned);

    internal void Announce(IEnumerable<PlannedEvent> planned) => announcer.Announce(planned);

    private static async Task<Dictionary<Guid, InboxLetter>> UntoldAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<Guid> deliveries,
        CancellationToken cancellationToken
    )
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (range, ids) in IdDays.Group(deliveries))
        {
            var command = new NpgsqlBatchCommand(Untold);
            command.Parameters.Add(new() { Value = ids });
            command.Parameters.Add(new() { Value = range.From });
            command.Parameters.Add(new() { Value = range.Before });
            batch.BatchCommands.Add(command);
        }
        var letters = new Dictionary<Guid, InboxLetter>();
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        do
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                letters.Add(
                    reader.GetGuid(0),
                    new InboxLetter(
                        BusinessNames.Of((BusinessType)reader.GetInt16(1)),
                        reader.GetString(2),
                        null,
                        reader.GetString(3),
                        reader.GetString(4),
                        reader.GetString(5),
                        await reader.IsDBNullAsync(6, cancellationToken)
                            ? null
                            : reader.GetFieldValue<DateOnly>(6),
                        reader.GetInt16(7),
                        reader.GetInt64(8),
                        reader.GetFieldValue<DateTimeOffset>(9)
                    )
                );
            }
        } while (await reader.NextResultAsync(cancellationToken));
        return letters;
    }

    private static LockedDelivery DeliveryOf(
        DocumentAcceptance document,
        AcceptedDelivery accepted
    ) =>
        new()
        {
            Id = accepted.Id,
            PackageId = document.PackageId,
            DocumentId = document.Document.Header.DocumentId!,
            SenderAgencyId = document.Document.Sender.Id,
            RecipientAgencyId = accepted.Plan.Recipient.Id,
            RecipientCode = accepted.Plan.RecipientCode,
            OfficeSystemId = accepted.Plan.OfficeSystem!.Id,
            Position = new Position(accepted.State, null, accepted.Dialogue),
            EventCount = 0,
            SentBy = document.OfficeSystemId,
            Substitution = accepted.Plan.Substitution,
            Signature = Trust.VerdictNames.Of(document.Document.Signatures.Envelope.Kind),
            DocumentVerdict = document.DocumentVerdict,
        };

    private InboxLetter LetterOf(DocumentAcceptance document)
    {
        var header = document.Document.Header;
        return new InboxLetter(
            BusinessNames.Of(header.Business.Type),
            header.From.Code!.Value.Value,
            NameOf(document.Document.Sender.Id),
            header.Subject ?? "",
            header.CodeNumber ?? "",
            header.CodeNotation ?? "",
            header.PromulgationDate?.Date,
            Priorities.Of(header),
            document.Size,
            // To the microsecond, as the inbox shows it.
            document.ReceivedAt.AddTicks(
                -(document.ReceivedAt.Ticks % TimeSpan.TicksPerMicrosecond)
            )
        );
    }

    private string? NameOf(Guid agency) => registry.Current.AgencyById(agency)?.Name;
}
