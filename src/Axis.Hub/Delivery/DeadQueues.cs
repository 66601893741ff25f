using Axis.Hub.Broker;
using Axis.Hub.Delivery.Replays;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Delivery;

/// <summary>
/// Finds queues that are declared and take nothing, and has them made anew. What counts as evidence is argued in
/// docs/durability.md, "A queue that is there and takes nothing".
/// </summary>
public sealed class DeadQueues(
    BrokerManagementApi management,
    QueueSuspicions suspicions,
    QueueReplacement replacement,
    IQueueTurns turns,
    RetryNow retry,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ILogger<DeadQueues> log
) : BackgroundService
{
    // Looks under suspicion: often enough that what recovers by itself is seen to.
    private static readonly TimeSpan CloseLook = TimeSpan.FromSeconds(2);

    // Queues that are seen without a process.
    private readonly Dictionary<string, Watch> _empty = new(StringComparer.Ordinal);

    // The silence of a queue as it was when others were first seen to answer.
    private readonly Dictionary<string, (Suspicion Before, Watch Watch)> _othersAnswered = new(
        StringComparer.Ordinal
    );

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!management.IsNamed)
        {
            log.LogWarning(
                "Broker:ManagementUri is not set: a queue that the broker lost the process of is passed by, and not mended"
            );
            return;
        }
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // A look that failed says nothing about a queue; and time without looks is no evidence.
                _empty.Clear();
                log.LogWarning("The queues could not be looked at: {Failure}", failure.Message);
            }
            await WaitAsync(stoppingToken);
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        var began = clock.GetTimestamp();
        do
        {
            await Task.Delay(Shorter(CloseLook), clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        } while (
            !stopping.IsCancellationRequested
            && _empty.Count == 0
            && !suspicions.Any
            && clock.GetElapsedTime(began) < options.Value.QueueLookInterval
        );
    }

    private TimeSpan Shorter(TimeSpan one) =>
        one < options.Value.QueueLookInterval ? one : options.Value.QueueLookInterval;

    private async Task LookAsync(CancellationToken stopping)
    {
        var running = (await management.NodesAsync(stopping))
            .Where(node => node.IsRunning)
            .Select(node => node.Name)
            .ToHashSet(StringComparer.Ordinal);
        var queues = (await management.QueuesAsync(stopping))
            .Where(queue => IsMended(queue.Name))
            .ToArray();
        var seen = queues.Select(queue => queue.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _empty.Keys.Where(name => !seen.Contains(name)).ToArray())
        {
            _empty.Remove(gone);
        }
        foreach (var queue in queues)
        {
            if (await WhyDeadAsync(queue, running, stopping) is { } why)
            {
                await ReplaceAsync(queue.Name, why.Words, why.Watch, stopping);
            }
        }
    }

    private async Task<(string Words, Watch Watch)?> WhyDeadAsync(
        ManagedQueue queue,
        HashSet<string> running,
        CancellationToken stopping
    )
    {
        var deadAfter = options.Value.DeadQueueAfter;
        var condition = QueueConditions.Of(queue, running);
        if (condition != QueueCondition.WithoutProcess)
        {
            _empty.Remove(queue.Name);
        }
        else if (!_empty.TryGetValue(queue.Name, out var watch))
        {
            _empty[queue.Name] = await WatchAsync(queue.Name, stopping);
            log.LogWarning("Nothing is behind queue {Queue}; it is watched", queue.Name);
        }
        else if (clock.GetElapsedTime(watch.Since) >= deadAfter)
        {
            return ("it has no process", watch);
        }
        return condition == QueueCondition.Served && suspicions.Of(queue.Name) is { } suspicion
            ? await WhyHangingAsync(queue.Name, suspicion, stopping)
            : null;
    }

    private async Task<(string Words, Watch Watch)?> WhyHangingAsync(
        string queue,
        Suspicion suspicion,
        CancellationToken stopping
    )
    {
        if (
            !_othersAnswered.TryGetValue(queue, out var seen)
            || seen.Before.Since != suspicion.Since
        )
        {
            var watch = await WatchAsync(queue, stopping);
            if (await replacement.OthersAnswerAsync(stopping))
            {
                _othersAnswered[queue] = (suspicion, watch);
            }
            return null;
        }
        return
            QueueConditions.Hangs(
                suspicion.Unanswered - seen.Before.Unanswered,
                clock.GetElapsedTime(seen.Watch.Since),
                options.Value.DeadQueueAfter
            )
            && await replacement.OthersAnswerAsync(stopping)
            // Its silence may have ended meanwhile.
            && suspicions.Of(queue) is not null
            ? ($"it did not answer {suspicion.Unanswered} publishes, and others do", seen.Watch)
            : null;
    }

    private async Task<Watch> WatchAsync(string queue, CancellationToken stopping) =>
        // The number first: the evidence is what is seen after it.
        new(await turns.NumberAsync(queue, stopping), clock.GetTimestamp());

    private async Task ReplaceAsync(
        string queue,
        string why,
        Watch watch,
        CancellationToken stopping
    )
    {
        try
        {
            if (
                await replacement.ReplaceAsync(queue, why, watch.Turns, stopping)
                && Topology.OfficeSystemOf(queue) is { } officeSystem
            )
            {
                await retry.RouteAsync(officeSystem, stopping);
            }
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            log.LogWarning(
                "Queue {Queue} could not be made anew: {Failure}",
                queue,
                failure.Message
            );
        }
        finally
        {
            // Found dead again it is watched as long again.
            _empty.Remove(queue);
            _othersAnswered.Remove(queue);
        }
    }

    /// <param name="Turns">How many had been taken when the watch began.</param>
    /// <param name="Since">A timestamp of the clock.</param>
    private sealed record Watch(long Turns, long Since);

    // What the database knows, or the sender repeats. Dead letters of submissions are nowhere else.
    private static bool IsMended(string queue) =>
        Topology.OfficeSystemOf(queue) is not null
        || queue is Topology.Submissions or Topology.LaterSubmissions;
}
