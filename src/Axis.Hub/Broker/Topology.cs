using RabbitMQ.Client;

namespace Axis.Hub.Broker;

/// <summary>
/// The names on the broker and the only place that declares them. All queues are quorum queues: replicated on a
/// cluster, synced to disk before the confirm.
/// </summary>
public static class Topology
{
    public const string SubmitExchange = "axis.submit";
    public const string Submissions = "axis.submissions";
    public const string DeadSubmissions = "axis.submissions.dead";

    /// <summary>Takes submissions that are over their rate, with their own routing keys.</summary>
    public const string LaterExchange = "axis.later";

    /// <summary>Where they wait for <see cref="LaterMilliseconds"/> before they come back through the front door.</summary>
    public const string LaterSubmissions = "axis.submissions.later";

    private const int LaterMilliseconds = 5_000;

    /// <summary>Asked whether quorum queues take messages at all; holds one message and goes when nobody asks.</summary>
    public const string Examination = "axis.examination";

    private const int ExaminationMilliseconds = 600_000;

    /// <summary>Takes submissions that are over the day's quota, with their own routing keys.</summary>
    public const string OverQuotaExchange = "axis.over-quota";

    /// <summary>
    /// Where they wait before they come back to be looked at again. Each message says how long, so that the pause can be
    /// set without making the queue anew; apart from those of <see cref="LaterSubmissions"/>, which wait far less.
    /// </summary>
    public const string OverQuotaSubmissions = "axis.submissions.over-quota";

    public const string SubmitPrefix = "submit.";
    public const string AckPrefix = "ack.";

    public static string Inbox(string officeSystemId, bool urgent) =>
        urgent ? $"axis.inbox.{officeSystemId}.urgent" : $"axis.inbox.{officeSystemId}";

    public static string Events(string officeSystemId) => $"axis.events.{officeSystemId}";

    public static string QueueOf(string officeSystemId, QueueUse use) =>
        use == QueueUse.Events
            ? Events(officeSystemId)
            : Inbox(officeSystemId, urgent: use == QueueUse.UrgentInbox);

    /// <summary>Whose queue it is, by its name; null for the hub's own and for queues that are none of ours.</summary>
    public static string? OfficeSystemOf(string queue)
    {
        const string Inboxes = "axis.inbox.";
        const string Urgent = ".urgent";
        const string EventQueues = "axis.events.";
        if (queue.StartsWith(EventQueues, StringComparison.Ordinal))
        {
            return queue[EventQueues.Length..];
        }
        if (!queue.StartsWith(Inboxes, StringComparison.Ordinal))
        {
            return null;
        }
        return queue.EndsWith(Urgent, StringComparison.Ordinal)
            ? queue[Inboxes.Length..^Urgent.Length]
            : queue[Inboxes.Length..];
    }

    /// <summary>What a queue of an office system is for, by its name.</summary>
    public static QueueUse UseOf(string officeSystemId, string queue) =>
        queue == Events(officeSystemId) ? QueueUse.Events
        : queue == Inbox(officeSystemId, urgent: true) ? QueueUse.UrgentInbox
        : QueueUse.Inbox;

    internal static Task DeclareExaminationAsync(
        IChannel channel,
        CancellationToken cancellationToken
    ) =>
        DeclareQuorumAsync(
            channel,
            Examination,
            new() { ["x-max-length"] = 1, ["x-expires"] = ExaminationMilliseconds },
            cancellationToken
        );

    internal static async Task DeclareHubAsync(
        IChannel channel,
        int deliveryLimit,
        CancellationToken cancellationToken
    )
    {
        await channel.ExchangeDeclareAsync(
            SubmitExchange,
            ExchangeType.Topic,
            durable: true,
            autoDelete: false,
            cancellationToken: cancellationToken
        );
        await DeclareQuorumAsync(channel, DeadSubmissions, [], cancellationToken);
        await DeclareQuorumAsync(
            channel,
            Submissions,
            new()
            {
                ["x-delivery-limit"] = deliveryLimit,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = DeadSubmissions,
                // At-least-once dead lettering needs reject-publish: a full queue refuses instead of dropping.
                ["x-dead-letter-strategy"] = "at-least-once",
                ["x-overflow"] = "reject-publish",
            },
            cancellationToken
        );
        await DeclareWaitingAsync(
            channel,
            LaterExchange,
            LaterSubmissions,
            new() { ["x-message-ttl"] = LaterMilliseconds },
            cancellationToken
        );
        await DeclareWaitingAsync(
            channel,
            OverQuotaExchange,
            OverQuotaSubmissions,
            [],
            cancellationToken
        );
        foreach (var pattern in (string[])[SubmitPrefix + "#", AckPrefix + "#"])
        {
            await channel.QueueBindAsync(
                Submissions,
                SubmitExchange,
                pattern,
                cancellationToken: cancellationToken
            );
        }
    }

    internal static Task DeclareOfficeQueueAsync(
        IChannel channel,
        string officeSystemId,
        QueueUse use,
        CancellationToken cancellationToken
    ) => DeclareQuorumAsync(channel, QueueOf(officeSystemId, use), [], cancellationToken);

    private static async Task DeclareWaitingAsync(
        IChannel channel,
        string exchange,
        string queue,
        Dictionary<string, object?> arguments,
        CancellationToken cancellationToken
    )
    {
        await channel.ExchangeDeclareAsync(
            exchange,
            ExchangeType.Fanout,
            durable: true,
            autoDelete: false,
            cancellationToken: cancellationToken
        );
        // With its own routing key, so that it is still known whose it is.
        arguments["x-dead-letter-exchange"] = SubmitExchange;
        arguments["x-dead-letter-strategy"] = "at-least-once";
        arguments["x-overflow"] = "reject-publish";
        await DeclareQuorumAsync(channel, queue, arguments, cancellationToken);
        await channel.QueueBindAsync(queue, exchange, "", cancellationToken: cancellationToken);
    }

    private static Task DeclareQuorumAsync(
        IChannel channel,
        string name,
        Dictionary<string, object?> arguments,
        CancellationToken cancellationToken
    )
    {
        arguments["x-queue-type"] = "quorum";
        return channel.QueueDeclareAsync(
            name,
            durable: true,
            exclusive: false,
            autoDelete: false,
            arguments: arguments,
            cancellationToken: cancellationToken
        );
    }
}
