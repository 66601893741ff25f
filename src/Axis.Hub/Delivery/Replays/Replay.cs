namespace Axis.Hub.Delivery.Replays;

/// <summary>Which failed deliveries an operator means; a member that is null does not narrow.</summary>
public sealed record ReplayScope(
    string? Failure,
    string? Route,
    string? OfficeSystem,
    Guid? DeliveryId
);

/// <summary>How fast: either so many a second, or batches that each wait for the one before.</summary>
public sealed record ReplayPace(int? PerSecond, int[]? Batches)
{
    public const int DefaultPerSecond = 100;
    public const int MaxPerSecond = 1000;
    public const int MaxBatch = 1000;
    public const int MaxBatches = 20;

    public static ReplayPace Default { get; } = new(DefaultPerSecond, null);

    public bool IsValid =>
        (PerSecond, Batches) switch
        {
            (>= 1 and <= MaxPerSecond, null) => true,
            (null, { Length: >= 1 and <= MaxBatches } sizes) => sizes.All(size =>
                size is >= 1 and <= MaxBatch
            ),
            _ => false,
        };
}

/// <summary>An order to try failed deliveries again, and how far it got.</summary>
/// <param name="Total">Deliveries it meant when it was given.</param>
/// <param name="Released">Made waiting again so far; the three that follow say what became of these.</param>
/// <param name="Delivered">In an inbox, or further.</param>
/// <param name="FailedAgain">Given up once more.</param>
/// <param name="NextAt">When the next step is due, while it runs.</param>
public sealed record Replay(
    Guid ReplayId,
    DateTimeOffset RequestedAt,
    string RequestedBy,
    string? Failure,
    string? Route,
    string? OfficeSystem,
    Guid? DeliveryId,
    int? PerSecond,
    int[]? Batches,
    string State,
    string? Reason,
    int Total,
    int Released,
    long Waiting,
    long Delivered,
    long FailedAgain,
    DateTimeOffset? NextAt
);
