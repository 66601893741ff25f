using Axis.Chaos.Faults;
using Axis.Chaos.Stands;
using Axis.LocalServers;

namespace Axis.Chaos.Border;

/// <summary>What happens to the line to the national axis, and on its other end.</summary>
internal static class BorderFaults
{
    public const string Link = "hub-axis";
    private const string Target = "axis";

    public static IEnumerable<Fault> OfLine(TcpRelay relay)
    {
        foreach (var fault in Relays.FaultsOf(Link, relay))
        {
            yield return fault with
            {
                IsCore = true,
            };
        }
        yield return new Fault(
            $"{Link}: reset",
            Link,
            (_, _) =>
            {
                var count = relay.Connections;
                relay.Reset();
                return Task.FromResult($"{count} connections");
            }
        );
        yield return new Fault(
            $"{Link}: closed in the middle of the body",
            Link,
            async (random, cancellation) =>
            {
                var (time, bytes) = (random.Seconds(1, 5), random.Next(200, 12_000));
                relay.BreakAfter = bytes;
                await Pause.AtMostAsync(time, cancellation);
                relay.Heal();
                return $"after {bytes} bytes, for {time.TotalSeconds:0.0} s";
            }
        )
        {
            IsCore = true,
        };
        yield return new Fault(
            $"{Link}: answers lost after the body arrived",
            Link,
            async (random, cancellation) =>
            {
                var time = random.Seconds(0.5, 3);
                relay.Hold(RelayWay.ToClient);
                await Pause.AtMostAsync(time, cancellation);
                var count = relay.Connections;
                relay.Reset();
                relay.Heal();
                return $"of {count} connections after {time.TotalSeconds:0.0} s";
            }
        )
        {
            IsCore = true,
        };
    }

    public static IEnumerable<Fault> OfAxis(KeptAxis axis)
    {
        yield return new Fault(
            "axis: kill -9",
            Target,
            async (random, cancellation) =>
            {
                var away = random.Seconds(0, 3);
                await axis.KillAsync(away, cancellation);
                return $"away for {away.TotalSeconds:0.0} s and its start";
            }
        )
        {
            IsCore = true,
        };
        yield return new Fault(
            "axis: down while a backlog grows",
            Target,
            async (random, cancellation) =>
            {
                var away = random.Seconds(15, 30);
                await axis.KillAsync(away, cancellation);
                return $"away for {away.TotalSeconds:0.0} s and its start";
            }
        );
        yield return new Fault(
            "axis: frozen",
            Target,
            async (random, cancellation) =>
            {
                var time = random.Seconds(1, 6);
                await axis.FreezeAsync(time, cancellation);
                return $"{time.TotalSeconds:0.0} s";
            }
        );
        foreach (var (name, strengths) in Vices)
        {
            yield return new Fault(
                $"axis: {name}",
                Target,
                async (random, cancellation) =>
                {
                    var time = random.Seconds(2, 6);
                    foreach (var (vice, strength) in strengths)
                    {
                        await axis.SwitchAsync(vice, strength, cancellation);
                    }
                    await Pause.AtMostAsync(time, cancellation);
                    foreach (var (vice, _) in strengths)
                    {
                        await axis.ClearAsync(vice, CancellationToken.None);
                    }
                    return $"{time.TotalSeconds:0.0} s";
                }
            );
        }
    }

    private static IReadOnlyList<(
        string Name,
        (string Vice, object Strength)[] Strengths
    )> Vices { get; } =
    [
        ("slow", [("slow", new { milliseconds = 1_500 })]),
        ("slower than the hub waits", [("slow", new { milliseconds = 8_000, share = 0.5 })]),
        ("connections cut", [("down", new { share = 0.7 })]),
        ("answers lost", [("lost-answer", new { share = 0.5 })]),
        ("answers cut", [("cut-answer", new { share = 0.5 })]),
        ("HTML page, 200", [("html-page", new { share = 0.7 })]),
        ("HTML page, 502", [("html-page", new { share = 0.7, status = 502 })]),
        ("401 in plain text", [("plain-unauthorized", new { share = 0.7 })]),
        ("429", [("too-many", new { share = 0.7, seconds = 1 })]),
        ("empty answers", [("empty-answer", new { share = 0.5 })]),
        ("error 20", [("system-error", new { share = 0.5 })]),
        ("wrong content type", [("wrong-content-type", new { })]),
        ("null lists", [("null-data", new { share = 0.5 })]),
        ("duplicate lists", [("duplicate-lists", new { })]),
        ("lost acknowledgements", [("lost-acknowledgement", new { share = 0.7 })]),
        (
            "duplicate lists, lost acknowledgements and answers",
            [
                ("duplicate-lists", new { }),
                ("lost-acknowledgement", new { share = 0.5 }),
                ("lost-answer", new { share = 0.3 }),
            ]
        ),
        ("rewritten XML without the signature's namespace", [("rewritten-xml", new { })]),
        ("half an hour behind", [("clock-difference", new { seconds = -1_800 })]),
        (
            "stale timestamps refused",
            [
                ("clock-difference", new { seconds = -1_800 }),
                ("strict-timestamps", new { seconds = 300 }),
            ]
        ),
        ("old codes in statuses", [("old-codes", new { })]),
        ("statuses without document id", [("bare-statuses", new { })]),
    ];
}
