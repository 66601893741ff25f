using System.Collections.Concurrent;

namespace Axis.Hub.Delivery;

/// <summary>
/// Wakes long polls of this node when something arrives for an office system. Only a short cut: a poll also looks by
/// itself every second, which is how it learns of what other nodes accepted.
/// </summary>
public sealed class InboxSignal
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _bells = new(
        StringComparer.Ordinal
    );

    public void Ring(string officeSystemId)
    {
        if (_bells.TryRemove(officeSystemId, out var bell))
        {
            bell.TrySetResult();
        }
    }

    /// <summary>Take the bell before looking, so that what arrives while looking still rings it.</summary>
    public Task BellOf(string officeSystemId) =>
        _bells
            .GetOrAdd(officeSystemId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously))
            .Task;
}

/// <summary>
/// Looks until there is something, the time is up, or the hub stops: a stop that waits for 55 s polls would use up the
/// time that the writers need to finish.
/// </summary>
public static class LongPoll
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<T>> UntilAnyAsync<T>(
        Func<CancellationToken, Task<IReadOnlyList<T>>> look,
        Func<Task> bell,
        TimeSpan wait,
        TimeProvider clock,
        CancellationToken stopping,
        CancellationToken cancellationToken
    )
    {
        var end = clock.GetUtcNow() + wait;
        while (true)
        {
            var ring = bell();
            var found = await look(cancellationToken);
            var left = end - clock.GetUtcNow();
            if (found.Count > 0 || left <= TimeSpan.Zero || stopping.IsCancellationRequested)
            {
                return found;
            }
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(
                cancellationToken,
                stopping
            );
            var tick = Task.Delay(left < LookInterval ? left : LookInterval, clock, pause.Token);
            await Task.WhenAny(ring, tick);
            await pause.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
