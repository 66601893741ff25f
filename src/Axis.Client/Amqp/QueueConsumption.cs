using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Axis.Client;

/// <summary>
/// Consumes one queue, and does so again whatever ended it: the broker cancels the consumers of a queue that is deleted,
/// refuses one that is not there or not allowed, and closes the connection (541) of who begins to consume one that is just
/// being made or deleted. On a channel of its own, because most of these answers cost the channel.
/// </summary>
internal sealed class QueueConsumption
{
    /// <summary>Unacknowledged messages the broker hands out at a time.</summary>
    private const ushort Prefetch = 50;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly IConnection _connection;
    private readonly string _queue;
    private readonly Func<IChannel, BasicDeliverEventArgs, Task> _handle;
    private readonly Action<ConsumingChangedEventArgs> _tell;
    private readonly CancellationTokenSource _ended;
    private readonly TaskCompletionSource _begun = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly Task _running;
    private TimeSpan _pause = FirstPause;

    /// <param name="connection">Brought back by the library when it is closed.</param>
    /// <param name="queue">Its name.</param>
    /// <param name="handle">Takes a message, with the channel on which it is settled.</param>
    /// <param name="tell">Hears of each end, of each try that failed, and of each return.</param>
    /// <param name="closed">Ends it.</param>
    public QueueConsumption(
        IConnection connection,
        string queue,
        Func<IChannel, BasicDeliverEventArgs, Task> handle,
        Action<ConsumingChangedEventArgs> tell,
        CancellationToken closed
    )
    {
        _connection = connection;
        _queue = queue;
        _handle = handle;
        _tell = tell;
        _ended = CancellationTokenSource.CreateLinkedTokenSource(closed);
        _running = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>
    /// Done when the queue is consumed for the first time. Fails when the broker refuses access before that: then it was
    /// asked for with the wrong account, and whoever asked hears it. A refusal later on is waited out.
    /// </summary>
    public Task Begun => _begun.Task;

    /// <summary>Returns when nothing is consumed and tried any more.</summary>
    public async Task EndAsync()
    {
        await _ended.CancelAsync();
        await _running;
        _ended.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            string reason;
            try
            {
                reason = await ConsumeAsync(_ended.Token);
            }
            catch (OperationInterruptedException refused)
                when (!_begun.Task.IsCompleted
                    && refused.ShutdownReason?.ReplyCode == Constants.AccessRefused
                )
            {
                _begun.TrySetException(refused);
                return;
            }
            catch (Exception failure)
            {
                reason = failure is OperationInterruptedException { ShutdownReason: { } told }
                    ? Words(told)
                    : failure.Message;
            }
            if (_ended.IsCancellationRequested)
            {
                break;
            }
            _tell(
                new()
                {
                    Queue = _queue,
                    Reason = reason,
                    NextTry = _pause,
                }
            );
            await Task.Delay(_pause, _ended.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pause = _pause * 2 > LongestPause ? LongestPause : _pause * 2;
        }
        _begun.TrySetCanceled(_ended.Token);
    }

    /// <summary>Returns why it is over.</summary>
    private async Task<string> ConsumeAsync(CancellationToken cancellation)
    {
        var over = new TaskCompletionSource<string>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        await using var channel = await _connection.CreateChannelAsync(
            cancellationToken: cancellation
        );
        try
        {
            channel.ChannelShutdownAsync += (_, told) => End(Words(told));
            await channel.BasicQosAsync(0, Prefetch, global: false, cancellation);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, message) => _handle(channel, message);
            consumer.UnregisteredAsync += (_, _) =>
                End("The broker cancelled the consumer: the queue was deleted.");
            await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, cancellation);
            _pause = FirstPause;
            if (!_begun.TrySetResult())
            {
                _tell(new() { Queue = _queue });
            }
            return await over.Task.WaitAsync(cancellation);
        }
        finally
        {
            // Closed in so many words, or the library brings it back with the next connection.
            await channel.AbortAsync(CancellationToken.None);
        }

        Task End(string reason)
        {
            over.TrySetResult(reason);
            return Task.CompletedTask;
        }
    }

    private static string Words(ShutdownEventArgs told) => $"{told.ReplyCode} {told.ReplyText}";
}
