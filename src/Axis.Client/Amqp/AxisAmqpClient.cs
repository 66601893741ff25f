using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Axis.Client;

/// <summary>
/// The AMQP door of the hub for one office system. Safe for concurrent use. The connection recovers by itself; what was
/// not acknowledged then comes again, so handle deliveries and events by their id.
/// </summary>
public sealed class AxisAmqpClient : IAsyncDisposable
{
    private const string SubmitExchange = "axis.submit";

    /// <summary>Unacknowledged messages the broker hands out at a time, for each queue.</summary>
    private const ushort Prefetch = 50;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly IConnection _connection;
    private readonly IChannel _publishing;
    private readonly IChannel _consuming;
    private readonly string _clientId;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<SubmissionReceipt>> _asked =
        new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Pong>> _pinged = new();
    private readonly Channel<AmqpEvent> _events = Channel.CreateUnbounded<AmqpEvent>();
    private readonly Channel<AmqpDelivery> _inbox = Channel.CreateUnbounded<AmqpDelivery>();
    private readonly CancellationTokenSource _closed = new();
    private int _inboxOpen;

    private AxisAmqpClient(
        IConnection connection,
        IChannel publishing,
        IChannel consuming,
        string clientId
    )
    {
        _connection = connection;
        _publishing = publishing;
        _consuming = consuming;
        _clientId = clientId;
    }

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
            var consuming = await connection.CreateChannelAsync(cancellationToken: cancellation);
            await consuming.BasicQosAsync(0, Prefetch, global: false, cancellation);
            return await new AxisAmqpClient(
                connection,
                publishing,
                consuming,
                clientId
            ).ListenAsync(cancellation);
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
            await ConsumeForGoodAsync($"axis.events.{_clientId}", OnEventAsync)
                .WaitAsync(AnswerLimit, cancellation);
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
    public async IAsyncEnumerable<AmqpDelivery> ReadInboxAsync(
        [EnumeratorCancellation] CancellationToken cancellation = default
    )
    {
        if (Interlocked.Exchange(ref _inboxOpen, 1) == 0)
        {
            // They go on by themselves from here: who is cancelled while they begin may read again later.
            await Task.WhenAll(
                    ConsumeForGoodAsync($"axis.inbox.{_clientId}.urgent", OnDeliveryAsync),
                    ConsumeForGoodAsync($"axis.inbox.{_clientId}", OnDeliveryAsync)
                )
                .WaitAsync(cancellation);
        }

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
        await _closed.CancelAsync();
        await _connection.DisposeAsync();
        foreach (var waiting in _asked.Values)
        {
            waiting.TrySetException(new OperationCanceledException("The connection was closed."));
        }

        _inbox.Writer.TryComplete();
        _events.Writer.TryComplete();
    }

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

    /// <summary>
    /// Consumes a queue, and does so again when the broker ends that: it cancels the consumers of a queue that is deleted,
    /// and closes the connection (541) of who begins to consume one that is just being made or deleted. The hub makes
    /// such a queue anew. A closed connection, with what is consumed on it by then, is brought back by the library.
    /// Returns when the queue is consumed for the first time.
    /// </summary>
    private async Task ConsumeForGoodAsync(
        string queue,
        AsyncEventHandler<BasicDeliverEventArgs> handler
    )
    {
        var pause = FirstPause;
        while (!_closed.IsCancellationRequested)
        {
            try
            {
                // Consuming what is not there closes the channel, and with it the other consumers; so it is looked for first.
                await using (
                    var look = await _connection.CreateChannelAsync(
                        cancellationToken: _closed.Token
                    )
                )
                {
                    await look.QueueDeclarePassiveAsync(queue, _closed.Token);
                }
                var consumer = new AsyncEventingBasicConsumer(_consuming);
                consumer.ReceivedAsync += handler;
                consumer.UnregisteredAsync += (_, _) =>
                {
                    _ = ConsumeForGoodAsync(queue, handler);
                    return Task.CompletedTask;
                };
                await _consuming.BasicConsumeAsync(queue, autoAck: false, consumer, _closed.Token);
                return;
            }
            catch (OperationInterruptedException refused)
                when (refused.ShutdownReason?.ReplyCode == Constants.AccessRefused)
            {
                throw;
            }
            catch (Exception) when (!_closed.IsCancellationRequested)
            {
                // The queue is not there yet, or the connection is on its way back.
                await Task.Delay(pause, _closed.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
            }
        }
    }

    private async Task OnDeliveryAsync(object sender, BasicDeliverEventArgs message)
    {
        // The library takes the body back when this returns.
        await _inbox.Writer.WriteAsync(AmqpDelivery.Read(this, message));
    }

    private async Task OnEventAsync(object sender, BasicDeliverEventArgs message)
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
                await _events.Writer.WriteAsync(new AmqpEvent(this, message.DeliveryTag, read));
                return;
        }

        // An answer that nobody waits for any more, or a type of a later hub, is done with.
        await SettleAsync(message.DeliveryTag);
    }

    private TaskCompletionSource<SubmissionReceipt>? Find(BasicDeliverEventArgs message) =>
        message.BasicProperties.CorrelationId is { } id && _asked.TryGetValue(id, out var asked)
            ? asked
            : null;

    internal ValueTask SettleAsync(ulong deliveryTag) =>
        _consuming.BasicAckAsync(deliveryTag, multiple: false, CancellationToken.None);
}
