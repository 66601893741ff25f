using System.Threading.Channels;

namespace Axis.Hub.Broker;

/// <summary>The database side of an outbox: rows that must reach a queue.</summary>
public interface IOutbox<TRow>
{
    bool IsUrgent(TRow row);

    string OfficeSystemOf(TRow row);

    /// <summary>Takes rows whose lease ran out and extends it, so that no other node takes them too.</summary>
    Task<IReadOnlyList<TRow>> ClaimDueAsync(int limit, CancellationToken cancellationToken);

    Task<OutgoingMessage> ToMessageAsync(TRow row, CancellationToken cancellationToken);

    /// <summary>The broker confirmed these. A row that meanwhile moved on stays as it is.</summary>
    Task MarkSentAsync(
        IReadOnlyList<TRow> rows,
        TimeSpan confirmedWithin,
        CancellationToken cancellationToken
    );

    /// <summary>These did not arrive; the store decides on the next attempt.</summary>
    Task MarkFailedAsync(IReadOnlyList<FailedSend<TRow>> rows, CancellationToken cancellationToken);

    /// <summary>A row left the pump, sent or not: what it held in memory is free.</summary>
    void Release(TRow row);
}

/// <param name="TheRowsFault">
/// The row itself cannot be sent, and trying for ever would be in vain. Otherwise the broker did not take it, which
/// says nothing about the row: it waits for as long as that takes.
/// </param>
public sealed record FailedSend<TRow>(TRow Row, string Reason, bool TheRowsFault);

/// <summary>
/// Moves rows of an outbox to their queues: offered rows at once, the others by a poll for rows whose lease ran out.
/// </summary>
/// <remarks>
/// A row is marked only after the broker's confirm, so a crash at any point leaves it due again, and the recipient
/// recognises the repeat by its message id. An offer that finds the lanes full is dropped: the poll finds the row.
/// Urgent rows have a lane of their own that every batch empties first.
/// </remarks>
public sealed class OutboxPump<TRow>(
    IOutbox<TRow> outbox,
    Func<ConfirmedPublisher> openPublisher,
    BrokerConnection broker,
    OutboxPumpLimits limits,
    OfficeQueues queues,
    TimeProvider clock,
    ICrashPoints crash,
    ILogger log
) : IDisposable
{
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
                await SendAsync(publisher, batch, stopping);
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
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                // Without a broker nothing can be sent, and claiming would only use up attempts.
                await broker.GetAsync(stopping);
                var due = await outbox.ClaimDueAsync(limits.BatchMessages, stopping);
                if (due.Count > 0)
                {
                    await SendAsync(publisher, due, stopping);
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
                    failure,
                    "The recovery poll failed; next try in {Interval}",
                    limits.RecoveryInterval
                );
            }
            await Task.Delay(limits.RecoveryInterval, clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task SendAsync(
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
            var began = clock.GetTimestamp();
            var results = await publisher.PublishAsync(messages, stopping);
            var confirmedWithin = clock.GetElapsedTime(began);
            results = await RedeclareAndRepeatAsync(publisher, ready, messages, results, stopping);
            var sent = ready.Where((_, i) => results[i] is PublishResult.Confirmed).ToArray();
            var failed = ready
                .Select((row, i) => (row, results[i]))
                .Where(pair => pair.Item2 is not PublishResult.Confirmed)
                .Select(pair => new FailedSend<TRow>(
                    pair.row,
                    ReasonOf(pair.Item2),
                    TheRowsFault: false
                ))
                .ToArray();
            if (sent.Length > 0)
            {
                crash.Pass(CrashPoint.MessagesConfirmed);
                await outbox.MarkSentAsync(sent, confirmedWithin, CancellationToken.None);
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
            log.LogWarning(failure, "A batch of {Count} could not be sent", rows.Count);
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
                unreadable.Add(
                    new FailedSend<TRow>(row, "the package cannot be read", TheRowsFault: true)
                );
            }
        }
        if (unreadable.Count > 0)
        {
            await outbox.MarkFailedAsync(unreadable, CancellationToken.None);
        }
        return (ready, [.. messages]);
    }

    private async Task<IReadOnlyList<PublishResult>> RedeclareAndRepeatAsync(
        ConfirmedPublisher publisher,
        IReadOnlyList<TRow> rows,
        OutgoingMessage[] messages,
        IReadOnlyList<PublishResult> results,
        CancellationToken stopping
    )
    {
        var missing = Enumerable
            .Range(0, rows.Count)
            .Where(i => results[i] is PublishResult.NoSuchQueue)
            .ToArray();
        if (missing.Length == 0)
        {
            return results;
        }
        foreach (var officeSystem in missing.Select(i => outbox.OfficeSystemOf(rows[i])).Distinct())
        {
            await queues.RestoreAsync(officeSystem, stopping);
        }
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

    private static string ReasonOf(PublishResult result) =>
        result is PublishResult.Unconfirmed unconfirmed
            ? unconfirmed.Reason
            : "the queue does not exist";
}

public sealed record OutboxPumpLimits(
    int MaxWaiting,
    int BatchMessages,
    int Publishers,
    TimeSpan RecoveryInterval
);
