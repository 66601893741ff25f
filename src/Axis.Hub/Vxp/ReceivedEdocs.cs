using Axis.Hub.Access;
using Axis.Hub.Delivery;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Axis.Vxp;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Vxp;

/// <summary>Bytes that a client fetches.</summary>
public sealed record EdocContent(Stream Stream, long Size) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}

/// <summary>
/// The inbox as clients of the SDK see it. Its documents are the deliveries of the same inbox that the HTTP door lists,
/// under the delivery's id; its statuses are the events that carry a status package, under the event's id. Every query
/// carries the office system's id.
/// </summary>
public sealed class ReceivedEdocs(
    NpgsqlDataSource database,
    InboxStore inbox,
    EventStore events,
    PickupNotes pickups,
    PayloadStore payloads,
    HubMetrics metrics,
    IOptions<VxpOptions> options
)
{
    /// <summary>Counting goes no further: it must not cost more the more there is.</summary>
    private const int MaxCount = 100_000;

    // An event without a status package is never taken by this door; the index event_listed_report leaves it out.
    internal const string Statuses = """
        SELECT e.id, e.at, r.from_code, r.status,
            CASE WHEN r.from_agency_id = d.sender_agency_id THEN d.recipient_code ELSE p.sender_code END, e.pickup
        FROM event e
        JOIN status_report r ON r.id = e.report_id
        JOIN delivery d ON d.id = e.delivery_id
        JOIN package p ON p.id = d.package_id
        WHERE e.office_system_id = $1 AND e.state = 'listed' AND e.report_id IS NOT NULL
        ORDER BY e.id
        LIMIT $2
        """;

    // As in InboxStore.ListOfDays.
    internal static readonly string StatusesOfDays = Statuses.Replace(
        "ORDER BY",
        "AND e.id >= $5 AND e.id < $6 AND e.at >= $3 AND e.at < $4 ORDER BY",
        StringComparison.Ordinal
    );

    internal const string CountedStatuses = """
        SELECT 1 FROM event
        WHERE office_system_id = $1 AND state = 'listed' AND report_id IS NOT NULL LIMIT $2
        """;

    /// <param name="days">When it arrived; null: whenever.</param>
    public async Task<IReadOnlyList<ReceivedItem>> DocumentsAsync(
        Collects collects,
        ArrivalDays? days,
        CancellationToken cancellationToken
    ) =>
        [
            .. (
                await inbox.ListAsync(collects, options.Value.MaxListItems, days, cancellationToken)
            ).Select(item => new ReceivedItem(
                item.DeliveryId.ToString(),
                VxpValue.EDoc,
                VxpValue.MessageEdoc,
                VxpWords.Time(item.ReceivedAt),
                VxpWords.Time(item.ChangedAt),
                item.Sender,
                item.Recipient,
                item.Pickup ?? VxpValue.Initial,
                VxpWords.Pickup(item.Pickup)
            )),
        ];

    /// <param name="days">When it came about; null: whenever.</param>
    public async Task<IReadOnlyList<ReceivedItem>> StatusesAsync(
        Collects collects,
        ArrivalDays? days,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(days is null ? Statuses : StatusesOfDays);
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        command.Parameters.Add(new() { Value = options.Value.MaxListItems });
        if (days is not null)
        {
            command.Parameters.Add(new() { Value = days.From });
            command.Parameters.Add(new() { Value = days.Before });
            command.Parameters.Add(new() { Value = days.Ids.From });
            command.Parameters.Add(new() { Value = days.Ids.Before });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var items = new List<ReceivedItem>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var at = VxpWords.Time(reader.GetFieldValue<DateTimeOffset>(1));
            var pickup = await reader.IsDBNullAsync(5, cancellationToken)
                ? null
                : reader.GetString(5);
            items.Add(
                new ReceivedItem(
                    reader.GetGuid(0).ToString(),
                    VxpValue.EDoc,
                    VxpValue.MessageStatus,
                    at,
                    at,
                    reader.GetString(2),
                    reader.GetString(4),
                    pickup ?? VxpValue.Initial,
                    StatusNames.Of(reader.GetString(3))
                )
            );
        }
        return items;
    }

    public Task<int> CountDocumentsAsync(Collects collects, CancellationToken cancellationToken) =>
        CountAsync(
            "SELECT 1 FROM delivery WHERE office_system_id = $1 AND state = 'dispatched' LIMIT $2",
            collects,
            cancellationToken
        );

    public Task<int> CountStatusesAsync(Collects collects, CancellationToken cancellationToken) =>
        CountAsync(CountedStatuses, collects, cancellationToken);

    /// <summary>
    /// A document's or status' bytes; null when it is not addressed to this office system, or was taken back.
    /// </summary>
    public async Task<EdocContent?> OpenAsync(
        Collects collects,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        if (await inbox.FindContentAsync(collects, id, cancellationToken) is { } stored)
        {
            if (stored.Gone is not null)
            {
                return null;
            }
            var stream =
                await payloads.OpenAsync(stored.PackageId, stored.Sha256, cancellationToken)
                ?? throw new InvalidOperationException(
                    $"Package {stored.PackageId} has no payload"
                );
            return new EdocContent(stream, stored.Size);
        }
        return await events.FindContentAsync(collects, id, cancellationToken) is { } report
            ? new EdocContent(new MemoryStream(report, writable: false), report.Length)
            : null;
    }

    /// <summary>
    /// The transport acknowledgement: done takes it off the list; fail and processing leave it there, with a note. Null
    /// when it was taken, else why not. A repeat is taken like the first.
    /// </summary>
    public async Task<ErrorItem?> UpdateAsync(
        Collects collects,
        Door door,
        Guid id,
        string status,
        string? description,
        CancellationToken cancellationToken
    )
    {
        var isMine = status switch
        {
            VxpValue.Done => await TakeAsync(collects, door, id, cancellationToken),
            _ => await pickups.NoteAsync(collects, id, status, description, cancellationToken),
        };
        return isMine
            ? null
            : RequestErrors.NotFound.At(VxpParameter.DocId, id.ToString(), Words.Document);
    }

    private async Task<bool> TakeAsync(
        Collects collects,
        Door door,
        Guid id,
        CancellationToken cancellationToken
    )
    {
        var mine = await inbox.AcknowledgeAsync(collects, [id], door, cancellationToken);
        if (mine.TryGetValue(id, out var gone))
        {
            // What was taken back is as if it had never been on the list.
            if (gone is null)
            {
                metrics.DeliveriesCollected(door, 1);
            }
            return gone is null;
        }
        if (!await pickups.IsEventOfAsync(collects, id, cancellationToken))
        {
            return false;
        }
        await events.AcknowledgeAsync(collects, [id], cancellationToken);
        return true;
    }

    private async Task<int> CountAsync(
        string rows,
        Collects collects,
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            $"SELECT count(*)::int FROM ({rows}) AS r"
        );
        command.Parameters.Add(new() { Value = collects.OfficeSystemId });
        command.Parameters.Add(new() { Value = MaxCount });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
