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
    RetryNow retry,
    IOptions<DeliveryOptions> options,
    TimeProvider clock,
    ILogger<DeadQueues> log
) : BackgroundService
{
    // Looks under suspicion: often enough that what recovers by itself is seen to.
    private static readonly TimeSpan CloseLook = TimeSpan.FromSeconds(2);

    // Since when a queue is seen without a process.
    private readonly Dictionary<string, long> _empty = new(StringComparer.Ordinal);

    // The silence of a queue as it was when others were first seen to answer.
    private readonly Dictionary<string, Suspicion> _othersAnswered = new(StringComparer.Ordinal);

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
                await ReplaceAsync(queue.Name, why, stopping);
            }
        }
    }

    private async Task<string?> WhyDeadAsync(
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
        else if (_empty.TryAdd(queue.Name, clock.GetTimestamp()))
        {
            log.LogWarning("Nothing is behind queue {Queue}; it is watched", queue.Name);
        }
        else if (clock.GetElapsedTime(_empty[queue.Name]) >= deadAfter)
        {
            return "it has no process";
        }
        return condition == QueueCondition.Served && suspicions.Of(queue.Name) is { } suspicion
            ? await WhyHangingAsync(queue.Name, suspicion, stopping)
            : null;
    }

    private async Task<string?> WhyHangingAsync(
        string queue,
        Suspicion suspicion,
        CancellationToken stopping
    )
    {
        if (!_othersAnswered.TryGetValue(queue, out var before) || before.Since != suspicion.Since)
        {
            if (await replacement.OthersAnswerAsync(stopping))
            {
                _othersAnswered[queue] = suspicion;
            }
            return null;
        }
        return
            QueueConditions.Hangs(
                suspicion.Unanswered - before.Unanswered,
                clock.GetElapsedTime(suspicion.Since),
                options.Value.DeadQueueAfter
            )
            && await replacement.OthersAnswerAsync(stopping)
            // Its silence may have ended meanwhile.
            && suspicions.Of(queue) is not null
            ? $"it did not answer {suspicion.Unanswered} publishes, and others do"
            : null;
    }

    private async Task ReplaceAsync(string queue, string why, CancellationToken stopping)
    {
        try
        {
            await replacement.ReplaceAsync(queue, why, stopping);
            if (Topology.OfficeSystemOf(queue) is { } officeSystem)
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
        }
    }

    // What the database knows, or the sender repeats. Dead letters of submissions are nowhere else.
    private static bool IsMended(string queue) =>
        Topology.OfficeSystemOf(queue) is not null
        || queue is Topology.Submissions or Topology.LaterSubmissions;
}
