using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Delivery;

public sealed class DeliveryOptions
{
    public const string Section = "Delivery";

    /// <summary>
    /// How long the node that accepted a package has to dispatch it before the recovery poll of any node may take it.
    /// Longer than the broker's confirm time-out, or what is merely slow is sent twice.
    /// </summary>
    public TimeSpan FirstLease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the recovery poll looks for deliveries and events whose lease ran out.</summary>
    public TimeSpan RecoveryInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>First pause after a failed dispatch; it doubles with each attempt.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Attempts after which a delivery whose package cannot be read is set aside as failed, for an operator to look at.
    /// What the broker does not take waits for as long as it takes.
    /// </summary>
    [Range(1, 1000)]
    public int MaxAttempts { get; set; } = 20;

    /// <summary>
    /// Failures in a row after which an inbox is passed by, but for one probe at a time. A queue that does not answer at
    /// all counts as many at once.
    /// </summary>
    [Range(1, 1000)]
    public int BreakerFailures { get; set; } = 3;

    /// <summary>Packages up to this size (bytes) travel in the AMQP message; larger ones as a claim check.</summary>
    [Range(0, 16 * 1024 * 1024)]
    public int InlineMessageBytes { get; set; } = 256 * 1024;

    /// <summary>Messages in one batch of confirmed publishes.</summary>
    [Range(1, 4096)]
    public int BatchMessages { get; set; } = 256;

    /// <summary>Channels that publish at once.</summary>
    [Range(1, 64)]
    public int Publishers { get; set; } = 2;

    /// <summary>How often a look is taken whether the queues of every office system are still there.</summary>
    public TimeSpan QueueLookInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a queue must be seen to have no process, or to answer no publish, before it is deleted and declared
    /// anew. Longer than a queue takes to elect its leader after a start of the broker.
    /// </summary>
    public TimeSpan DeadQueueAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How far back the events of an office system are sent again when its event queue was gone: nobody can say which
    /// of them it had read.
    /// </summary>
    public TimeSpan EventsSentAgain { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Bytes of packages that may wait in memory for dispatch; beyond it the bytes are read again.</summary>
    [Range(0, long.MaxValue)]
    public long WaitingBytes { get; set; } = 64 * 1024 * 1024;
}
