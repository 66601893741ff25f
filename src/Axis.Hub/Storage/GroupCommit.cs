using System.Threading.Channels;

namespace Axis.Hub.Storage;

/// <summary>
/// Lets concurrent callers share transactions. A batch is whatever waits when the writer becomes free: one item when
/// the hub is idle (no added latency), many under load (one fsync for all of them). Each caller gets its own answer.
/// </summary>
/// <remarks>
/// The queue is bounded: when it is full <see cref="TrySubmit"/> says so at once, and the door answers "busy" instead of
/// letting memory grow. A batch that fails is tried again item by item, so that one poisonous item fails alone.
/// </remarks>
public sealed class GroupCommit<TItem, TAnswer> : IHostedService
{
    private readonly Func<
        IReadOnlyList<TItem>,
        CancellationToken,
        Task<IReadOnlyList<TAnswer>>
    > _commit;
    private readonly Channel<Entry> _waiting;
    private readonly GroupCommitLimits _limits;
    private readonly Func<TItem, long> _sizeOf;
    private Task _writing = Task.CompletedTask;

    public GroupCommit(
        GroupCommitLimits limits,
        Func<TItem, long> sizeOf,
        Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TAnswer>>> commit
    )
    {
        _limits = limits;
        _sizeOf = sizeOf;
        _commit = commit;
        _waiting = Channel.CreateBounded<Entry>(
            new BoundedChannelOptions(limits.MaxWaiting) { FullMode = BoundedChannelFullMode.Wait }
        );
    }

    /// <summary>The answer once the item is durable; false when too much waits already.</summary>
    public bool TrySubmit(TItem item, out Task<TAnswer> answer)
    {
        var entry = new Entry(item, new(TaskCreationOptions.RunContinuationsAsynchronously));
        answer = entry.Answer.Task;
        return _waiting.Writer.TryWrite(entry);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writing = Task.WhenAll(
            Enumerable.Range(0, _limits.Writers).Select(_ => Task.Run(WriteAsync))
        );
        return Task.CompletedTask;
    }

    /// <summary>What was taken in is written before the hub goes; what comes later is refused.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _waiting.Writer.TryComplete();
        return _writing.WaitAsync(cancellationToken);
    }

    private async Task WriteAsync()
    {
        var batch = new List<Entry>(_limits.MaxItems);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            long size = 0;
            while (
                batch.Count < _limits.MaxItems
                && size < _limits.MaxBytes
                && _waiting.Reader.TryRead(out var entry)
            )
            {
                batch.Add(entry);
                size += _sizeOf(entry.Item);
            }
            if (batch.Count > 0)
            {
                await CommitAsync(batch);
            }
        }
    }

    private async Task CommitAsync(List<Entry> batch)
    {
        try
        {
            var answers = await _commit(
                [.. batch.Select(entry => entry.Item)],
                CancellationToken.None
            );
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Answer.TrySetResult(answers[i]);
            }
        }
        catch (Exception failure) when (batch.Count == 1)
        {
            batch[0].Answer.TrySetException(failure);
        }
        catch (Exception)
        {
            // Whether the batch is stored is not known if the connection broke; each write is idempotent by key.
            foreach (var entry in batch)
            {
                await CommitAsync([entry]);
                if (
                    entry.Answer.Task.Exception?.InnerException is { } failure
                    && StoreFaults.IsOutOfReach(failure)
                )
                {
                    // The others would each wait out a time limit of their own, one after the other.
                    FailRest(batch, failure);
                    return;
                }
            }
        }
    }

    private static void FailRest(List<Entry> batch, Exception failure)
    {
        foreach (var entry in batch)
        {
            entry.Answer.TrySetException(failure);
        }
    }

    private sealed record Entry(TItem Item, TaskCompletionSource<TAnswer> Answer);
}

/// <param name="MaxWaiting">Items that may wait before callers are told to come back.</param>
/// <param name="MaxItems">Items in one transaction.</param>
/// <param name="MaxBytes">A batch takes no further item once it holds this many bytes.</param>
/// <param name="Writers">Transactions under way at once: while one waits for the disk the next is sent.</param>
public sealed record GroupCommitLimits(int MaxWaiting, int MaxItems, long MaxBytes, int Writers);
