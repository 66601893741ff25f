using Axis.Chaos.Stands;

namespace Axis.Chaos.Faults;

internal static class HubFaults
{
    public static IEnumerable<Fault> Of(KeptHub hub, HubClock? clock)
    {
        yield return new Fault(
            $"{hub.Name}: kill -9",
            hub.Name,
            async (random, cancellation) =>
            {
                var away = random.Seconds(0, 3);
                await hub.KillAsync(away, cancellation);
                await hub.WaitUntilReadyAsync();
                return $"away for {away.TotalSeconds:0.0} s and its start";
            }
        )
        {
            IsCore = true,
        };
        yield return new Fault(
            $"{hub.Name}: restart under load",
            hub.Name,
            async (_, _) =>
            {
                await hub.RestartAsync();
                await hub.WaitUntilReadyAsync();
                return "in order";
            }
        );
        yield return new Fault(
            $"{hub.Name}: frozen",
            hub.Name,
            async (random, cancellation) =>
            {
                var time = random.Seconds(1, 6);
                await hub.FreezeAsync(time, cancellation);
                return $"{time.TotalSeconds:0.0} s";
            }
        );
        if (clock is not null)
        {
            yield return new Fault(
                $"{hub.Name}: clock step",
                "clock",
                async (random, cancellation) =>
                {
                    var step = random.Seconds(-90, 90);
                    clock.SetWrongBy(step);
                    await Pause.AtMostAsync(random.Seconds(2, 6), cancellation);
                    clock.SetWrongBy(TimeSpan.Zero);
                    return $"{step.TotalSeconds:+0;-0} s and back";
                }
            );
        }
    }
}
