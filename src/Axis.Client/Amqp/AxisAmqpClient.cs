using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Axis.Client;

/// <summary>
/// The AMQP door of the hub for one office system. Safe for concurrent use. The connection recovers by itself, and so does
/// the consuming of each queue, whatever ended it (<see cref="ConsumingChanged"/>); what was not acknowledged then comes
/// again, so handle deliveries and events by their id.
/// </summary>
public sealed class AxisAmqpClient : IAsyncDisposable
{
    private const string SubmitExchange = "axis.submit";

    private readonly IConnection _connection;
    private readonly IChannel _publishing;
    private readonly string _clientId;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<SubmissionReceipt>> _asked =
        new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Pong>> _pinged = new();
    private readonly Channel<AmqpEvent> _events = Channel.CreateUnbounded<AmqpEvent>();
    private readonly Channel<AmqpDelivery> _inbox = Channel.CreateUnbounded<AmqpDelivery>();
    private readonly CancellationTokenSource _closed = new();
    private readonly QueueConsumption _eventQueue;
    private readonly Lock _opening = new();
    private IReadOnlyList<QueueConsumption> _inboxQueues = [];

    private AxisAmqpClient(IConnection connection, IChannel publishing, string clientId)
    {
        _connection = connection;
        _publishing = publishing;
        _clientId = clientId;
        _eventQueue = Consume($"axis.events.{_clientId}", OnEventAsync);
    }

    /// <summary>
    /// The broker ended the consuming of a queue, a try to begin again failed, or the queue is consumed again. For a log or
    /// a lamp: nothing needs to be done, the client tries again from a tenth of a second on, at last every five seconds.
    /// Called on a thread of the pool, one call at a time for each queue, and waited for; what it throws is ignored.
    /// </summary>
    public event EventHandler<ConsumingChangedEventArgs>? ConsumingChanged;

    /// <summary>How long <see cref="SubmitAsync"/> waits for the answer. Default 60 seconds.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <param name="broker"><c>amqp://host:port/vhost</c> or <c>amqps://</c>, without name and password.</param>
    /// <param name="clientId">Id of the office system.</param>
    /// <param name="clientSecret">Its secret.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="RabbitMQ.Client.Exceptions.BrokerUnreachableException">No broker there, or the secret is wrong.</exception>
    public static async Task<AxisAmqpClient> ConnectAsync(
        Uri broker,
        string clientId,
        string clientSecret,
        CancellationToken cancellation = default
    )
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            UserName = clientId,
            Password = clientSecret,
            ClientProvidedName = $"axis-client {clientId}",
            // The library would consume once, and say nothing when that is refused.
            TopologyRecoveryEnabled = false,
        };
        var connection = await factory.CreateConnectionAsync(cancellation);
        try
        {
            var publishing = await connection.CreateChannelAsync(
                new CreateChannelOptions(
                    publisherConfirmationsEnabled: true,
                    publisherConfirmationTrackingEnabled: true,
                    outstandingPublisherConfirmationsRateLimiter: null
                ),
                cancellation
            );
            return await new AxisAmqpClient(connection, publishing, clientId).ListenAsync(
                cancellation
            );
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<AxisAmqpClient> ListenAsync(CancellationToken cancellation)
    {
        try
        {
            await _eventQueue.Begun.WaitAsync(AnswerLimit, cancellation);
            return this;
        }
        catch
        {
            await _closed.CancelAsync();
            throw;
        }
    }

    /// <summary>
    /// Submits one edXML file and waits for the hub's answer. Idempotent: when in doubt, submit again.
    /// </summary>
    /// <exception cref="AxisRefusedException">The hub refused it.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="AnswerLimit"/>.</exception>
    public async Task<SubmissionReceipt> SubmitAsync(
        ReadOnlyMemory<byte> package,
        CancellationToken cancellation = default
    )
    {
        var id = Guid.CreateVersion7().ToString();
        var answer = new TaskCompletionSource<SubmissionReceipt>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        _asked[id] = answer;
        try
        {
            await PublishAsync(
                $"submit.{_clientId}",
                id,
                "axis.submission",
                "application/xml",
                package,
                cancellation
            );
            return await answer.Task.WaitAsync(AnswerLimit, cancellation);
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }

    /// <summary>Tests the way to the hub and back: an acknowledgement of nothing, answered on the event queue.</summary>
    /// <exception cref="TimeoutException">No answer within <see cref="AnswerLimit"/>.</exception>
    public async Task<Pong> PingAsync(CancellationToken cancellation = default)
    {
        var id = Guid.CreateVersion7().ToString();
        var answer = new TaskCompletionSource<Pong>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        _pinged[id] = answer;
        try
        {
            await PublishAsync(
                $"ack.{_clientId}",
                id,
                "axis.acknowledgement",
                "application/json",
                JsonSerializer.SerializeToUtf8Bytes(
                    new DeliveryIds([]),
                    AxisJson.Default.DeliveryIds
                ),
                cancellation
            );
            return await answer.Task.WaitAsync(AnswerLimit, cancellation);
        }
        finally
        {
            _pinged.TryRemove(id, out _);
        }
    }

    /// <summary>
    /// Says that deliveries are safely stored; at most 1000 at a time. Returns when the broker has it for the hub.
    /// </summary>
    public Task AcknowledgeAsync(
        IReadOnlyCollection<Guid> deliveryIds,
        CancellationToken cancellation = default
    ) =>
        PublishAsync(
            $"ack.{_clientId}",
            Guid.CreateVersion7().ToString(),
            "axis.acknowledgement",
            "application/json",
            JsonSerializer.SerializeToUtf8Bytes(
                new DeliveryIds(deliveryIds),
                AxisJson.Default.DeliveryIds
            ),
            cancellation
        );

    /// <summary>
    /// Deliveries as they come, from the urgent queue and the other, until cancelled. Settle each with
    /// <see cref="AmqpDelivery.AcknowledgeAsync"/>. One reader at a time.
    /// </summary>
    /// <exception cref="OperationInterruptedException">The broker refuses access at the first time; read again later.</exception>
    public async IAsyncEnumerable<AmqpDelivery> ReadInboxAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        await OpenInboxAsync(cancellation);
        await foreach (var delivery in _inbox.Reader.ReadAllAsync(cancellation))
        {
            yield return delivery;
        }
    }

    /// <summary>Events as they come, until cancelled. Settle each with <see cref="AmqpEvent.AcknowledgeAsync"/>.</summary>
    public IAsyncEnumerable<AmqpEvent> ReadEventsAsync(CancellationToken cancellation = default) =>
        _events.Reader.ReadAllAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_closed.IsCancellationRequested)
        {
            return;
        }
        await _closed.CancelAsync();
        await _connection.DisposeAsync();
        IReadOnlyList<QueueConsumption> queues;
        lock (_opening)
        {
            queues = [_eventQueue, .. _inboxQueues];
        }
        await EndAsync(queues);
        foreach (var waiting in _asked.Values)
        {
            waiting.TrySetException(new OperationCanceledException("The connection was closed."));
        }

        _inbox.Writer.TryComplete();
        _events.Writer.TryComplete();
    }

    /// <summary>Consumes the inbox, for good from the first time on: who is cancelled while it begins may read again later.</summary>
    private async Task OpenInboxAsync(CancellationToken cancellation)
    {
        IReadOnlyList<QueueConsumption> opened;
        lock (_opening)
        {
            ObjectDisposedException.ThrowIf(_closed.IsCancellationRequested, this);
            if (_inboxQueues.Count == 0)
            {
                _inboxQueues =
                [
                    Consume($"axis.inbox.{_clientId}.urgent", OnDeliveryAsync),
                    Consume($"axis.inbox.{_clientId}", OnDeliveryAsync),
                ];
            }
            opened = _inboxQueues;
        }
        try
        {
            await foreach (
                var begun in Task.WhenEach(opened.Select(queue => queue.Begun))
                    .WithCancellation(cancellation)
            )
            {
                await begun;
            }
        }
        catch (OperationInterruptedException)
        {
            lock (_opening)
            {
                _inboxQueues = [];
            }
            await EndAsync(opened);
            throw;
        }
    }

    private static Task EndAsync(IEnumerable<QueueConsumption> queues) =>
        Task.WhenAll(queues.Select(queue => queue.EndAsync()));

    private async Task PublishAsync(
        string routingKey,
        string messageId,
        string type,
        string contentType,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellation
    )
    {
        var properties = new BasicProperties
        {
            MessageId = messageId,
            Type = type,
            ContentType = contentType,
            DeliveryMode = DeliveryModes.Persistent,
        };
        // The library loses count of its confirms when a publish is cancelled inside; so it is only left behind.
        var publish = _publishing.BasicPublishAsync(
            SubmitExchange,
            routingKey,
            mandatory: true,
            properties,
            body,
            CancellationToken.None
        );
        await publish.AsTask().WaitAsync(AnswerLimit, cancellation);
    }

    private QueueConsumption Consume(
        string queue,
        Func<IChannel, BasicDeliverEventArgs, Task> handle
    ) => new(_connection, queue, handle, Tell, _closed.Token);

    private void Tell(ConsumingChangedEventArgs change)
    {
        try
        {
            ConsumingChanged?.Invoke(this, change);
        }
        catch (Exception)
        {
            // Whoever listens must not end the consuming that he is told of.
        }
    }

    private async Task OnDeliveryAsync(IChannel channel, BasicDeliverEventArgs message)
    {
        // The library takes the body back when this returns.
        await _inbox.Writer.WriteAsync(AmqpDelivery.Read(this, channel, message));
    }

    private async Task OnEventAsync(IChannel channel, BasicDeliverEventArgs message)
    {
        switch (message.BasicProperties.Type)
        {
            case "axis.receipt":
                Find(message)?.TrySetResult(AxisJson.ReadReceipt(message.Body.Span));
                break;
            case "axis.problem":
                var problem = JsonSerializer.Deserialize(
                    message.Body.Span,
                    AxisJson.Default.Problem
                )!;
                Find(message)?.TrySetException(new AxisRefusedException(problem));
                break;
            case "axis.pong"
                when _pinged.TryGetValue(
                    message.BasicProperties.CorrelationId ?? "",
                    out var pinged
                ):
                pinged.TrySetResult(
                    JsonSerializer.Deserialize(message.Body.Span, AxisJson.Default.Pong)!
                );
                break;
            case "axis.event":
                var read = JsonSerializer.Deserialize(
                    message.Body.Span,
                    AxisJson.Default.CloudEvent
                )!;
                await _events.Writer.WriteAsync(new AmqpEvent(channel, message.DeliveryTag, read));
                return;
        }

        // An answer that nobody waits for any more, or a type of a later hub, is done with.
        await SettleAsync(channel, message.DeliveryTag);
    }

    private TaskCompletionSource<SubmissionReceipt>? Find(BasicDeliverEventArgs message) =>
        message.BasicProperties.CorrelationId is { } id && _asked.TryGetValue(id, out var asked)
            ? asked
            : null;

    /// <summary>Takes a message off its queue. Where its channel is gone it is on the queue again, and comes again.</summary>
    internal static async ValueTask SettleAsync(IChannel channel, ulong deliveryTag)
    {
        try
        {
            await channel.BasicAckAsync(deliveryTag, multiple: false, CancellationToken.None);
        }
        catch (Exception gone) when (gone is AlreadyClosedException or ObjectDisposedException)
        {
            return;
        }
    }
}
