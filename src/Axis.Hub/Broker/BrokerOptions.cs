using System.ComponentModel.DataAnnotations;

namespace Axis.Hub.Broker;

public sealed class BrokerOptions
{
    public const string Section = "Broker";

    /// <summary>amqp(s)://user:password@host:port/vhost of the hub's own account.</summary>
    public Uri? Uri { get; set; }

    /// <summary>The nodes of a cluster, each as <see cref="Uri"/> is. The hub uses one of them, and the next when it fails.</summary>
    public IReadOnlyList<Uri> Uris { get; set; } = [];

    /// <summary>Where the broker is, in the order in which it is tried.</summary>
    public IReadOnlyList<Uri> Addresses =>
        Uri is null ? Uris : [Uri, .. Uris.Where(other => other != Uri)];

    /// <summary>
    /// RabbitMQ's management API, http(s)://user:password@host:port/. The tag monitoring is enough for the doctor; with an
    /// administrator's account the hub also closes the connections of office systems that are locked. Without it those
    /// stay open, and policies, alarms and the broker's clock are not looked at.
    /// </summary>
    public Uri? ManagementUri { get; set; }

    /// <summary>How long a publish may wait for the broker's confirm before its channel is given up.</summary>
    public TimeSpan ConfirmTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Longer than deleting a queue and making it anew takes; the delete itself is given up after half of it. Then any node
    /// goes on with what the one who began it has left.
    /// </summary>
    public TimeSpan ReplacementLease => ConfirmTimeout * 4;

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
