using System.Diagnostics;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks;

/// <summary>
/// A file written and synced for each letter, its rows in one statement, a small confirmed message for each recipient
/// on as many queues as there are office systems, and the rows marked: nothing is received, parsed, verified or looked up.
/// </summary>
internal static class FanoutFloor
{
    private const int Writers = 4;
    private const int MessageBytes = 300;
    private const int WarmUp = 40;

    private const string Schema = """
        CREATE TABLE floor_package (id uuid PRIMARY KEY, document text, receipt json);
        CREATE TABLE floor_delivery (id uuid PRIMARY KEY, package uuid, recipient text, state text);
        CREATE INDEX ON floor_delivery (package);
        CREATE TABLE floor_history (id uuid PRIMARY KEY, delivery uuid, what text);
        CREATE INDEX ON floor_history (delivery);
        """;

    private const string Write = """
        WITH p AS (INSERT INTO floor_package VALUES ($1, $1::text, '{}')),
        d AS (INSERT INTO floor_delivery SELECT i, $1, 'H98.10.00', 'waiting' FROM unnest($2) AS i)
        INSERT INTO floor_history SELECT gen_random_uuid(), i, 'accepted' FROM unnest($2) AS i
        """;

    private const string Mark = """
        WITH d AS (UPDATE floor_delivery SET state = 'dispatched' WHERE id = ANY($1))
        INSERT INTO floor_history SELECT gen_random_uuid(), i, 'dispatched' FROM unnest($1) AS i
        """;

    /// <summary>Deliveries a second.</summary>
    public static async Task<double> MeasureAsync(
        SharedTestServers servers,
        int letters,
        int bytes,
        int recipients,
        int queues,
        CancellationToken cancellationToken
    )
    {
        await using var database = NpgsqlDataSource.Create(
            await servers.CreateDatabaseAsync(cancellationToken)
        );
        await using (var schema = database.CreateCommand(Schema))
        {
            await schema.ExecuteNonQueryAsync(cancellationToken);
        }
        var amqp = await servers.CreateVirtualHostAsync(cancellationToken);
        await using var connection = await new ConnectionFactory
        {
            Uri = amqp,
        }.CreateConnectionAsync(cancellationToken);
        await using var consuming = await connection.CreateChannelAsync(
            cancellationToken: cancellationToken
        );
        var arrived = new Countdown(0);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += async (_, message) =>
        {
            await consuming.BasicAckAsync(message.DeliveryTag, multiple: false);
            arrived.Count();
        };
        await consuming.BasicQosAsync(0, 500, global: false, cancellationToken);
        for (var queue = 0; queue < queues; queue++)
        {
            await consuming.QueueDeclareAsync(
                QueueOf(queue),
                durable: true,
                exclusive: false,
                autoDelete: false,
                arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" },
                cancellationToken: cancellationToken
            );
            await consuming.BasicConsumeAsync(
                QueueOf(queue),
                autoAck: false,
                consumer,
                cancellationToken
            );
        }
        var folder = Directory.CreateTempSubdirectory("axis-fanout-floor-");
        try
        {
            var payload = new byte[bytes];
            Random.Shared.NextBytes(payload);
            await SendAsync(WarmUp);
            var watch = Stopwatch.StartNew();
            await SendAsync(letters);
            return letters * recipients / watch.Elapsed.TotalSeconds;

            async Task SendAsync(int count)
            {
                arrived = new Countdown(count * recipients);
                await Task.WhenAll(
                    Enumerable
                        .Range(0, Writers)
                        .Select(_ =>
                            WriteAsync(
                                database,
                                connection,
                                folder.FullName,
                                payload,
                                count / Writers,
                                recipients,
                                queues,
                                cancellationToken
                            )
                        )
                );
                await arrived.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
            await servers.DeleteVirtualHostAsync(amqp, cancellationToken);
        }
    }

    private static string QueueOf(int number) => $"fanout-floor-{number}";

    private static async Task WriteAsync(
        NpgsqlDataSource database,
        IConnection connection,
        string folder,
        byte[] payload,
        int letters,
        int recipients,
        int queues,
        CancellationToken cancellationToken
    )
    {
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(
                true,
                true,
                outstandingPublisherConfirmationsRateLimiter: null
            ),
            cancellationToken
        );
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        for (var letter = 0; letter < letters; letter++)
        {
            var id = Guid.CreateVersion7();
            await using (var file = File.Create(Path.Combine(folder, id.ToString())))
            {
                await file.WriteAsync(payload, cancellationToken);
                file.Flush(flushToDisk: true);
            }
            var deliveries = Enumerable
                .Range(0, recipients)
                .Select(_ => Guid.CreateVersion7())
                .ToArray();
            await using (var write = database.CreateCommand(Write))
            {
                write.Parameters.Add(new() { Value = id });
                write.Parameters.Add(new() { Value = deliveries });
                await write.ExecuteNonQueryAsync(cancellationToken);
            }
            await Task.WhenAll(
                deliveries.Select(
                    (_, number) =>
                        channel
                            .BasicPublishAsync(
                                "",
                                QueueOf(number % queues),
                                mandatory: true,
                                properties,
                                new byte[MessageBytes],
                                CancellationToken.None
                            )
                            .AsTask()
                )
            );
            await using var mark = database.CreateCommand(Mark);
            mark.Parameters.Add(new() { Value = deliveries });
            await mark.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
