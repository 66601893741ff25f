using Axis.Chaos.Faults;
using Axis.LocalServers;

namespace Axis.Chaos.Stands;

/// <summary>The networks between any two, each a relay that can be made to fail.</summary>
internal static class Relays
{
    public static IEnumerable<Fault> FaultsOf(string link, TcpRelay relay)
    {
        yield return new Fault(
            $"{link}: cut",
            link,
            async (random, cancellation) =>
            {
                var time = random.Seconds(0.5, 5);
                relay.Cut();
                await Pause.AtMostAsync(time, cancellation);
                relay.Heal();
                return $"{time.TotalSeconds:0.0} s";
            }
        )
        {
            IsCore = link is "hub-broker" or "hub-database",
        };
        yield return new Fault(
            $"{link}: slow",
            link,
            async (random, cancellation) =>
            {
                var (time, delay) = (random.Seconds(2, 6), random.Seconds(0.02, 0.3));
                relay.Delay = delay;
                await Pause.AtMostAsync(time, cancellation);
                relay.Heal();
                return $"{delay.TotalMilliseconds:0} ms each way for {time.TotalSeconds:0.0} s";
            }
        );
        yield return new Fault(
            $"{link}: silent",
            link,
            async (random, cancellation) =>
            {
                var time = random.Seconds(1, 5);
                var way = random.Of([RelayWay.ToServer, RelayWay.ToClient]);
                relay.Hold(way);
                await Pause.AtMostAsync(time, cancellation);
                relay.Heal();
                return $"nothing gets {(way == RelayWay.ToServer ? "there" : "back")} for {time.TotalSeconds:0.0} s";
            }
        );
        yield return new Fault(
            $"{link}: half-open",
            link,
            (_, _) =>
            {
                var count = relay.Connections;
                relay.Forget();
                return Task.FromResult($"{count} connections dead without a word");
            }
        );
    }
}
