using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Events;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>
/// The events of an event queue that is gone. Nobody acknowledges an event taken from a queue, so the hub cannot know
/// which of them were read: all of the last day are sent again, and the office system knows them by their ids.
/// </summary>
/// <remarks>
/// They are found by the feed, whose index knows whose they are; the events of everybody else cost nothing. What is not
/// in the feed yet is looked for first: it may get its place meanwhile, never lose it.
/// </remarks>
public sealed class LostEvents(
    NpgsqlDataSource database,
    RegistryCache registry,
    IOptions<DeliveryOptions> options,
    TimeProvider clock
) : IQueueContent
{
    private const int Portion = 2000;

    internal const string NotNumbered = """
        SELECT id FROM event
        WHERE xid >= (SELECT xid FROM event_feed_head) AND office_system_id = $1 AND id > $2
        ORDER BY id LIMIT $3
        """;

    internal const string Numbered = """
        SELECT event_id, position FROM event_feed
        WHERE office_system_id = $1 AND position > $2
        ORDER BY position LIMIT $3
        """;

    // Locked in the order of their ids, as everybody does. In an array the planner cannot see to which month ids belong;
    // with their bounds it passes by all others.
    internal const string PutBack = """
        WITH lost AS (
            SELECT id FROM event
            WHERE id = ANY($1) AND id BETWEEN $2 AND $3 AND state = 'taken' AND id >= uuid7_floor($4)
            ORDER BY id FOR UPDATE
        )
        UPDATE event e SET state = 'waiting', next_attempt_at = $5
        FROM lost WHERE e.id = lost.id AND e.id BETWEEN $2 AND $3
        """;

    public async Task<int> PutBackAsync(
        string officeSystemId,
        QueueUse use,
        Span marked,
        CancellationToken cancellationToken
    )
    {
        if (
            use != QueueUse.Events
            || registry.Current.OfficeSystem(officeSystemId) is not { InboxDoor: Door.Amqp }
        )
        {
            return 0;
        }
        // When an event was put on its queue is not written down, so it is the whole day at every look.
        var earliest = clock.GetUtcNow() - options.Value.EventsSentAgain;
        return await NotNumberedAsync(officeSystemId, earliest, cancellationToken)
            + await NumberedAsync(officeSystemId, earliest, cancellationToken);
    }

    private async Task<int> NotNumberedAsync(
        string officeSystemId,
        DateTimeOffset earliest,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        var last = Guid.Empty;
        while (true)
        {
            var found = new List<Guid>();
            await using (var command = database.CreateCommand(NotNumbered))
            {
                command.Parameters.Add(new() { Value = officeSystemId });
                command.Parameters.Add(new() { Value = last });
                command.Parameters.Add(new() { Value = Portion });
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(reader.GetGuid(0));
                }
            }
            count += await PutBackAsync(found, earliest, cancellationToken);
            if (found.Count < Portion)
            {
                return count;
            }
            last = found[^1];
        }
    }

    private async Task<int> NumberedAsync(
        string officeSystemId,
        DateTimeOffset earliest,
        CancellationToken cancellationToken
    )
    {
        var count = 0;
        // An event gets its place after it arose; the hour is for clocks that differ.
        var position = FeedPosition
            .BeforeDay(FeedPosition.DayOf(earliest - TimeSpan.FromHours(1)))
            .Value;
        while (true)
        {
            var found = new List<Guid>();
            await using (var command = database.CreateCommand(Numbered))
            {
                command.Parameters.Add(new() { Value = officeSystemId });
                command.Parameters.Add(new() { Value = position });
                command.Parameters.Add(new() { Value = Portion });
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    found.Add(reader.GetGuid(0));
                    position = reader.GetInt64(1);
                }
            }
            count += await PutBackAsync(found, earliest, cancellationToken);
            if (found.Count < Portion)
            {
                return count;
            }
        }
    }

    private async Task<int> PutBackAsync(
        List<Guid> found,
        DateTimeOffset earliest,
        CancellationToken cancellationToken
    )
    {
        if (found.Count == 0)
        {
            return 0;
        }
        await using var command = database.CreateCommand(PutBack);
        command.Parameters.Add(new() { Value = found.ToArray() });
        command.Parameters.Add(new() { Value = found.Min() });
        command.Parameters.Add(new() { Value = found.Max() });
        command.Parameters.Add(new() { Value = earliest });
        command.Parameters.Add(new() { Value = clock.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
