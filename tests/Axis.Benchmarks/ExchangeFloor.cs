using System.Diagnostics;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;
using Npgsql;
using NpgsqlTypes;
using RabbitMQ.Client;

namespace Axis.Benchmarks;

/// <summary>
/// The same bytes and rows, written in batches, and the same number of confirmed publishes to a quorum queue with one
/// consumer: nothing is received, parsed, verified or looked up. What the hardware gives to anyone. For each report
/// three messages pass the broker: the report itself, its receipt, and the event for the sender.
/// </summary>
public static class ExchangeFloor
{
    private const int Batch = 50;
    private const string Queue = "floor";

    private const string Schema = """
        CREATE TABLE floor_key (agency uuid, document text, variant text, sha256 bytea, package uuid,
            PRIMARY KEY (agency, document, variant));
        CREATE TABLE floor_package (id uuid PRIMARY KEY, document text, subject text, receipt json);
        CREATE TABLE floor_payload (id uuid PRIMARY KEY, bytes bytea);
        ALTER TABLE floor_payload ALTER COLUMN bytes SET STORAGE EXTERNAL;
        CREATE TABLE floor_delivery (id uuid PRIMARY KEY, package uuid, state text);
        CREATE TABLE floor_history (id uuid PRIMARY KEY, delivery uuid, what text);
        CREATE INDEX ON floor_history (delivery);
        CREATE TABLE floor_report (id uuid PRIMARY KEY, delivery uuid, status text, receipt json);
        CREATE TABLE floor_event (id uuid PRIMARY KEY, delivery uuid, body json, state text);
        """;

    private const string Write = """
        WITH k AS (INSERT INTO floor_key SELECT gen_random_uuid(), i::text, '', '\x00', i FROM unnest($1) AS i),
        p AS (INSERT INTO floor_package SELECT i, i::text, 'V/v kết nối', $3 FROM unnest($1) AS i),
        b AS (INSERT INTO floor_payload SELECT i, $2 FROM unnest($1) AS i),
        d AS (INSERT INTO floor_delivery SELECT i, i, 'waiting' FROM unnest($1) AS i)
        INSERT INTO floor_history SELECT i, i, 'accepted' FROM unnest($1) AS i
        """;

    private const string WriteReports = """
        WITH k AS (INSERT INTO floor_key SELECT gen_random_uuid(), gen_random_uuid()::text, 'status', '\x00', i
            FROM unnest($1) AS i),
        r AS (INSERT INTO floor_report SELECT gen_random_uuid(), i, '03', $3 FROM unnest($1) AS i),
        b AS (INSERT INTO floor_payload SELECT gen_random_uuid(), $2 FROM unnest($1) AS i),
        d AS (UPDATE floor_delivery SET state = state WHERE id = ANY($1)),
        e AS (INSERT INTO floor_event SELECT j, i, $4, 'waiting' FROM unnest($1, $5) AS u (i, j))
        INSERT INTO floor_history SELECT gen_random_uuid(), i, 'status' FROM unnest($1) AS i
        """;

    private const string MarkEvents = "UPDATE floor_event SET state = 'taken' WHERE id = ANY($1)";

    // As large as the status packages and events of the measured exchange.
    private const int ReportBytes = 1_700;
    private const int ReceiptBytes = 400;
    private const int EventBytes = 3_000;

    /// <summary>Letters a second.</summary>
    public static async Task<double> MeasureAsync(
        SharedTestServers servers,
        int packages,
        int bytes,
        int reports,
        CancellationToken cancellationToken
    )
    {
        await using var stand = await FloorStand.StartAsync(servers, Schema, cancellationToken);
        var arrived = new Countdown(packages * (1 + (3 * reports)));
        await stand.ConsumeAsync([Queue], arrived.Count, cancellationToken);

        var payload = new byte[bytes];
        Random.Shared.NextBytes(payload);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, FloorStand.Writers)
                .Select(_ =>
                    WriteAndPublishAsync(
                        stand,
                        payload,
                        packages / FloorStand.Writers,
                        reports,
                        cancellationToken
                    )
                )
        );
        await arrived.WaitAsync(cancellationToken);
        return packages / watch.Elapsed.TotalSeconds;
    }

    private static async Task WriteAndPublishAsync(
        FloorStand stand,
        byte[] payload,
        int packages,
        int reports,
        CancellationToken cancellationToken
    )
    {
        await using var channel = await stand.PublisherAsync(cancellationToken);
        for (var done = 0; done < packages; done += Batch)
        {
            var ids = Enumerable.Range(0, Batch).Select(_ => Guid.CreateVersion7()).ToArray();
            await using (var write = stand.Database.CreateCommand(Write))
            {
                write.Parameters.Add(new() { Value = ids });
                write.Parameters.Add(new() { Value = payload });
                write.Parameters.Add(
                    new() { Value = """{"packageId":"…"}""", NpgsqlDbType = NpgsqlDbType.Json }
                );
                await write.ExecuteNonQueryAsync(cancellationToken);
            }
            await PublishAsync(channel, payload, Batch);
            await using var mark = stand.Database.CreateCommand(FloorStand.Mark);
            mark.Parameters.Add(new() { Value = ids });
            await mark.ExecuteNonQueryAsync(cancellationToken);
            for (var report = 0; report < reports; report++)
            {
                await ReportAsync(stand.Database, channel, ids, cancellationToken);
            }
        }
    }

    private static async Task ReportAsync(
        NpgsqlDataSource database,
        IChannel channel,
        Guid[] deliveries,
        CancellationToken cancellationToken
    )
    {
        await PublishAsync(channel, new byte[ReportBytes], Batch);
        var events = deliveries.Select(_ => Guid.CreateVersion7()).ToArray();
        await using (var write = database.CreateCommand(WriteReports))
        {
            write.Parameters.Add(new() { Value = deliveries });
            write.Parameters.Add(new() { Value = new byte[ReportBytes] });
            write.Parameters.Add(JsonOf(ReceiptBytes));
            write.Parameters.Add(JsonOf(EventBytes));
            write.Parameters.Add(new() { Value = events });
            await write.ExecuteNonQueryAsync(cancellationToken);
        }
        await PublishAsync(channel, new byte[ReceiptBytes], Batch);
        await PublishAsync(channel, new byte[EventBytes], Batch);
        await using var mark = database.CreateCommand(MarkEvents);
        mark.Parameters.Add(new() { Value = events });
        await mark.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter JsonOf(int bytes) =>
        new() { Value = $"\"{new string('x', bytes - 2)}\"", NpgsqlDbType = NpgsqlDbType.Json };

    private static Task PublishAsync(IChannel channel, byte[] body, int times) =>
        Task.WhenAll(
            Enumerable.Range(0, times).Select(_ => FloorStand.PublishAsync(channel, Queue, body))
        );
}
