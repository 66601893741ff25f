using System.Diagnostics;
using Axis.Benchmarks.Traffic;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.TestKit;
using Npgsql;
using RabbitMQ.Client.Events;

namespace Axis.Benchmarks;

/// <summary>
/// Whether a hub grows slow with what it stores: the same exchange on an empty database and on one with a year of
/// deliveries, and reading an inbox beside them.
/// </summary>
public static class GrowthBenchmark
{
    private const string Name = "growth";
    private const int WarmUp = 16_000;
    private const int Letters = 6_000;
    private const int Rounds = 3;
    private const int Connections = 48;
    private const int Days = 365;
    private const int Agencies = 300;
    private const int Waiting = 1_000;
    private const int Lists = 1_000;
    private const string Collector = "H99.72";
    private const string CollectorSystem = "collector";

    /// <summary>Stored deliveries where no other number is given.</summary>
    public const int DefaultDeliveries = 1_000_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        int deliveries,
        CancellationToken cancellationToken
    )
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var hub = await TwoOffices.StartAsync(servers);
        await hub.AddAgencyAsync(Collector);
        await hub.AddOfficeSystemAsync(
            CollectorSystem,
            Door.Http,
            SignaturePolicy.Record,
            Collector
        );
        using var collector = await hub.ClientAsync(CollectorSystem, @unchecked: true);
        using var client = await hub.ClientAsync(TwoOffices.SenderSystem, @unchecked: true);
        await using var receiver = await AmqpListener.ConnectAsync(hub, TwoOffices.ReceiverSystem);
        var arrived = new Countdown(0);
        await receiver.ListenAsync(
            $"axis.inbox.{TwoOffices.ReceiverSystem}",
            (BasicDeliverEventArgs _) =>
            {
                arrived.Count();
                return Task.CompletedTask;
            }
        );

        await Console.Error.WriteLineAsync("measuring on an empty database");
        await ExchangeAsync(WarmUp);
        await SendAsync(Make(Waiting, Collector));
        var empty = await RateAsync();
        var emptyLists = await ListAsync(collector, cancellationToken);

        await Console.Error.WriteLineAsync($"making {deliveries:N0} deliveries");
        var registry = new TestRegistry(hub.Database);
        for (var agency = 0; agency < Agencies; agency++)
        {
            await registry.AddAgencyAsync($"M77.{agency}");
        }
        var watch = Stopwatch.StartNew();
        await ManyLetters.FillAsync(
            hub.Database,
            TimeProvider.System.GetUtcNow(),
            deliveries / ManyLetters.Recipients,
            Days,
            cancellationToken
        );
        await CheckpointAsync(hub.Database, cancellationToken);
        var making = watch.Elapsed;

        await Console.Error.WriteLineAsync("measuring on the full one");
        await ExchangeAsync(Letters);
        var full = await RateAsync();
        var fullLists = await ListAsync(collector, cancellationToken);
        return
        [
            Of("letters with the deliveries stored, beside none", full, "letters/s", empty),
            Of("an inbox of 1,000 listed, p50", fullLists.At(50), "ms", emptyLists.At(50)),
            Of("an inbox of 1,000 listed, p99", fullLists.At(99), "ms", emptyLists.At(99)),
            Of(
                "deliveries stored",
                await hub.CountAsync("SELECT count(*) FROM delivery"),
                "deliveries"
            ),
            Of("size of the database", await SizeAsync() / 1e9, "GB"),
            Of("making them", making.TotalSeconds, "s"),
        ];

        // The best of three: a checkpoint of the database may fall into any of them.
        async Task<double> RateAsync()
        {
            var best = 0.0;
            for (var round = 0; round < Rounds; round++)
            {
                best = Math.Max(best, await ExchangeAsync(Letters));
            }
            return best;
        }

        async Task<double> ExchangeAsync(int count)
        {
            var letters = Make(count, TwoOffices.Receiver);
            arrived = new Countdown(count);
            var clock = Stopwatch.StartNew();
            await SendAsync(letters);
            await arrived.WaitAsync(cancellationToken);
            return count / clock.Elapsed.TotalSeconds;
        }

        Task<double[]> SendAsync(byte[][] letters) =>
            HttpSenders.SendAsync(client, "v1/packages", letters, Connections, cancellationToken);

        async Task<double> SizeAsync() =>
            await hub.CountAsync("SELECT pg_database_size(current_database())");
    }

    private static byte[][] Make(int count, string recipient) =>
        SignedLetters.Make(count, SignedLetters.UsualAttachment, TwoOffices.Sender, recipient);

    private static async Task<double[]> ListAsync(
        HttpClient collector,
        CancellationToken cancellationToken
    )
    {
        var times = new List<double>(Lists);
        for (var list = 0; list < Lists; list++)
        {
            var began = Stopwatch.GetTimestamp();
            await collector.GetByteArrayAsync(
                new Uri("v1/inbox?limit=50", UriKind.Relative),
                cancellationToken
            );
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return [.. times.Order()];
    }

    private static async Task CheckpointAsync(
        NpgsqlDataSource database,
        CancellationToken cancellationToken
    )
    {
        foreach (var statement in (string[])["VACUUM ANALYZE", "CHECKPOINT"])
        {
            await using var command = database.CreateCommand(statement);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static Figure Of(string name, double value, string unit, double? beside = null) =>
        new(Name, name, value, unit, beside);
}
