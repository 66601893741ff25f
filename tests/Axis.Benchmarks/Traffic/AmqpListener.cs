using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks.Traffic;

/// <summary>An office system that reads queues of its own with as little effort as can be, and acknowledges each message.</summary>
internal sealed class AmqpListener : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _reading;

    private AmqpListener(IConnection connection, IChannel reading, IChannel publishing)
    {
        _connection = connection;
        _reading = reading;
        Publishing = publishing;
    }

    /// <summary>A confirming channel for what it has to say.</summary>
    public IChannel Publishing { get; }

    public static async Task<AmqpListener> ConnectAsync(TestHub hub, string id)
    {
        await using (var waiting = await AmqpOfficeSystem.ConnectAsync(hub, id))
        {
            await waiting.WaitForQueuesAsync();
        }
        var factory = new ConnectionFactory
        {
            Uri = hub.Amqp,
            UserName = id,
            Password = hub.SecretOf(id),
        };
        var connection = await factory.CreateConnectionAsync();
        var reading = await connection.CreateChannelAsync();
        await reading.BasicQosAsync(0, 500, global: false);
        return new AmqpListener(
            connection,
            reading,
            await connection.CreateChannelAsync(
                new CreateChannelOptions(
                    true,
                    true,
                    outstandingPublisherConfirmationsRateLimiter: null
                )
            )
        );
    }

    public async Task ListenAsync(string queue, Func<BasicDeliverEventArgs, Task> received)
    {
        var consumer = new AsyncEventingBasicConsumer(_reading);
        consumer.ReceivedAsync += async (_, message) =>
        {
            await _reading.BasicAckAsync(message.DeliveryTag, multiple: false);
            await received(message);
        };
        await _reading.BasicConsumeAsync(queue, autoAck: false, consumer);
    }

    public async ValueTask DisposeAsync()
    {
        await _reading.DisposeAsync();
        await Publishing.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
