using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime;
using Axis.LocalServers;
using Axis.TestKit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks;

/// <summary>
/// The whole path: signed letters go in over HTTP from several connections, and the clock stops when the last one has
/// been taken from the recipient's AMQP queue. The hub is a process of its own, as in production; fsync is on; the
/// load generator shares the machine.
/// </summary>
public static class ExchangeBenchmark
{
    private const int WarmUp = 4_000;
    private const int Packages = 6_000;
    private const int Connections = 48;

    // 20 KB with header, signature and a base64 attachment.
    private const int AttachmentBytes = 11_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var hub = await TestProvince.StartAsync(servers, asProcess: true);
        using var client = await hub.ClientAsync("office", @unchecked: true);

        await Console.Error.WriteLineAsync($"signing {WarmUp + Packages} letters");
        var letters = Enumerable
            .Range(0, WarmUp + Packages)
            .AsParallel()
            .Select(_ =>
                (
                    new Letter(TestProvince.Office, TestProvince.Department) with
                    {
                        AttachmentBytes = AttachmentBytes,
                    }
                ).Signed()
            )
            .ToArray();
        await using var recipient = await CountingRecipient.ConnectAsync(hub, "department");

        await ExchangeAsync(client, recipient, letters[..WarmUp], cancellationToken);
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect();
        var (elapsed, latencies) = await ExchangeAsync(
            client,
            recipient,
            letters[WarmUp..],
            cancellationToken
        );

        await Console.Error.WriteLineAsync("measuring the floor");
        var floor = await ExchangeFloor.MeasureAsync(
            servers,
            Packages,
            letters[0].Length,
            cancellationToken
        );
        Array.Sort(latencies);
        return
        [
            new Figure(
                "exchange",
                "throughput",
                Packages / elapsed.TotalSeconds,
                "packages/s",
                floor
            ),
            new Figure("exchange", "package size", letters[0].Length, "bytes", null),
            new Figure("exchange", "answer p50", latencies[latencies.Length / 2], "ms", null),
            new Figure(
                "exchange",
                "answer p99",
                latencies[latencies.Length * 99 / 100],
                "ms",
                null
            ),
        ];
    }

    private static async Task<(TimeSpan Elapsed, double[] LatenciesMs)> ExchangeAsync(
        HttpClient client,
        CountingRecipient recipient,
        byte[][] letters,
        CancellationToken cancellationToken
    )
    {
        var latencies = new ConcurrentBag<double>();
        var arrived = recipient.CountTo(letters.Length);
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            letters,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = Connections,
                CancellationToken = cancellationToken,
            },
            async (letter, token) =>
            {
                var sent = Stopwatch.GetTimestamp();
                using var content = new ByteArrayContent(letter);
                using var response = await client.PostAsync(
                    new Uri("v1/packages", UriKind.Relative),
                    content,
                    token
                );
                if (response.StatusCode != HttpStatusCode.Created)
                {
                    throw new InvalidOperationException(
                        $"{response.StatusCode}: {await response.Content.ReadAsStringAsync(token)}"
                    );
                }
                latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        );
        await arrived.WaitAsync(TimeSpan.FromMinutes(2), cancellationToken);
        return (watch.Elapsed, latencies.ToArray());
    }

    /// <summary>An office system that takes its letters and only counts them.</summary>
    private sealed class CountingRecipient(IConnection connection, IChannel channel)
        : IAsyncDisposable
    {
        private int _left;
        private TaskCompletionSource _all = new();

        public static async Task<CountingRecipient> ConnectAsync(TestHub hub, string id)
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
            var channel = await connection.CreateChannelAsync();
            await channel.BasicQosAsync(0, 500, global: false);
            var recipient = new CountingRecipient(connection, channel);
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += async (_, message) =>
            {
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false);
                recipient.Count();
            };
            await channel.BasicConsumeAsync($"axis.inbox.{id}", autoAck: false, consumer);
            return recipient;
        }

        public Task CountTo(int expected)
        {
            _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _left, expected);
            return _all.Task;
        }

        public async ValueTask DisposeAsync()
        {
            await channel.DisposeAsync();
            await connection.DisposeAsync();
        }

        private void Count()
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _all.TrySetResult();
            }
        }
    }
}
