namespace Axis.Chaos;

/// <summary>
/// Time as part of what is tried: the pace of a load, the length of a fault, the patience of an office system before
/// it tries again. Nothing here waits for a result this way.
/// </summary>
internal static class Pause
{
    public static Task ForAsync(TimeSpan time, CancellationToken cancellation) =>
        Task.Delay(time, cancellation);

    /// <summary>Until the time is over or the run is, which is no fault.</summary>
    public static async Task AtMostAsync(TimeSpan time, CancellationToken cancellation) =>
        await Task.Delay(time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
