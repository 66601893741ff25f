namespace Axis.Client;

/// <summary>
/// A queue is consumed again, or is not consumed and why. While it is not, nothing of it comes; the client goes on trying by
/// itself until it is disposed.
/// </summary>
public sealed class ConsumingChangedEventArgs : EventArgs
{
    /// <summary>One of the three queues of the office system.</summary>
    public required string Queue { get; init; }

    public bool IsConsumed => Reason is null;

    /// <summary>
    /// In the broker's words, such as <c>403 ACCESS_REFUSED …</c> for an office system that is locked; null when the queue
    /// is consumed.
    /// </summary>
    public string? Reason { get; init; }

    /// <summary>When the client tries again, from now.</summary>
    public TimeSpan NextTry { get; init; }
}
