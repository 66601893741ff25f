using System.Diagnostics;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;

namespace Axis.Benchmarks;

/// <summary>
/// A file written and synced for each letter, its rows in one statement, a small confirmed message for each recipient
/// on as many queues as there are office systems, and the rows marked: nothing is received, parsed, verified or looked up.
/// </summary>
internal static class FanoutFloor
{
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
        await using var stand = await FloorStand.StartAsync(servers, Schema, cancellationToken);
        var arrived = new Countdown(0);
        await stand.ConsumeAsync(
            Enumerable.Range(0, queues).Select(QueueOf),
            () => arrived.Count(),
            cancellationToken
        );
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
                        .Range(0, FloorStand.Writers)
                        .Select(_ =>
                            WriteAsync(
                                stand,
                                folder.FullName,
                                payload,
                                count / FloorStand.Writers,
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
        }
    }

    private static string QueueOf(int number) => $"fanout-floor-{number}";

    private static async Task WriteAsync(
        FloorStand stand,
        string folder,
        byte[] payload,
        int letters,
        int recipients,
        int queues,
        CancellationToken cancellationToken
    )
    {
        await using var channel = await stand.PublisherAsync(cancellationToken);
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
            await using (var write = stand.Database.CreateCommand(Write))
            {
                write.Parameters.Add(new() { Value = id });
                write.Parameters.Add(new() { Value = deliveries });
                await write.ExecuteNonQueryAsync(cancellationToken);
            }
            await Task.WhenAll(
                deliveries.Select(
                    (_, number) =>
                        FloorStand.PublishAsync(
                            channel,
                            QueueOf(number % queues),
                            new byte[MessageBytes]
                        )
                )
            );
            await using var mark = stand.Database.CreateCommand(FloorStand.Mark);
            mark.Parameters.Add(new() { Value = deliveries });
            await mark.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
