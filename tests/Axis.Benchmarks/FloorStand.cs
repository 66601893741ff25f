using Axis.LocalServers;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks;

/// <summary>
/// The servers for the measurement of a floor, without a hub: a database with a schema, a virtual host, and a connection with
/// one consumer for all queues. Messages are confirmed and acknowledged as the hub and its office systems do.
/// </summary>
internal sealed class FloorStand : IAsyncDisposable
{
    /// <summary>As many batches or letters are written at a time.</summary>
    public const int Writers = 4;

    /// <summary>Notes that deliveries were dispatched.</summary>
    public const string Mark = """
        WITH d AS (UPDATE floor_delivery SET state = 'dispatched' WHERE id = ANY($1))
        INSERT INTO floor_history SELECT gen_random_uuid(), i, 'dispatched' FROM unnest($1) AS i
        """;

    private const ushort Prefetch = 500;

    private readonly SharedTestServers _servers;
    private readonly Uri _amqp;
    private readonly IConnection _connection;
    private readonly IChannel _consuming;

    private FloorStand(
        SharedTestServers servers,
        NpgsqlDataSource database,
        Uri amqp,
        IConnection connection,
        IChannel consuming
    )
    {
        _servers = servers;
        Database = database;
        _amqp = amqp;
        _connection = connection;
        _consuming = consuming;
    }

    public NpgsqlDataSource Database { get; }

    public static async Task<FloorStand> StartAsync(
        SharedTestServers servers,
        string schema,
        CancellationToken cancellationToken
    )
    {
        var database = NpgsqlDataSource.Create(
            await servers.CreateDatabaseAsync(cancellationToken)
        );
        await using (var create = database.CreateCommand(schema))
        {
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
        var amqp = await servers.CreateVirtualHostAsync(cancellationToken);
        var connection = await new ConnectionFactory { Uri = amqp }.CreateConnectionAsync(
            cancellationToken
        );
        var consuming = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await consuming.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        return new FloorStand(servers, database, amqp, connection, consuming);
    }

    /// <summary>Makes the queues, which replicate as the hub's do, and takes each message off as it comes.</summary>
    public async Task ConsumeAsync(
        IEnumerable<string> queues,
        Action arrived,
        CancellationToken cancellationToken
    )
    {
        var consumer = new AsyncEventingBasicConsumer(_consuming);
        consumer.ReceivedAsync += async (_, message) =>
        {
            await _consuming.BasicAckAsync(message.DeliveryTag, multiple: false);
            arrived();
        };
        foreach (var queue in queues)
        {
            await _consuming.QueueDeclareAsync(
                queue,
                durable: true,
                exclusive: false,
                autoDelete: false,
                arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
                cancellationToken: cancellationToken
            );
            await _consuming.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
        }
    }

    /// <summary>A channel whose publishes end with their confirm.</summary>
    public Task<IChannel> PublisherAsync(CancellationToken cancellationToken) =>
        _connection.CreateChannelAsync(
            new CreateChannelOptions(
                true,
                true,
                outstandingPublisherConfirmationsRateLimiter: null
            ),
            cancellationToken
        );

    public static Task PublishAsync(IChannel channel, string queue, byte[] body) =>
        channel
            .BasicPublishAsync(
                "",
                queue,
                mandatory: true,
                new BasicProperties { DeliveryMode = DeliveryModes.Persistent },
                body,
                CancellationToken.None
            )
            .AsTask();

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await Database.DisposeAsync();
        await _servers.DeleteVirtualHostAsync(_amqp);
    }
}
