namespace Axis.Hub.Broker;

/// <summary>What the hub puts on one queue. Always persistent, always mandatory.</summary>
public sealed record OutgoingMessage(
    string Queue,
    string MessageId,
    string Type,
    string ContentType,
    ReadOnlyMemory<byte> Body,
    string? CorrelationId = null,
    IReadOnlyDictionary<string, object?>? Headers = null
)
{
    /// <summary>Null: to <see cref="Queue"/> itself. Otherwise that is the routing key.</summary>
    public string? Exchange { get; init; }

    /// <summary>How long it may lie on its queue; null: as long as the queue says.</summary>
    public TimeSpan? Expiration { get; init; }
}

/// <summary>What an office system published to the hub. <see cref="Body"/> is valid until the handler returns.</summary>
public sealed record IncomingMessage(
    string RoutingKey,
    string? MessageId,
    ReadOnlyMemory<byte> Body,
    bool Redelivered
)
{
    /// <summary>As the sender wrote them; nothing in them is to be trusted.</summary>
    public IReadOnlyDictionary<string, object?> Headers { get; init; } =
        new Dictionary<string, object?>();

    /// <summary>
    /// How often it was handed out before and came back; the broker counts. A sender who counts for himself only hears
    /// earlier that the hub has failed.
    /// </summary>
    public long TimesPutBack =>
        Headers.TryGetValue("x-delivery-count", out var count)
            ? count switch
            {
                long times => times,
                int times => times,
                _ => 0,
            }
            : 0;
}

/// <summary>What became of a message; the handler never acknowledges itself.</summary>
public enum Disposition
{
    /// <summary>Done with: take it off the queue.</summary>
    Done,

    /// <summary>Could not be handled now: put it back.</summary>
    PutBack,
}

/// <summary>What became of one publish.</summary>
public abstract record PublishResult
{
    private PublishResult() { }

    /// <summary>The broker confirmed: on disk of a majority.</summary>
    public sealed record Confirmed : PublishResult;

    /// <summary>The queue does not exist; declare it and publish again.</summary>
    public sealed record NoSuchQueue : PublishResult;

    /// <summary>The broker refused it for its queue (nack): full, without a majority, forbidden by a policy.</summary>
    public sealed record Refused(string Reason) : PublishResult;

    /// <summary>No confirm in time while the broker was well: this queue does not answer.</summary>
    public sealed record Unanswered(string Reason) : PublishResult;

    /// <summary>
    /// The way to the broker broke. Not known to have arrived: publish again, repeats are told apart by message id.
    /// </summary>
    public sealed record Lost(string Reason) : PublishResult;
}
