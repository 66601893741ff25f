using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Hub.Broker;

/// <summary>
/// Consumes one queue for as long as the hub runs, over as many connections as that takes. Messages are handled
/// concurrently up to the prefetch. On stopping it first stops pulling, then lets what is in flight finish.
/// </summary>
public sealed class QueueConsumer(
    BrokerConnection connection,
    TimeProvider clock,
    ILogger<QueueConsumer> log
)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(20);

    /// <param name="handle">
    /// Handles one message to its end. Its token only says that waiting has no use any more: the hub is stopping, or
    /// the channel is lost and the broker hands the message out again.
    /// </param>
    public async Task RunAsync(
        string queue,
        ushort prefetch,
        Func<IncomingMessage, CancellationToken, Task<Disposition>> handle,
        CancellationToken stopping
    )
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await ConsumeUntilClosedAsync(queue, prefetch, handle, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Cancellations too: the broker's client answers an overdue call with one. An exception that left
                // here would stop the whole hub.
                log.LogWarning(
                    "Consuming {Queue} was interrupted: {Failure}",
                    queue,
                    failure.Message
                );
            }
            await Task.Delay(Pause, clock, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ConsumeUntilClosedAsync(
        string queue,
        ushort prefetch,
        Func<IncomingMessage, CancellationToken, Task<Disposition>> handle,
        CancellationToken stopping
    )
    {
        var open = await connection.GetAsync(stopping);
        // Somebody may have deleted the queue since the connection was made.
        await connection.DeclareAsync(open, stopping);
        await using var channel = await open.CreateChannelAsync(
            new CreateChannelOptions(false, false, null, consumerDispatchConcurrency: prefetch),
            stopping
        );
        await channel.BasicQosAsync(0, prefetch, global: false, stopping);
        var inFlight = new InFlight();
        // The broker has handed the messages of a lost channel to somebody else: nobody waits for them here.
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        // The broker cancels a consumer when its queue is deleted: start over, which finds or waits for the queue.
        consumer.UnregisteredAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            using var one = inFlight.Enter();
            var message = new IncomingMessage(
                delivery.RoutingKey,
                delivery.BasicProperties.MessageId,
                delivery.Body,
                delivery.Redelivered
            );
            if (delivery.BasicProperties.Headers is { } headers)
            {
                message = message with { Headers = headers.AsReadOnly() };
            }
            var disposition = await HandleAsync(message, handle, queue, lost.Token);
            try
            {
                if (disposition == Disposition.Done)
                {
                    await channel.BasicAckAsync(
                        delivery.DeliveryTag,
                        multiple: false,
                        CancellationToken.None
                    );
                }
                else
                {
                    await channel.BasicNackAsync(
                        delivery.DeliveryTag,
                        multiple: false,
                        requeue: true,
                        CancellationToken.None
                    );
                }
            }
            catch (Exception)
            {
                // The channel is gone, so the broker hands the message out again; handling is idempotent.
                closed.TrySetResult();
            }
        };
        var tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, stopping);
        try
        {
            await closed.Task.WaitAsync(stopping);
        }
        finally
        {
            try
            {
                if (channel.IsOpen)
                {
                    await channel.BasicCancelAsync(tag, cancellationToken: CancellationToken.None);
                    await inFlight.DrainAsync(DrainLimit, clock);
                }
            }
            finally
            {
                await lost.CancelAsync();
            }
        }
    }

    private async Task<Disposition> HandleAsync(
        IncomingMessage message,
        Func<IncomingMessage, CancellationToken, Task<Disposition>> handle,
        string queue,
        CancellationToken lost
    )
    {
        try
        {
            return await handle(message, lost);
        }
        catch (Exception failure)
        {
            // Put back; the queue's delivery limit sets a message aside that fails every time.
            log.LogError(failure, "A message of {Queue} could not be handled", queue);
            return Disposition.PutBack;
        }
    }

    private sealed class InFlight
    {
        private readonly Lock _lock = new();
        private int _count;
        private TaskCompletionSource? _drained;

        public Entry Enter()
        {
            lock (_lock)
            {
                _count++;
            }
            return new Entry(this);
        }

        public async Task DrainAsync(TimeSpan limit, TimeProvider clock)
        {
            Task drained;
            lock (_lock)
            {
                if (_count == 0)
                {
                    return;
                }
                _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
                drained = _drained.Task;
            }
            await drained
                .WaitAsync(limit, clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public readonly struct Entry(InFlight owner) : IDisposable
        {
            public void Dispose()
            {
                lock (owner._lock)
                {
                    if (--owner._count == 0)
                    {
                        owner._drained?.TrySetResult();
                    }
                }
            }
        }
    }
}
