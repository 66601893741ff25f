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
            if (watch.Elapsed > (bound ?? s_bound))
            {
                throw new TimeoutException($"The condition did not hold within {bound ?? s_bound}");
            }
            await Task.Delay(s_pause);
        }
    }

    public static async Task HoldsAsync(Func<Task<bool>> condition, TimeSpan? bound = null) =>
        await GetAsync(async () => await condition() ? "yes" : null, bound);
}
