using System.Collections.Concurrent;
using System.Text.Json;
using Axis.Chaos.Books;
using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Chaos.Offices;

/// <summary>
/// The AMQP door as an office system uses it: a connection that is made again for ever, publishes with confirms,
/// submissions that are sent again until their answer comes.
/// </summary>
public sealed class AmqpDoor(
    Uri broker,
    string id,
    string secret,
    OfficeLedger ledger,
    Func<Received, CancellationToken, Task> receive
)
{
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BeforeAgain = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<Received>> _questions = new(
        StringComparer.Ordinal
    );
    private volatile IChannel? _channel;
    private volatile IConnection? _connection;

    /// <summary>
    /// While set, messages of the inbox are taken and neither saved nor acknowledged: an office system about to die.
    /// </summary>
    public bool IsDying { get; set; }

    /// <summary>Keeps the connection until the run is over.</summary>
    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            try
            {
                await ConnectAndConsumeAsync(over);
            }
            catch (Exception) when (!over.IsCancellationRequested)
            {
                // Broker or hub (which the broker asks for the password) are away.
                await Pause.AtMostAsync(BeforeAgain, over);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    /// <summary>Dies with messages in hand, and comes back.</summary>
    public async Task VanishAsync(CancellationToken cancellation)
    {
        IsDying = true;
        await Pause.AtMostAsync(BeforeAgain, cancellation);
        await DropAsync();
        IsDying = false;
    }

    /// <summary>Ends the connection; the loop makes a new one.</summary>
    public async Task DropAsync()
    {
        if (_connection is { } connection)
        {
            await LetGoAsync(connection);
        }
    }

    /// <summary>
    /// Ends a connection with its channels, and does not wait for ever: the end of a channel waits for the handlers of
    /// its messages, and one of those may be waiting for the next connection.
    /// </summary>
    private static async Task LetGoAsync(IConnection connection)
    {
        try
        {
            await connection.AbortAsync().WaitAsync(EndPatience);
            await connection.DisposeAsync().AsTask().WaitAsync(EndPatience);
        }
        catch (Exception)
        {
            // It is given up; how it fails to end changes nothing.
            return;
        }
    }

    /// <summary>Submits the bytes and returns the answer, however often that takes.</summary>
    public async Task<Received> SubmitAsync(byte[] package, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<Received>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        var names = new List<string>();
        try
        {
            while (true)
            {
                var name = Guid.CreateVersion7().ToString();
                names.Add(name);
                _questions[name] = answer;
                await PublishAsync($"submit.{id}", package, name, cancellation);
                try
                {
                    return await answer.Task.WaitAsync(AnswerPatience, cancellation);
                }
                catch (TimeoutException)
                {
                    ledger.SubmittedAgain();
                }
            }
        }
        finally
        {
            foreach (var name in names)
            {
                _questions.TryRemove(name, out _);
            }
        }
    }

    public Task AcknowledgeAsync(Guid deliveryId, CancellationToken cancellation) =>
        PublishAsync(
            $"ack.{id}",
            JsonSerializer.SerializeToUtf8Bytes(new { deliveryIds = (Guid[])[deliveryId] }),
            Guid.CreateVersion7().ToString(),
            cancellation
        );

    /// <summary>Publishes until the broker confirms.</summary>
    private async Task PublishAsync(
        string routingKey,
        byte[] body,
        string messageId,
        CancellationToken cancellation
    )
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_channel is { IsOpen: true } channel)
            {
                try
                {
                    await channel
                        .BasicPublishAsync(
                            "axis.submit",
                            routingKey,
                            mandatory: true,
                            new BasicProperties
                            {
                                MessageId = messageId,
                                DeliveryMode = DeliveryModes.Persistent,
                            },
                            body,
                            CancellationToken.None
                        )
                        .AsTask()
                        .WaitAsync(ConfirmPatience, cancellation);
                    return;
                }
                catch (TimeoutException)
                {
                    await DropAsync();
                }
                catch (Exception) when (!cancellation.IsCancellationRequested)
                {
                    // Returned, refused or broken off: nothing is known but that it is to be sent again.
                }
            }
            await Pause.ForAsync(BeforeAgain, cancellation);
        }
    }

    private async Task ConnectAndConsumeAsync(CancellationToken over)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            UserName = id,
            Password = secret,
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(10),
            RequestedConnectionTimeout = TimeSpan.FromSeconds(10),
        };
        var connection = await factory.CreateConnectionAsync(over);
        try
        {
            _connection = connection;
            var publishing = await connection.CreateChannelAsync(
                new CreateChannelOptions(
                    true,
                    true,
                    outstandingPublisherConfirmationsRateLimiter: null
                ),
                over
            );
            _channel = publishing;
            var events = await ConsumeAsync(
                connection,
                [$"axis.events.{id}"],
                AnswerOrEventAsync,
                over
            );
            var inbox = await ConsumeAsync(
                connection,
                [$"axis.inbox.{id}", $"axis.inbox.{id}.urgent"],
                (channel, message) => InboxAsync(channel, message, over),
                over
            );
            // A queue that is deleted ends its consumer and nothing else; a channel that the broker closes is the same.
            while (
                connection.IsOpen
                && publishing.IsOpen
                && events is { Channel.IsOpen: true, IsCancelled: false }
                && inbox is { Channel.IsOpen: true, IsCancelled: false }
            )
            {
                await Pause.ForAsync(LookInterval, over);
            }
        }
        finally
        {
            await LetGoAsync(connection);
        }
    }

    private static async Task<Consumption> ConsumeAsync(
        IConnection connection,
        IReadOnlyList<string> queues,
        Func<IChannel, BasicDeliverEventArgs, Task> handle,
        CancellationToken over
    )
    {
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(false, false, null, consumerDispatchConcurrency: 4),
            over
        );
        await channel.BasicQosAsync(0, 50, global: false, over);
        var consumption = new Consumption(channel);
        foreach (var queue in queues)
        {
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += async (_, message) =>
            {
                try
                {
                    await handle(channel, message);
                }
                catch (Exception)
                {
                    // The channel is gone, or the run is over: the broker keeps the message.
                    consumption.IsCancelled = true;
                }
            };
            consumer.UnregisteredAsync += (_, _) =>
            {
                consumption.IsCancelled = true;
                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(queue, autoAck: false, consumer, over);
        }
        return consumption;
    }

    private async Task AnswerOrEventAsync(IChannel channel, BasicDeliverEventArgs message)
    {
        var received = Read(message);
        if (received.Type == "axis.event")
        {
            ledger.Hear(received.Json.GetProperty("data"), received.MessageId);
        }
        else if (
            received.CorrelationId is { } question
            && (
                !_questions.TryGetValue(question, out var waiting)
                || !waiting.TrySetResult(received)
            )
        )
        {
            ledger.AnsweredAgain();
        }
        await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
    }

    private async Task InboxAsync(
        IChannel channel,
        BasicDeliverEventArgs message,
        CancellationToken over
    )
    {
        if (IsDying)
        {
            return;
        }
        await receive(Read(message), over);
        await channel.BasicAckAsync(message.DeliveryTag, multiple: false, over);
    }

    private static Received Read(BasicDeliverEventArgs message) =>
        new(
            message.BasicProperties.MessageId!,
            message.BasicProperties.CorrelationId,
            message.BasicProperties.Type,
            message.BasicProperties.ContentType,
            message.BasicProperties.Headers ?? new Dictionary<string, object?>(),
            message.Body.ToArray()
        );

    private sealed class Consumption(IChannel channel)
    {
        public IChannel Channel => channel;

        public volatile bool IsCancelled;
    }
}
