using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Axis.Hub.Broker;

/// <summary>What a queue of an office system is for.</summary>
public enum QueueUse
{
    Inbox,
    UrgentInbox,
    Events,
}

/// <summary>Knows from the database what a queue held, and makes it due again.</summary>
public interface IQueueContent
{
    /// <summary>
    /// Makes due again whatever the database says is on this queue and not yet taken, as far as it was put there at or
    /// after <paramref name="since"/>. Returns how much that was.
    /// </summary>
    Task<int> PutBackAsync(
        string officeSystemId,
        QueueUse use,
        DateTimeOffset since,
        CancellationToken cancellationToken
    );
}

/// <summary>Remembers for which office systems queues were made.</summary>
public interface IMadeQueues
{
    /// <summary>
    /// Notes that queues are about to be made; true when it is for the first time. A death right after the note makes
    /// the next one who asks take new queues for lost ones, never the other way round.
    /// </summary>
    Task<bool> NoteAsync(string officeSystemId, CancellationToken cancellationToken);
}

/// <summary>
/// Keeps the queues of office systems in being. A queue that is missing may have held messages (somebody deleted it,
/// or the broker lost its disk), so before it is declared anew, what it held becomes due again; the recipient knows a
/// repeat by its message id.
/// </summary>
/// <remarks>
/// The order matters: a death between the two leaves the queue missing, and whoever finds it next starts over. A
/// message that was confirmed just before the queue went may be marked as sent just after its content was put back;
/// so that is done once more, for what was marked lately, when no publish from that time can still be on its way.
/// </remarks>
public sealed class OfficeQueues(
    BrokerConnection connection,
    IEnumerable<IQueueContent> contents,
    IMadeQueues made,
    IOptions<BrokerOptions> options,
    TimeProvider clock,
    ICrashPoints crash,
    ILogger<OfficeQueues> log
) : IDisposable
{
    // How far the clocks of nodes and broker may differ without harm; what is put back needlessly is a repeat.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly QueueUse[] Uses = Enum.GetValues<QueueUse>();

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly ConcurrentQueue<Loss> _losses = new();

    /// <summary>Makes sure that the queues exist, with the arguments they should have. Idempotent.</summary>
    public async Task DeclareAsync(string officeSystemId, CancellationToken cancellationToken)
    {
        await RestoreAsync(officeSystemId, cancellationToken);
        // Those that a broker had before this database knew of them.
        await made.NoteAsync(officeSystemId, cancellationToken);
        var open = await connection.GetAsync(cancellationToken);
        await using var channel = await open.CreateChannelAsync(
            cancellationToken: cancellationToken
        );
        await Topology.DeclareOfficeSystemAsync(channel, officeSystemId, cancellationToken);
    }

    /// <summary>Declares what is missing, after making due again what it held. Costs a look when nothing is.</summary>
    public async Task RestoreAsync(string officeSystemId, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var missing = await FindMissingAsync(officeSystemId, cancellationToken);
            if (missing.Count == 0)
            {
                return;
            }
            foreach (var use in missing)
            {
                await PutBackAsync(
                    officeSystemId,
                    use,
                    DateTimeOffset.UnixEpoch,
                    cancellationToken
                );
            }
            var areNew =
                await made.NoteAsync(officeSystemId, cancellationToken)
                && missing.Count == Uses.Length;
            crash.Pass(CrashPoint.QueueContentPutBack);
            var open = await connection.GetAsync(cancellationToken);
            await using var channel = await open.CreateChannelAsync(
                cancellationToken: cancellationToken
            );
            await Topology.DeclareOfficeSystemAsync(channel, officeSystemId, cancellationToken);
            if (areNew)
            {
                // Nothing can have been confirmed on what was not there; what goes to it from now on is not lost.
                return;
            }
            foreach (var use in missing)
            {
                _losses.Enqueue(new Loss(officeSystemId, use, clock.GetUtcNow()));
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The second look at queues that were lost, each when its time has come.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        // Twice: a publish waits that long for its confirm, and its row for being marked.
        var settled = options.Value.ConfirmTimeout * 2;
        while (_losses.TryPeek(out var loss) && clock.GetUtcNow() - loss.At > settled)
        {
            await PutBackAsync(loss.OfficeSystemId, loss.Use, loss.At - Margin, cancellationToken);
            _losses.TryDequeue(out _);
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task PutBackAsync(
        string officeSystemId,
        QueueUse use,
        DateTimeOffset since,
        CancellationToken cancellationToken
    )
    {
        foreach (var content in contents)
        {
            var count = await content.PutBackAsync(officeSystemId, use, since, cancellationToken);
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

    private async Task<IReadOnlyList<QueueUse>> FindMissingAsync(
        string officeSystemId,
        CancellationToken cancellationToken
    )
    {
        const ushort NotFound = 404;
        var open = await connection.GetAsync(cancellationToken);
        var missing = new List<QueueUse>();
        IChannel? channel = null;
        try
        {
            foreach (var use in Uses)
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

    private sealed record Loss(string OfficeSystemId, QueueUse Use, DateTimeOffset At);
}
