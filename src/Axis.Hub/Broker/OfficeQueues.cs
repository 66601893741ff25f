using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Broker;

/// <summary>
/// Keeps the queues of office systems in being. A queue that is missing may have held messages (somebody deleted it,
/// or the broker lost its disk), so before it is declared anew, what it held becomes due again; the recipient knows a
/// repeat by its message id.
/// </summary>
/// <remarks>
/// The order matters, and docs/durability.md argues it: the loss is noted, what the queue held is put back, the queue is
/// declared. Whoever dies in between leaves the queue missing, and whoever finds it next starts over. What was confirmed
/// before the note and is marked after it is refused by its generation; what was being marked while the
/// note was written is put back by the second look, which any node takes.
/// </remarks>
public sealed class OfficeQueues(
    BrokerConnection connection,
    IEnumerable<IQueueContent> contents,
    IMadeQueues made,
    IRemadeQueues remade,
    ICrashPoints crash,
    ILogger<OfficeQueues> log
) : IDisposable
{
    // How far the clocks of nodes and broker may differ without harm; what is put back needlessly is a repeat.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly QueueUse[] Uses = Enum.GetValues<QueueUse>();

    private readonly SemaphoreSlim _firstTimes = new(1, 1);

    // By queue: the events of an office system may take minutes to put back, and its inboxes must not wait for that.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _oneAtATime = new(
        StringComparer.Ordinal
    );

    // Not read yet.
    private long _generation = -1;

    /// <summary>
    /// Up to which loss of a queue this node knows. What is published from now on was not on a queue that was lost up
    /// to there. An old value does no harm: what was published to a queue made anew since is sent twice. Asks the
    /// database at the first time only.
    /// </summary>
    public async ValueTask<long> GenerationAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _generation) < 0)
        {
            await RefreshAsync(cancellationToken);
        }
        return Volatile.Read(ref _generation);
    }

    /// <summary>Brings the generation up to date. Costs the reading of one row.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken) =>
        Advance(await remade.GenerationAsync(cancellationToken));

    /// <summary>
    /// Makes sure that the queues exist. Idempotent. Those that are there are not declared once more: one that went just
    /// after it was seen would be made anew with nobody having noted its loss.
    /// </summary>
    public async Task DeclareAsync(string officeSystemId, CancellationToken cancellationToken)
    {
        await RestoreAsync(officeSystemId, cancellationToken);
        // Those that a broker had before this database knew of them.
        await made.NoteAsync(officeSystemId, cancellationToken);
    }

    /// <summary>Declares what is missing, after making due again what it held. Costs a look when nothing is.</summary>
    public Task RestoreAsync(string officeSystemId, CancellationToken cancellationToken) =>
        RestoreAsync(officeSystemId, Uses, cancellationToken);

    /// <summary>The same for some of its queues. One that cannot be restored holds back none of the others.</summary>
    public async Task RestoreAsync(
        string officeSystemId,
        IReadOnlyCollection<QueueUse> uses,
        CancellationToken cancellationToken
    )
    {
        var missing = await FindMissingAsync(officeSystemId, uses, cancellationToken);
        if (missing.Count == 0 || await AreNewAsync(officeSystemId, cancellationToken))
        {
            return;
        }
        Exception? failed = null;
        foreach (var use in missing)
        {
            try
            {
                await RemakeAsync(officeSystemId, use, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                failed = failure;
                log.LogWarning(
                    "Queue {Queue} could not be made anew: {Failure}",
                    Topology.QueueOf(officeSystemId, use),
                    failure.Message
                );
            }
        }
        if (failed is not null)
        {
            throw new QueueNotRestoredException(officeSystemId, failed);
        }
    }

    /// <summary>The second look at queues that were made anew, by whichever node comes first.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var one in await remade.TakeDueAsync(cancellationToken))
        {
            // A mark that did not see the note was begun before it.
            await PutBackAsync(
                one.OfficeSystemId,
                one.Use,
                new Span(one.At - Margin, one.At + Margin),
                cancellationToken
            );
            await remade.SettledAsync(one, cancellationToken);
        }
    }

    public void Dispose()
    {
        _firstTimes.Dispose();
        foreach (var one in _oneAtATime.Values)
        {
            one.Dispose();
        }
    }

    // Nothing can have been confirmed on what was never there, and what goes to it from now on is not lost.
    private async Task<bool> AreNewAsync(string officeSystemId, CancellationToken cancellationToken)
    {
        await _firstTimes.WaitAsync(cancellationToken);
        try
        {
            var missing = await FindMissingAsync(officeSystemId, Uses, cancellationToken);
            if (
                !await made.NoteAsync(officeSystemId, cancellationToken)
                || missing.Count < Uses.Length
            )
            {
                return missing.Count == 0;
            }
            foreach (var use in Uses)
            {
                await PutBackAsync(officeSystemId, use, Span.Ever, cancellationToken);
            }
            await DeclareAsync(officeSystemId, Uses, cancellationToken);
            return true;
        }
        finally
        {
            _firstTimes.Release();
        }
    }

    private async Task RemakeAsync(
        string officeSystemId,
        QueueUse use,
        CancellationToken cancellationToken
    )
    {
        var oneAtATime = _oneAtATime.GetOrAdd(
            Topology.QueueOf(officeSystemId, use),
            _ => new SemaphoreSlim(1, 1)
        );
        await oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if ((await FindMissingAsync(officeSystemId, [use], cancellationToken)).Count == 0)
            {
                return;
            }
            // Committed before anything is looked at: from here on nobody marks what lay on the queue.
            var generation = await remade.NoteAsync(officeSystemId, use, cancellationToken);
            await PutBackAsync(officeSystemId, use, Span.Ever, cancellationToken);
            crash.Pass(CrashPoint.QueueContentPutBack);
            await DeclareAsync(officeSystemId, [use], cancellationToken);
            Advance(generation);
            crash.Pass(CrashPoint.QueueMadeAnew);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private void Advance(long generation)
    {
        for (
            var known = Volatile.Read(ref _generation);
            known < generation
                && Interlocked.CompareExchange(ref _generation, generation, known) != known;
            known = Volatile.Read(ref _generation)
        ) { }
    }

    private async Task PutBackAsync(
        string officeSystemId,
        QueueUse use,
        Span marked,
        CancellationToken cancellationToken
    )
    {
        foreach (var content in contents)
        {
            var count = await content.PutBackAsync(officeSystemId, use, marked, cancellationToken);
            if (count > 0)
            {
                log.LogWarning(
                    "Queue {Queue} was gone; {Count} messages that it held are sent again",
                    Topology.QueueOf(officeSystemId, use),
                    count
                );
            }
        }
    }

    private async Task DeclareAsync(
        string officeSystemId,
        IReadOnlyCollection<QueueUse> uses,
        CancellationToken cancellationToken
    )
    {
        var open = await connection.GetAsync(cancellationToken);
        await using var channel = await open.CreateChannelAsync(
            cancellationToken: cancellationToken
        );
        foreach (var use in uses)
        {
            await Topology.DeclareOfficeQueueAsync(channel, officeSystemId, use, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<QueueUse>> FindMissingAsync(
        string officeSystemId,
        IReadOnlyCollection<QueueUse> uses,
        CancellationToken cancellationToken
    )
    {
        const ushort NotFound = 404;
        var open = await connection.GetAsync(cancellationToken);
        var missing = new List<QueueUse>();
        IChannel? channel = null;
        try
        {
            foreach (var use in uses)
            {
                // The broker answers a look at what is not there by closing the channel.
                channel ??= await open.CreateChannelAsync(cancellationToken: cancellationToken);
                try
                {
                    await channel.QueueDeclarePassiveAsync(
                        Topology.QueueOf(officeSystemId, use),
                        cancellationToken
                    );
                }
                catch (OperationInterruptedException closed)
                    when (closed.ShutdownReason?.ReplyCode == NotFound)
                {
                    missing.Add(use);
                    await channel.DisposeAsync();
                    channel = null;
                }
            }
        }
        finally
        {
            if (channel is not null)
            {
                await channel.DisposeAsync();
            }
        }
        return missing;
    }
}
