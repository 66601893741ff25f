using System.Threading.Channels;
using Axis.Hub.Storage;

namespace Axis.Hub.Broker;

/// <summary>
/// Moves rows of an outbox to their queues: offered rows at once, the others by a poll for rows whose lease ran out.
/// </summary>
/// <remarks>
/// A row is marked only after the broker's confirm, so a crash at any point leaves it due again, and the recipient
/// recognises the repeat by its message id. An offer that finds the lanes full is dropped: the poll finds the row.
/// Urgent rows have a lane of their own that every batch empties first. Rows of a route whose gate is shut are set aside
/// before they cost anything.
/// </remarks>
public sealed class OutboxPump<TRow>(
    IOutbox<TRow> outbox,
    Func<ConfirmedPublisher> openPublisher,
    BrokerConnection broker,
    OutboxPumpLimits limits,
    OfficeQueues queues,
    TimeProvider clock,
    ICrashPoints crash,
    ILogger log,
    IRouteGate<TRow>? gate = null
) : IDisposable
{
    private const string Unanswered = "unanswered";

    private readonly Channel<TRow> _urgent = Channel.CreateBounded<TRow>(limits.MaxWaiting);
    private readonly Channel<TRow> _normal = Channel.CreateBounded<TRow>(limits.MaxWaiting);
    private readonly SemaphoreSlim _work = new(0);

    /// <summary>Hands over a committed row; false when the lanes are full and the poll has to find it.</summary>
    public bool TryOffer(TRow row)
    {
        var lane = outbox.IsUrgent(row) ? _urgent : _normal;
        if (!lane.Writer.TryWrite(row))
        {
            return false;
        }
        _work.Release();
        return true;
    }

    public void Dispose() => _work.Dispose();

    public Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll([
            .. Enumerable.Range(0, limits.Publishers).Select(_ => PublishLoopAsync(stopping)),
            RecoverLoopAsync(stopping),
        ]);

    private async Task PublishLoopAsync(CancellationToken stopping)
    {
        await using var publisher = openPublisher();
        var batch = new List<TRow>(limits.BatchMessages);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await _work.WaitAsync(stopping);
                batch.Clear();
                while (batch.Count < limits.BatchMessages && TryTake(out var row))
                {
                    batch.Add(row);
                    // Each row came with one permit; the first was taken by the wait above.
                    _ = batch.Count > 1 && await _work.WaitAsync(0, stopping);
                }
                await SendOpenAsync(publisher, batch, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // A loop that ends would leave its work to the recovery poll for ever, and nobody would see it.
                log.LogError(failure, "A publisher failed; it goes on");
            }
        }
    }

    private bool TryTake(out TRow row) =>
        _urgent.Reader.TryRead(out row!) || _normal.Reader.TryRead(out row!);

    private async Task RecoverLoopAsync(CancellationToken stopping)
    {
        await using var publisher = openPublisher();
        long? refreshed = null;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // Without a broker nothing can be sent, and claiming would only use up attempts.
                await broker.GetAsync(stopping);
                if (
                    refreshed is not { } since
                    || clock.GetElapsedTime(since) >= limits.RecoveryInterval
                )
                {
                    await queues.RefreshAsync(stopping);
                    await (gate?.RefreshAsync(stopping) ?? Task.CompletedTask);
                    refreshed = clock.GetTimestamp();
                }
                var due = broker.IsServing
                    ? await outbox.ClaimDueAsync(limits.BatchMessages, stopping)
                    : [];
                if (due.Count > 0)
                {
                    await SendOpenAsync(publisher, due, stopping);
                    continue;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning(
                    StoreFaults.ForLog(failure),
                    "The recovery poll failed; next try in {Interval}: {Failure}",
                    limits.RecoveryInterval,
                    failure.Message
                );
            }
            await Task.Delay(limits.RecoveryInterval, clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendOpenAsync(
        ConfirmedPublisher publisher,
        IReadOnlyList<TRow> rows,
        CancellationToken stopping
    )
    {
        if (gate is null || rows.All(row => gate.IsOpen(outbox.OfficeSystemOf(row))))
        {
            await SendAsync(publisher, rows, stopping);
            return;
        }
        var byGate = rows.ToLookup(row => gate.IsOpen(outbox.OfficeSystemOf(row)));
        TRow[] shut = [.. byGate[false]];
        try
        {
            await gate.ParkAsync(shut, stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            // They come back when their lease ends.
            log.LogWarning(
                StoreFaults.ForLog(failure),
                "{Count} rows could not be parked: {Failure}",
                shut.Length,
                failure.Message
            );
        }
        finally
        {
            foreach (var row in shut)
            {
                outbox.Release(row);
            }
        }
        await SendAsync(publisher, [.. byGate[true]], stopping);
    }

    /// <summary>Sends rows whatever their route's gate says, and marks what became of them.</summary>
    public async Task SendAsync(
        ConfirmedPublisher publisher,
        IReadOnlyList<TRow> rows,
        CancellationToken stopping
    )
    {
        if (rows.Count == 0)
        {
            return;
        }
        try
        {
            var (ready, messages) = await ToMessagesAsync(rows, stopping);
            if (ready.Count == 0)
            {
                return;
            }
            crash.Pass(CrashPoint.MessagesTaken);
            // Before the publish: what is confirmed on a queue that is lost meanwhile is not marked as sent.
            var generation = await queues.GenerationAsync(stopping);
            var began = clock.GetTimestamp();
            var first = await publisher.PublishAsync(messages, stopping);
            var confirmedWithin = clock.GetElapsedTime(began);
            var results = first;
            var again = generation;
            if (first.Any(result => result is PublishResult.NoSuchQueue))
            {
                await RedeclareAsync(ready, messages, first, stopping);
                again = await queues.GenerationAsync(stopping);
                results = await RepeatAsync(publisher, messages, first, stopping);
            }
            var sent = ready.Where((_, i) => results[i] is PublishResult.Confirmed).ToArray();
            var failed = ready
                .Select((row, i) => FailureOf(row, results[i]))
                .OfType<FailedSend<TRow>>()
                .ToArray();
            await TellGateAsync(sent, failed);
            if (sent.Length > 0)
            {
                crash.Pass(CrashPoint.MessagesConfirmed);
            }
            foreach (
                var known in Enumerable
                    .Range(0, ready.Count)
                    .Where(i => results[i] is PublishResult.Confirmed)
                    .ToLookup(
                        i => first[i] is PublishResult.Confirmed ? generation : again,
                        i => ready[i]
                    )
            )
            {
                await outbox.MarkSentAsync(
                    [.. known],
                    known.Key,
                    confirmedWithin,
                    CancellationToken.None
                );
            }
            if (failed.Length > 0)
            {
                await outbox.MarkFailedAsync(failed, CancellationToken.None);
            }
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            // The broker's client answers an overdue call with a cancellation: a failure like any other.
            // The rows are still waiting in the database and come back when their lease ends.
            log.LogWarning(
                StoreFaults.ForLog(failure),
                "A batch of {Count} could not be sent: {Failure}",
                rows.Count,
                failure.Message
            );
        }
        finally
        {
            foreach (var row in rows)
            {
                outbox.Release(row);
            }
        }
    }

    /// <summary>
    /// One row whose package cannot be read must not hold back those beside it: it is marked, they go.
    /// </summary>
    private async Task<(IReadOnlyList<TRow> Ready, OutgoingMessage[] Messages)> ToMessagesAsync(
        IReadOnlyList<TRow> rows,
        CancellationToken stopping
    )
    {
        var ready = new List<TRow>(rows.Count);
        var messages = new List<OutgoingMessage>(rows.Count);
        var unreadable = new List<FailedSend<TRow>>();
        foreach (var row in rows)
        {
            try
            {
                messages.Add(await outbox.ToMessageAsync(row, stopping));
                ready.Add(row);
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                log.LogWarning(failure, "A message cannot be made");
                unreadable.Add(outbox.Unreadable(row, failure));
            }
        }
        if (unreadable.Count > 0)
        {
            await outbox.MarkFailedAsync(unreadable, CancellationToken.None);
        }
        return (ready, [.. messages]);
    }

    private async Task RedeclareAsync(
        IReadOnlyList<TRow> rows,
        OutgoingMessage[] messages,
        IReadOnlyList<PublishResult> results,
        CancellationToken stopping
    )
    {
        foreach (
            var missing in Enumerable
                .Range(0, rows.Count)
                .Where(i => results[i] is PublishResult.NoSuchQueue)
                .GroupBy(i => outbox.OfficeSystemOf(rows[i]), i => messages[i].Queue)
        )
        {
            try
            {
                await queues.RestoreAsync(
                    missing.Key,
                    [.. missing.Distinct().Select(queue => Topology.UseOf(missing.Key, queue))],
                    stopping
                );
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                // Its rows keep the answer they have; those of the others go on.
                log.LogWarning(
                    "The queues of {OfficeSystem} could not be declared: {Failure}",
                    missing.Key,
                    failure.Message
                );
            }
        }
    }

    /// <summary>Publishes once more what had no queue; the others keep their results.</summary>
    private static async Task<IReadOnlyList<PublishResult>> RepeatAsync(
        ConfirmedPublisher publisher,
        OutgoingMessage[] messages,
        IReadOnlyList<PublishResult> results,
        CancellationToken stopping
    )
    {
        var missing = Enumerable
            .Range(0, messages.Length)
            .Where(i => results[i] is PublishResult.NoSuchQueue)
            .ToArray();
        var repeated = await publisher.PublishAsync(
            [.. missing.Select(i => messages[i])],
            stopping
        );
        var all = results.ToArray();
        for (var i = 0; i < missing.Length; i++)
        {
            all[missing[i]] = repeated[i];
        }
        return all;
    }

    /// <summary>Before the rows are marked: how their next attempt is set depends on what the gate makes of it.</summary>
    private async Task TellGateAsync(
        IReadOnlyList<TRow> sent,
        IReadOnlyList<FailedSend<TRow>> failed
    )
    {
        if (gate is null)
        {
            return;
        }
        var passed = sent.Select(outbox.OfficeSystemOf).ToHashSet(StringComparer.Ordinal);
        if (passed.Count > 0)
        {
            await gate.PassedAsync(passed, CancellationToken.None);
        }
        foreach (
            var route in failed
                .Where(one => one.Fault == SendFault.Route)
                .GroupBy(one => outbox.OfficeSystemOf(one.Row), StringComparer.Ordinal)
                // A queue that took one message of the batch is not dead.
                .Where(route => !passed.Contains(route.Key))
        )
        {
            await gate.FailedAsync(
                route.Key,
                route.First().Reason,
                atOnce: route.Any(one => one.Failure == Unanswered),
                CancellationToken.None
            );
        }
    }

    private static FailedSend<TRow>? FailureOf(TRow row, PublishResult result) =>
        result switch
        {
            PublishResult.Confirmed => null,
            PublishResult.Refused refused => new(
                row,
                SendFault.Route,
                "refused_by_broker",
                refused.Reason
            ),
            PublishResult.Unanswered unanswered => new(
                row,
                SendFault.Route,
                Unanswered,
                unanswered.Reason
            ),
            PublishResult.NoSuchQueue => new(
                row,
                SendFault.Route,
                "no_queue",
                "the queue does not exist"
            ),
            PublishResult.Lost lost => new(row, SendFault.Broker, "broker_lost", lost.Reason),
            _ => throw new InvalidOperationException($"Unknown result {result}"),
        };
}
