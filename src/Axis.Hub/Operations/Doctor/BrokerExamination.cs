using System.Text.Json;
using Axis.Hub.Broker;
using Axis.Hub.Delivery;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations.Doctor;

/// <summary>
/// RabbitMQ: its version, the shape of the queues, and, where the management API is named, the policies and alarms that
/// would make it drop or refuse messages.
/// </summary>
public sealed class BrokerExamination(
    NpgsqlDataSource database,
    BrokerConnection broker,
    BrokerInspection inspection,
    BrokerManagementApi management,
    IOptions<DeliveryOptions> delivery
) : IExamination
{
    private static readonly Version Oldest = new(3, 10);
    private static readonly Version WithDeliveryLimit = new(4, 0);

    /// <summary>By default RabbitMQ 4 takes no larger message.</summary>
    private const int MessageLimitOf4 = 16 * 1024 * 1024;

    // What a policy can do to a queue that loses messages without a trace.
    private static readonly string[] Losing =
    [
        "message-ttl",
        "expires",
        "max-length",
        "max-length-bytes",
    ];

    public string Subject => "rabbitmq";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var addresses = await broker.TryAddressesAsync(cancellationToken);
        if (addresses.All(one => one.Failure is not null))
        {
            return [.. Addresses(addresses)];
        }
        var facts = await inspection.InspectAsync(
            await OfficeSystemsAsync(cancellationToken),
            cancellationToken
        );
        var version = VersionOf(facts.Version);
        List<Finding> findings =
        [
            .. Addresses(addresses),
            VersionFinding(facts, version),
            Shape(facts),
            MessageSize(version),
        ];
        if (!management.IsNamed)
        {
            findings.Add(
                Finding.Warning(
                    "rabbitmq.policies",
                    "not looked at, nor the alarms: the management API is not named",
                    "Set Broker:ManagementUri, with an account that has the tag monitoring."
                )
            );
            return findings;
        }
        try
        {
            var queues = (await management.QueuesAsync(cancellationToken))
                .Where(queue => queue.Name.StartsWith("axis.", StringComparison.Ordinal))
                .ToArray();
            var nodes = await management.NodesAsync(cancellationToken);
            findings.AddRange(Policies(queues, version));
            findings.Add(Members(queues, nodes));
            findings.AddRange(Alarms(nodes));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Its node may be the one that is away, and what was found without it must be said all the same.
            findings.Add(
                Finding.Unsafe(
                    "rabbitmq.management",
                    $"does not answer: {failure.GetBaseException().Message}. Policies, members and alarms were not looked at",
                    "Start the node that Broker:ManagementUri names, or name another one."
                )
            );
        }
        return findings;
    }

    /// <summary>Each node by its address. One that is away is nobody's loss yet; all of them are.</summary>
    public static IEnumerable<Finding> Addresses(
        IReadOnlyCollection<(Uri Address, string? Failure)> addresses
    )
    {
        const string Name = "rabbitmq.addresses";
        foreach (var (address, failure) in addresses.Where(one => one.Failure is not null))
        {
            yield return Finding.Unsafe(
                Name,
                $"{address.Host}:{address.Port} does not answer: {failure}",
                addresses.Count > 1
                    ? "Start that node. The hub uses the others, and a queue takes messages while most of its members are there."
                    : "Start it, or mend its address, name or password in the settings."
            );
        }
        if (addresses.All(one => one.Failure is null))
        {
            yield return Finding.Ok(Name, $"{addresses.Count} answer");
        }
    }

    public static IEnumerable<Finding> Policies(
        IReadOnlyCollection<ManagedQueue> queues,
        Version version
    )
    {
        var wrong = queues
            .SelectMany(queue => WrongWith(queue, version), (queue, why) => $"{queue.Name}: {why}")
            .ToArray();
        if (wrong.Length == 0)
        {
            yield return Finding.Ok("rabbitmq.policies", "none that loses messages");
        }
        foreach (var one in wrong)
        {
            yield return Finding.Unsafe(
                "rabbitmq.policies",
                one,
                "Change the policy: rabbitmqctl list_policies, set_policy. No time to live, no expiry, "
                    + "no length limit unless overflow is reject-publish, delivery-limit -1 for inboxes."
            );
        }
    }

    private static IEnumerable<string> WrongWith(ManagedQueue queue, Version version)
    {
        if (queue.Type.Length > 0 && queue.Type != "quorum")
        {
            yield return $"a {queue.Type} queue, not a quorum queue";
        }
        foreach (var name in Losing.Where(queue.Policy.ContainsKey))
        {
            // A full queue that refuses is safe: what it refuses waits in the hub.
            if (
                name.StartsWith("max-length", StringComparison.Ordinal)
                && queue.Policy.TryGetValue("overflow", out var overflow)
                && overflow.ToString() == "reject-publish"
            )
            {
                continue;
            }
            yield return $"its policy sets {name}, which drops messages";
        }
        var isInbox = !queue.Name.StartsWith(Topology.Submissions, StringComparison.Ordinal);
        if (isInbox && DropsAfter(queue, version) is { } limit)
        {
            yield return $"a message that came back {limit} times unacknowledged is dropped";
        }
    }

    private static long? DropsAfter(ManagedQueue queue, Version version)
    {
        if (
            queue.Policy.TryGetValue("delivery-limit", out var set)
            || queue.Arguments.TryGetValue("x-delivery-limit", out set)
        )
        {
            return
                set.ValueKind == JsonValueKind.Number
                && set.TryGetInt64(out var limit)
                && limit >= 0
                ? limit
                : null;
        }
        return version >= WithDeliveryLimit ? 20 : null;
    }

    public static Finding Members(
        IReadOnlyCollection<ManagedQueue> queues,
        IReadOnlyCollection<ManagedNode> nodes
    )
    {
        const string Name = "rabbitmq.members";
        var broken = queues.Where(queue => queue.MembersOnline < queue.Members).ToArray();
        var running = nodes
            .Where(node => node.IsRunning)
            .Select(node => node.Name)
            .ToHashSet(StringComparer.Ordinal);
        string[] away =
        [
            .. broken
                .SelectMany(queue => queue.MemberNodes)
                .Where(node => !running.Contains(node))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        return broken.Length > 0
                ? Finding.Unsafe(
                    Name,
                    $"{broken.Length} queues miss a member, the first {broken[0].Name}: {broken[0].MembersOnline} of {broken[0].Members} online",
                    away.Length > 0
                        ? $"Start {string.Join(" and ", away)}; with half of the members gone a queue takes nothing."
                        : "All its nodes run: the hub makes a queue without a process anew (Delivery:DeadQueueAfter)."
                )
            : queues.Count > 0 && queues.Max(queue => queue.Members) < 3
                ? Finding.Warning(
                    Name,
                    "the queues have one member each: messages are on one disk",
                    "Run a cluster of three, and rabbitmq-queues grow for queues that are there already."
                )
            : Finding.Ok(Name, "all online");
    }

    public static IEnumerable<Finding> Alarms(IReadOnlyCollection<ManagedNode> nodes)
    {
        var any = false;
        foreach (var node in nodes.Where(node => !node.IsRunning))
        {
            any = true;
            yield return Finding.Unsafe("rabbitmq.nodes", $"{node.Name} does not run", "Start it.");
        }
        foreach (var node in nodes.Where(node => node.IsShortOfDisk || node.IsShortOfMemory))
        {
            any = true;
            yield return Finding.Unsafe(
                "rabbitmq.nodes",
                $"{node.Name} is short of {(node.IsShortOfDisk ? "disk" : "memory")} and blocks whoever publishes",
                "Make room; letters wait in the hub until then."
            );
        }
        if (!any)
        {
            yield return Finding.Ok("rabbitmq.nodes", $"{nodes.Count} running, no alarm");
        }
    }

    private static Finding VersionFinding(BrokerFacts facts, Version version) =>
        version >= Oldest
            ? Finding.Ok("rabbitmq.version", $"{facts.Product} {facts.Version}")
            : Finding.Unsafe(
                "rabbitmq.version",
                $"{facts.Product} {facts.Version}: quorum queues with dead lettering at least once need {Oldest}",
                "Upgrade RabbitMQ."
            );

    private static Finding Shape(BrokerFacts facts) =>
        facts.Misshapen.Count == 0
            ? Finding.Ok("rabbitmq.queues", "as the hub declares them")
            : Finding.Unsafe(
                "rabbitmq.queues",
                string.Join("; ", facts.Misshapen.Select(one => $"{one.Queue}: {one.Difference}")),
                "Let the queue run empty, delete it; the hub declares it again as it should be."
            );

    private Finding MessageSize(Version version) =>
        version >= WithDeliveryLimit && delivery.Value.InlineMessageBytes > MessageLimitOf4
            ? Finding.Warning(
                "rabbitmq.max_message_size",
                $"Delivery:InlineMessageBytes is {delivery.Value.InlineMessageBytes}, above RabbitMQ's own default",
                "Raise max_message_size in rabbitmq.conf, or lower the setting."
            )
            : Finding.Ok(
                "rabbitmq.max_message_size",
                $"inbox messages up to {delivery.Value.InlineMessageBytes} bytes fit"
            );

    private static Version VersionOf(string text) =>
        Version.TryParse(
            string.Join(
                '.',
                text.Split('.', '-', '+').TakeWhile(part => part.All(char.IsAsciiDigit)).Take(3)
            ),
            out var version
        )
            ? version
            : new Version(0, 0);

    private async Task<IReadOnlyCollection<string>> OfficeSystemsAsync(
        CancellationToken cancellationToken
    )
    {
        await using var command = database.CreateCommand(
            "SELECT id FROM office_system WHERE status = 'active' ORDER BY id"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0));
        }
        return found;
    }
}
