using Axis.Hub.Delivery;
using Axis.Hub.Events;
using Axis.Hub.National;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Statuses;

/// <summary>An event as it will be a row: for whom, through which door.</summary>
internal sealed record PlannedEvent(
    EventRow Row,
    Door Door,
    DateTimeOffset At,
    LockedDelivery Delivery,
    int Sequence,
    Guid? ReportId
);

/// <summary>
/// Turns changes of deliveries into events for the office systems of their two sides: rows in the transaction of the
/// change, and after its commit a word to the queue or the long polls.
/// </summary>
public sealed class EventAnnouncer(
    RegistryCache registry,
    EventDispatcher events,
    InboxSignal inboxes,
    EventBell bell,
    FarAxes axes,
    TimeOrderedIds ids
)
{
    private const string Insert = """
        INSERT INTO event (id, office_system_id, type, at, delivery_id, report_id, body, state, next_attempt_at,
            sequence, package_id, sender_agency_id, recipient_agency_id)
        SELECT e.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            AS e (id, office_system_id, type, at, delivery_id, report_id, body, state, next_attempt_at,
            sequence, package_id, sender_agency_id, recipient_agency_id)
        """;

    // A delivery that is not there was not accepted after all: its document was a repeat.
    internal const string InsertArrivals = $"""
        WITH told AS (
            UPDATE delivery d SET event_count = n.sequence, announced_to = d.office_system_id
            FROM unnest($5, $10) AS n (id, sequence) WHERE d.id = n.id AND d.id = ANY($5)
            RETURNING d.id
        )
        {Insert} JOIN told ON told.id = e.delivery_id
        """;

    private const string Count = """
        UPDATE delivery d SET event_count = c.events FROM unnest($1, $2) AS c (id, events) WHERE d.id = c.id
        """;

    /// <summary>Draws the sequence numbers; the rows of the deliveries must be held, and saved after it.</summary>
    internal List<PlannedEvent> Plan(IEnumerable<LifeChange> changes)
    {
        var planned = new List<PlannedEvent>();
        foreach (var change in changes)
        {
            if (EventTypes.Of(change) is not { } type)
            {
                continue;
            }
            var delivery = change.Delivery;
            var (cause, reported) = (change.Cause, change.Cause.Code is not null);
            var data = DataOf(delivery, change.After) with
            {
                Status = cause.Code,
                StatusName = reported ? StatusNames.Of(cause.Code!) : null,
                Description = cause.Detail,
                ReportedAt = cause.ReportedAt,
                Outcome = reported ? OutcomeNames.Of(change.Outcome) : null,
                StatusPackage = cause.StatusPackage,
                ActPackageId = cause.ActPackageId,
                ActDocumentId = cause.ActDocumentId,
            };
            PlanFor(
                planned,
                delivery,
                type,
                EventTypes.ListenersOf(type, change),
                cause.At,
                data,
                cause.ReportId
            );
        }
        return planned;
    }

    internal void PlanReminder(
        List<PlannedEvent> planned,
        LockedDelivery delivery,
        int reminder,
        string? reason,
        DateTimeOffset at
    ) =>
        PlanFor(
            planned,
            delivery,
            EventTypes.RecallReminder,
            EventTypes.RecallReminder.To,
            at,
            DataOf(delivery, delivery.Position) with
            {
                Description = reason,
                Reminder = reminder,
            },
            null
        );

    internal void PlanSubstitution(
        List<PlannedEvent> planned,
        LockedDelivery delivery,
        DateTimeOffset at
    ) =>
        PlanFor(
            planned,
            delivery,
            EventTypes.Substituted,
            EventTypes.Substituted.To,
            at,
            DataOf(delivery, delivery.Position),
            null
        );

    internal void PlanDeadline(
        List<PlannedEvent> planned,
        LockedDelivery delivery,
        EventType type,
        DeadlineNews news,
        DateTimeOffset at
    ) =>
        PlanFor(
            planned,
            delivery,
            type,
            type.To,
            at,
            DataOf(delivery, delivery.Position) with
            {
                Deadline = news.Kind,
                DueAt = news.DueAt,
                AskedUntil = news.AskedUntil,
                Granted = news.Granted,
                Description = news.Words,
            },
            null
        );

    internal void PlanArrival(
        List<PlannedEvent> planned,
        LockedDelivery delivery,
        InboxLetter letter,
        DateTimeOffset at
    ) =>
        PlanFor(
            planned,
            delivery,
            EventTypes.Dispatched,
            EventTypes.Dispatched.To,
            at,
            DataOf(delivery, delivery.Position) with
            {
                Letter = letter,
            },
            null
        );

    /// <summary>Writes events of letters in an inbox, and that its office system was told.</summary>
    internal NpgsqlBatchCommand WriteOfArrivals(IReadOnlyList<PlannedEvent> planned)
    {
        var command = new NpgsqlBatchCommand(InsertArrivals);
        Bind(command.Parameters, planned);
        return command;
    }

    internal async Task WriteAsync(
        NpgsqlConnection connection,
        IReadOnlyList<PlannedEvent> planned,
        CancellationToken cancellationToken
    )
    {
        if (planned.Count == 0)
        {
            return;
        }
        await using var command = new NpgsqlCommand(Insert, connection);
        Bind(command.Parameters, planned);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<PlannedEvent> planned)
    {
        const NpgsqlDbType Array = NpgsqlDbType.Array;
        Add(NpgsqlDbType.Uuid, planned.Select(one => one.Row.Id));
        Add(NpgsqlDbType.Text, planned.Select(one => one.Row.OfficeSystemId));
        Add(NpgsqlDbType.Text, planned.Select(one => one.Row.Type));
        Add(NpgsqlDbType.TimestampTz, planned.Select(one => one.At));
        Add(NpgsqlDbType.Uuid, planned.Select(one => one.Delivery.Id));
        Add(NpgsqlDbType.Uuid, planned.Select(one => one.ReportId));
        Add(NpgsqlDbType.Json, planned.Select(one => one.Row.Body));
        Add(NpgsqlDbType.Text, planned.Select(one => one.Door == Door.Amqp ? "waiting" : "listed"));
        Add(
            NpgsqlDbType.TimestampTz,
            planned.Select(one =>
                one.Door == Door.Amqp ? one.At + events.FirstLease : (DateTimeOffset?)null
            )
        );
        Add(NpgsqlDbType.Integer, planned.Select(one => one.Sequence));
        Add(NpgsqlDbType.Uuid, planned.Select(one => one.Delivery.PackageId));
        Add(NpgsqlDbType.Uuid, planned.Select(one => one.Delivery.SenderAgencyId));
        Add(NpgsqlDbType.Uuid, planned.Select(one => one.Delivery.RecipientAgencyId));

        void Add<T>(NpgsqlDbType type, IEnumerable<T> values) =>
            parameters.Add(
                new NpgsqlParameter { NpgsqlDbType = Array | type, Value = values.ToArray() }
            );
    }

    /// <summary>
    /// Writes events of deliveries that nothing else moves, and how many each has had; the rows must be held.
    /// </summary>
    internal async Task WriteAloneAsync(
        NpgsqlConnection connection,
        IReadOnlyList<PlannedEvent> planned,
        CancellationToken cancellationToken
    )
    {
        var told = planned.Select(one => one.Delivery).Distinct().ToArray();
        await using (var count = new NpgsqlCommand(Count, connection))
        {
            count.Parameters.Add(new() { Value = told.Select(one => one.Id).ToArray() });
            count.Parameters.Add(new() { Value = told.Select(one => one.EventCount).ToArray() });
            await count.ExecuteNonQueryAsync(cancellationToken);
        }
        await WriteAsync(connection, planned, cancellationToken);
    }

    /// <summary>After the commit, and only as a short cut: what is lost here is found by the recovery poll.</summary>
    internal void Announce(IEnumerable<PlannedEvent> planned)
    {
        foreach (var one in planned)
        {
            if (one.Door == Door.Amqp)
            {
                events.Offer(one.Row);
            }
            else
            {
                inboxes.Ring(one.Row.OfficeSystemId);
            }
            bell.Ring();
        }
    }

    private void PlanFor(
        List<PlannedEvent> planned,
        LockedDelivery delivery,
        EventType type,
        Audience listeners,
        DateTimeOffset at,
        DeliveryEventData data,
        Guid? reportId
    )
    {
        var snapshot = registry.Current;
        foreach (var side in (Audience[])[Audience.Sender, Audience.Recipient])
        {
            if (
                !listeners.HasFlag(side)
                || ListenerOf(delivery, side, snapshot, at) is not { } officeSystem
            )
            {
                continue;
            }
            var id = ids.Next();
            var body = CloudEvent.Of(type, id, at, ++delivery.EventCount, data);
            planned.Add(
                new PlannedEvent(
                    new EventRow(id, officeSystem.Id, type.Name, body.ToJson(), 0),
                    officeSystem.InboxDoor,
                    at,
                    delivery,
                    delivery.EventCount,
                    reportId
                )
            );
        }
    }

    /// <summary>
    /// The office system of a side as it stands today. A recipient whose letter lies in an inbox hears of it there.
    /// Nobody speaks for the sender any more: the news goes to the office system that sent the letter. What is national
    /// hears of it through its axis.
    /// </summary>
    private OfficeSystem? ListenerOf(
        LockedDelivery delivery,
        Audience side,
        RegistrySnapshot snapshot,
        DateTimeOffset at
    )
    {
        if (side == Audience.Recipient)
        {
            return delivery.OfficeSystemId is { } inbox
                ? snapshot.OfficeSystem(inbox)
                : snapshot.OfficeSystemFor(delivery.RecipientAgencyId, at)
                    ?? axes.ListenerFor(delivery.RecipientAgencyId, snapshot);
        }
        return snapshot.OfficeSystemFor(delivery.SenderAgencyId, at)
            ?? (
                snapshot.AgencyById(delivery.SenderAgencyId)?.Reach == AgencyReach.Province
                    ? snapshot.OfficeSystem(delivery.SentBy)
                    : axes.ListenerFor(delivery.SenderAgencyId, snapshot)
            );
    }

    private DeliveryEventData DataOf(LockedDelivery delivery, Position position) =>
        new(
            delivery.Id,
            delivery.PackageId,
            delivery.DocumentId,
            delivery.RecipientCode,
            registry.Current.AgencyById(delivery.RecipientAgencyId)?.PrimaryCode
                ?? delivery.RecipientCode,
            StageNames.Of(position.Stage),
            Substitution: delivery.Substitution,
            Signature: delivery.Signature,
            DocumentVerdict: delivery.DocumentVerdict
        );
}
