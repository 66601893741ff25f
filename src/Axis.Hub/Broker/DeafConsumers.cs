namespace Axis.Hub.Broker;

/// <summary>Whose consumers listen to a dead queue that was, or is about to be, deleted.</summary>
/// <param name="OfficeSystemId">Null: everybody's, for a queue of the hub itself.</param>
/// <param name="NotedAt">Tells a note from a later one.</param>
public sealed record DeafConsumers(string? OfficeSystemId, DateTimeOffset NotedAt);

/// <summary>
/// Remembers whose connections are still to be closed. RabbitMQ tells a consumer of a dead queue nothing, whatever becomes
/// of the queue, so whoever deletes one notes that before.
/// </summary>
public interface IDeafConsumers
{
    /// <summary>
    /// Committed on return. The one who noted it has <see cref="BrokerOptions.ReplacementLease"/> for it; then any node does it.
    /// </summary>
    Task<DeafConsumers> NoteAsync(string? officeSystemId, CancellationToken cancellationToken);

    /// <summary>Those whose lease has passed, under another one.</summary>
    Task<IReadOnlyList<DeafConsumers>> TakeDueAsync(CancellationToken cancellationToken);

    /// <summary>They were closed. A note that was written meanwhile stays.</summary>
    Task ClosedAsync(DeafConsumers consumers, CancellationToken cancellationToken);
}
