namespace Axis.Chaos.Faults;

internal static class DiskFaults
{
    public static IEnumerable<Fault> Of(SlowDisk slow, FullDisk full)
    {
        if (slow.IsPossible)
        {
            foreach (var server in (string[])["database", "broker", "hub"])
            {
                yield return new Fault(
                    $"{server}: slow fsync",
                    "disk",
                    async (random, cancellation) =>
                    {
                        var (time, pause) = (random.Seconds(2, 6), random.Seconds(0.05, 1));
                        slow.Set(server, pause);
                        await Pause.AtMostAsync(time, cancellation);
                        slow.Set(server, TimeSpan.Zero);
                        return $"{pause.TotalMilliseconds:0} ms for {time.TotalSeconds:0.0} s";
                    }
                );
            }
        }
        if (full.IsPossible)
        {
            yield return new Fault(
                "hub: payload disk full",
                "disk",
                async (random, cancellation) =>
                {
                    var time = random.Seconds(2, 8);
                    await full.FillAsync();
                    await Pause.AtMostAsync(time, cancellation);
                    await full.EmptyAsync();
                    return $"{time.TotalSeconds:0.0} s";
                }
            );
        }
    }
}
