using Axis.LocalServers;

namespace Axis.Chaos.Faults;

internal static class ClusterFaults
{
    public static IEnumerable<Fault> Of(LocalCluster cluster)
    {
        for (var i = 0; i < cluster.Brokers.Count; i++)
        {
            var node = cluster.Brokers[i];
            // One node at a time: of three, two must stay.
            yield return new Fault(
                $"broker-{i + 1}: kill -9",
                "broker",
                async (random, cancellation) =>
                {
                    var away = random.Seconds(0, 5);
                    await node.KillBrokerAsync(CancellationToken.None);
                    await Pause.AtMostAsync(away, cancellation);
                    await node.RestartBrokerAsync(CancellationToken.None);
                    return $"away for {away.TotalSeconds:0.0} s and its start";
                }
            )
            {
                IsCore = i == 0,
            };
        }
        yield return new Fault(
            "broker-2: restart under load",
            "broker",
            async (_, _) =>
            {
                await cluster.Brokers[1].StopBrokerAsync(CancellationToken.None);
                await cluster.Brokers[1].RestartBrokerAsync(CancellationToken.None);
                return "in order";
            }
        );
        yield return new Fault(
            "standby: kill -9",
            "database",
            async (random, cancellation) =>
            {
                var away = random.Seconds(0, 5);
                await cluster.Standby.KillPostgresAsync(CancellationToken.None);
                await Pause.AtMostAsync(away, cancellation);
                await cluster.Standby.RestartPostgresAsync(CancellationToken.None);
                return $"commits wait for it, {away.TotalSeconds:0.0} s and its start";
            }
        )
        {
            IsCore = true,
        };
        yield return new Fault(
            "primary: kill -9, and back",
            "database",
            async (random, cancellation) =>
            {
                var away = random.Seconds(0, 3);
                await cluster.Primary.KillPostgresAsync(CancellationToken.None);
                await Pause.AtMostAsync(away, cancellation);
                await cluster.Primary.RestartPostgresAsync(CancellationToken.None);
                return $"away for {away.TotalSeconds:0.0} s and its recovery";
            }
        );
        yield return new Fault(
            "primary: lost, the standby takes over",
            "database",
            async (_, _) =>
            {
                await cluster.FailOverAsync(CancellationToken.None);
                return "the lost one is made anew as the standby";
            }
        )
        {
            IsCore = true,
        };
    }
}
