using System.Diagnostics;

namespace Axis.TestKit;

/// <summary>Waits for a condition with a bound, by looking again and again.</summary>
public static class Eventually
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public static async Task<T> FindAsync<T>(IEnumerable<T> source, Func<T, bool> match)
        where T : class => await GetAsync(() => Task.FromResult(source.FirstOrDefault(match)));

    public static async Task<T> GetAsync<T>(Func<Task<T?>> look, TimeSpan? bound = null)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }
            if (bound != Timeout.InfiniteTimeSpan && watch.Elapsed > (bound ?? s_bound))
            {
                throw new TimeoutException($"The condition did not hold within {bound ?? s_bound}");
            }
            await Task.Delay(s_pause);
        }
    }

    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan? bound = null) =>
        await GetAsync(async () => await condition() ? "yes" : null, bound);

    /// <summary>Waits for a count, for as long as it moves: only a standstill is bounded, however much there is to do.</summary>
    public static async Task ReachesAsync(long count, Func<Task<long>> current)
    {
        var last = await current();
        while (last < count)
        {
            var before = last;
            await HoldsAsync(async () => (last = await current()) != before);
        }
    }
}
