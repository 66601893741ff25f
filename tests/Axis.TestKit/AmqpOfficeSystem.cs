using System.Collections.Concurrent;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Axis.TestKit;

/// <summary>What an office system sees of the broker, with its own account.</summary>
public sealed class AmqpOfficeSystem : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly ConnectionFactory _factory;
    private readonly string _id;
    private readonly List<string> _listening = [];
    private IConnection _connection;
    private readonly ConcurrentQueue<Received> _inbox = new();
    private readonly ConcurrentQueue<Received> _events = new();
    private readonly ConcurrentQueue<ContractException> _mismatches = new();

    private AmqpOfficeSystem(
        string id,
        ConnectionFactory factory,
        IConnection connection,
        IChannel channel
    )
    {
        _id = id;
        _factory = factory;
        _connection = connection;
        Channel = channel;
    }

    public IChannel Channel { get; private set; }

    public static async Task<AmqpOfficeSystem> ConnectAsync(
        TestHub hub,
        string id,
        string? secret = null
    )
    {
        var factory = new ConnectionFactory
        {
            Uri = hub.Amqp,
            UserName = id,
            Password = secret ?? hub.SecretOf(id),
            AutomaticRecoveryEnabled = false,
            // By itself the library gives a broker twenty seconds for an answer.
            ContinuationTimeout = s_patience,
            HandshakeContinuationTimeout = s_patience,
            RequestedConnectionTimeout = s_patience,
        };
        var connection = await factory.CreateConnectionAsync();
        return new AmqpOfficeSystem(id, factory, connection, await OpenAsync(connection));
    }

    private static Task<IChannel> OpenAsync(IConnection connection) =>
        connection.CreateChannelAsync(new CreateChannelOptions(true, true));

    /// <summary>Starts to read the own queues, once the hub has declared them.</summary>
    public async Task ListenAsync()
    {
        // Each is made for itself; a consumer of one that is not there yet would cost the channel.
        await ListenAsync($"axis.inbox.{_id}");
        await ListenAsync($"axis.inbox.{_id}.urgent");
        await ListenAsync($"axis.events.{_id}");
    }

    /// <summary>
    /// Starts to read one of the own queues, once it is there. RabbitMQ names a queue before there is a process behind
    /// it, and after that process ended; who begins to consume it in that moment has his connection closed (541).
    /// </summary>
    public async Task ListenAsync(string queue)
    {
        // Begun anew as often as it takes, as any client must: docs/integration.md.
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await ReopenAsync();
                await WaitForQueuesAsync(queue);
                await ConsumeAsync(queue);
                return true;
            }
            catch (OperationInterruptedException closed)
                when (closed.ShutdownReason?.ReplyCode == Constants.InternalError)
            {
                return false;
            }
        });
        _listening.Add(queue);
    }

    private async Task ReopenAsync()
    {
        if (_connection.IsOpen)
        {
            return;
        }
        await _connection.DisposeAsync();
        _connection = await _factory.CreateConnectionAsync();
        Channel = await OpenAsync(_connection);
        foreach (var queue in _listening)
        {
            await ConsumeAsync(queue);
        }
    }

    /// <summary>Waits until one of the queues is there; by itself the last that the hub declares.</summary>
    public Task WaitForQueuesAsync(string? queue = null) =>
        Eventually.HoldsAsync(async () =>
        {
            try
            {
                await ReopenAsync();
                await using var channel = await _connection.CreateChannelAsync();
                await channel.QueueDeclarePassiveAsync(queue ?? $"axis.events.{_id}");
                return true;
            }
            catch (OperationInterruptedException refused)
                when (_connection.IsOpen
                    || refused.ShutdownReason?.ReplyCode == Constants.InternalError
                )
            {
                return false;
            }
        });

    public async Task<string> SubmitAsync(byte[] package)
    {
        var messageId = Guid.CreateVersion7().ToString();
        await PublishAsync("axis.submit", $"submit.{_id}", package, messageId);
        return messageId;
    }

    public Task AcknowledgeAsync(params Guid[] deliveryIds) =>
        PublishAsync(
            "axis.submit",
            $"ack.{_id}",
            JsonSerializer.SerializeToUtf8Bytes(new { deliveryIds }),
            Guid.CreateVersion7().ToString()
        );

    public async Task PublishAsync(
        string exchange,
        string routingKey,
        byte[] body,
        string messageId
    ) =>
        await Channel.BasicPublishAsync(
            exchange,
            routingKey,
            mandatory: true,
            new BasicProperties { MessageId = messageId, DeliveryMode = DeliveryModes.Persistent },
            body
        );

    public Task<Received> AnswerToAsync(string messageId) =>
        FindAsync(_events, message => message.CorrelationId == messageId);

    public IReadOnlyList<Received> AnswersTo(string messageId) =>
        [.. _events.Where(message => message.CorrelationId == messageId)];

    /// <summary>Takes a letter off a queue as one does who dies before saving it.</summary>
    public async Task TakeWithoutAcknowledgingAsync(string queue, string documentId)
    {
        var taken = new ConcurrentQueue<string>();
        var consumer = new AsyncEventingBasicConsumer(Channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            if (message.BasicProperties.Headers?["x-axis-document-id"] is byte[] id)
            {
                taken.Enqueue(System.Text.Encoding.UTF8.GetString(id));
            }
            return Task.CompletedTask;
        };
        await Channel.BasicConsumeAsync(queue, autoAck: false, consumer);
        await Eventually.FindAsync(taken, id => id == documentId);
    }

    public Task<Received> NextEventAsync(Func<JsonElement, bool> match) =>
        FindAsync(_events, message => message.Type == "axis.event" && match(message.Json));

    public Task<Received> NextDeliveryAsync(string documentId) =>
        FindAsync(_inbox, message => message.Header("x-axis-document-id") == documentId);

    public bool HasHeardOf(string documentId) =>
        _events.Any(message =>
            message.Type == "axis.event"
            && message.Json.GetProperty("data").GetProperty("documentId").GetString() == documentId
        );

    public IReadOnlyList<Received> Inbox => [.. _inbox];

    /// <summary>How many letters have come.</summary>
    public int InboxCount => _inbox.Count;

    public IReadOnlyList<Received> Events => [.. _events];

    public IEnumerable<Received> Problems =>
        _events.Where(message => message.Type == "axis.problem");

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
        HoldContract();
    }

    /// <summary>A consumer cannot fail a test; the test does, when it looks for a message and at its end.</summary>
    private void HoldContract()
    {
        if (_mismatches.TryPeek(out var mismatch))
        {
            throw mismatch;
        }
    }

    private Task<Received> FindAsync(ConcurrentQueue<Received> among, Func<Received, bool> match) =>
        Eventually.FindAsync(
            among,
            message =>
            {
                HoldContract();
                return match(message);
            }
        );

    private async Task ConsumeAsync(string queue)
    {
        var into = queue == $"axis.events.{_id}" ? _events : _inbox;
        var channel = Channel;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            var received = new Received(
                message.BasicProperties.MessageId!,
                message.BasicProperties.CorrelationId,
                message.BasicProperties.Type,
                message.BasicProperties.ContentType,
                message.BasicProperties.Headers ?? new Dictionary<string, object?>(),
                message.Body.ToArray()
            );
            try
            {
                ContractAmqp.Hold(queue, _id, received);
            }
            catch (ContractException mismatch)
            {
                _mismatches.Enqueue(mismatch);
            }
            into.Enqueue(received);
            await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
    }
}

public sealed record Received(
    string MessageId,
    string? CorrelationId,
    string? Type,
    string? ContentType,
    IDictionary<string, object?> Headers,
    byte[] Body
)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Body);

    public string? Header(string name) =>
        Headers.TryGetValue(name, out var value) && value is byte[] text
            ? System.Text.Encoding.UTF8.GetString(text)
            : null;
}
