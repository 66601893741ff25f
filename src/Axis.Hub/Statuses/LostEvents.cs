using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Axis.Hub.Registry;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Statuses;

/// <summary>
/// The events of an event queue that is gone. Nobody acknowledges an event taken from a queue, so the hub cannot know
/// which of them were read: all of the last day are sent again, and the office system knows them by their ids.
/// </summary>
public sealed class LostEvents(
    NpgsqlDataSource database,
    RegistryCache registry,
    IOptions<DeliveryOptions> options,
    TimeProvider clock
) : IQueueContent
{
    // The floor on the id keeps the search to the partitions of those days; this runs once per lost queue.
    private const string PutBack = """
        UPDATE event SET state = 'waiting', next_attempt_at = $3
        WHERE office_system_id = $1 AND state = 'taken' AND id >= uuid7_floor($2)
        """;

    public async Task<int> PutBackAsync(
        string officeSystemId,
        QueueUse use,
        DateTimeOffset since,
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
        var now = clock.GetUtcNow();
        var earliest = now - options.Value.EventsSentAgain;
        await using var command = database.CreateCommand(PutBack);
        command.Parameters.Add(new() { Value = officeSystemId });
        command.Parameters.Add(new() { Value = since > earliest ? since : earliest });
        command.Parameters.Add(new() { Value = now });
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
