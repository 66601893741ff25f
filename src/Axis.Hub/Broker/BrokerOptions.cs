using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Broker;

public sealed class BrokerOptions
{
    public const string Section = "Broker";

    /// <summary>amqp(s)://user:password@host:port/vhost of the hub's own account.</summary>
    [Required]
    public Uri? Uri { get; set; }

    /// <summary>How long a publish may wait for the broker's confirm before its channel is given up.</summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Submissions that the broker hands to this node before the first is answered. Their bodies are in memory, twice
    /// at worst: this many times the largest package.
    /// </summary>
    [Range(1, 4096)]
    public int SubmissionPrefetch { get; set; } = 64;

    /// <summary>Times a submission may come back unanswered before it is set aside on the dead letter queue.</summary>
    [Range(1, 1000)]
    public int SubmissionDeliveryLimit { get; set; } = 20;
}
