using Axis.Chaos.Stands;
using Axis.LocalServers;

namespace Axis.Chaos.Faults;

internal static class BrokerFaults
{
    public static IEnumerable<Fault> Of(
        PrivateServers servers,
        BrokerManagement management,
        string virtualHost
    )
    {
        yield return new Fault(
            "broker: kill -9",
            "broker",
            async (random, cancellation) =>
            {
                var away = random.Seconds(0, 3);
                await servers.KillBrokerAsync(CancellationToken.None);
                await Pause.AtMostAsync(away, cancellation);
                await servers.RestartBrokerAsync(CancellationToken.None);
                return $"away for {away.TotalSeconds:0.0} s and its start";
            }
        )
        {
            IsCore = true,
        };
        yield return new Fault(
            "broker: restart under load",
            "broker",
            async (_, _) =>
            {
                await servers.StopBrokerAsync(CancellationToken.None);
                await servers.RestartBrokerAsync(CancellationToken.None);
                return "in order";
            }
        );
        yield return new Fault(
            "broker: frozen",
            "broker",
            async (random, cancellation) =>
            {
                var time = random.Seconds(1, 6);
                servers.SuspendBroker(true);
                await Pause.AtMostAsync(time, cancellation);
                servers.SuspendBroker(false);
                return $"{time.TotalSeconds:0.0} s";
            }
        );
        foreach (var (name, harm, queues) in Harms)
        {
            yield return new Fault(
                name,
                "broker",
                (random, _) =>
                    ToleratingAsync(async () =>
                    {
                        var queue = random.Of(queues);
                        await servers.BreakQueueAsync(virtualHost, queue, harm);
                        return queue;
                    })
            );
        }
        foreach (var fault in ByManagement(management, virtualHost))
        {
            yield return fault;
        }
    }

    private static string[] OfficeQueues =>
        [
            .. ChaosProvince
                .Offices.Where(office => office.InboxDoor == "amqp")
                .SelectMany(office =>
                    (string[])
                        [
                            $"axis.inbox.{office.Id}",
                            $"axis.inbox.{office.Id}.urgent",
                            $"axis.events.{office.Id}",
                        ]
                ),
        ];

    // What a crash of the broker can leave behind. Nothing but its clients' silence tells that axis.submissions hangs.
    private static (string Name, QueueHarm Harm, string[] Queues)[] Harms =>
        [
            (
                "broker: queue loses its process",
                QueueHarm.LosesItsProcess,
                ["axis.submissions", .. OfficeQueues]
            ),
            ("broker: queue hangs", QueueHarm.Hangs, OfficeQueues),
        ];

    /// <summary>What an operator can do to a broker that runs.</summary>
    public static IEnumerable<Fault> ByManagement(BrokerManagement management, string virtualHost)
    {
        string[] users = ["axis-hub", .. ChaosProvince.Offices.Select(office => office.Id)];
        string[] queues = ["axis.submissions", .. OfficeQueues];
        yield return new Fault(
            "broker: closes a connection",
            "broker",
            (random, _) =>
                ToleratingAsync(async () =>
                {
                    var user = random.Of(users);
                    return $"{await management.CloseConnectionsAsync(user)} of {user}";
                })
        );
        yield return new Fault(
            "broker: queue deleted",
            "broker",
            (random, _) =>
                ToleratingAsync(async () =>
                {
                    var queue = random.Of(queues);
                    await management.DeleteQueueAsync(virtualHost, queue);
                    return queue;
                })
        )
        {
            IsCore = true,
        };
    }

    private static async Task<string> ToleratingAsync(Func<Task<string>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e)
            when (e is HttpRequestException or OperationCanceledException or PrivateServersException
            )
        {
            return "the broker was away already";
        }
    }
}
