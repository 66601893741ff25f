using System.Diagnostics;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;

namespace Axis.Benchmarks;

/// <summary>
/// One letter to many: 400 KB to 40 agencies again and again, then one letter to all 3,000 agencies of a province. The
/// clock stops when the last inbox has it.
/// </summary>
public static class FanoutBenchmark
{
    private const string Name = "fanout";
    private const int Recipients = 40;
    private const int Letters = 400;

    // Before that much of the hub's processor time goes into the compiler and the slower code that it makes first.
    private const int WarmUp = 400;
    private const int UsualWarmUp = 4_000;
    private const int Connections = 8;
    private const int ProvinceWide = 5;

    // 400 KB as base64 with the header.
    private const int AttachmentBytes = 297_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await Console.Error.WriteLineAsync("registering 3,000 agencies, declaring 30 inboxes");
        await using var offices = await ManyOffices.StartAsync(servers);
        var hub = offices.Hub;
        using var client = await hub.ClientAsync(TwoOffices.SenderSystem, @unchecked: true);
        await Console.Error.WriteLineAsync("warming up");
        await SendAsync(
            SignedLetters.Make(
                UsualWarmUp,
                SignedLetters.UsualAttachment,
                TwoOffices.Sender,
                ManyOffices.Recipients(1)
            ),
            1
        );
        await SendAsync(Make(WarmUp), Recipients);
        var letters = Make(Letters);

        await Console.Error.WriteLineAsync("measuring 40 recipients");
        var processor = hub.ProcessorTime;
        var written = await WrittenAsync();
        var elapsed = await SendAsync(letters, Recipients);
        written = await WrittenAsync() - written;
        processor = hub.ProcessorTime - processor;

        await Console.Error.WriteLineAsync("measuring 3,000 recipients");
        var everywhere = SignedLetters.Make(
            ProvinceWide + 1,
            SignedLetters.UsualAttachment,
            TwoOffices.Sender,
            ManyOffices.Recipients(ManyOffices.Systems * ManyOffices.AgenciesEach)
        );
        List<double> seconds = [];
        foreach (var letter in everywhere)
        {
            seconds.Add(
                (
                    await SendAsync([letter], ManyOffices.Systems * ManyOffices.AgenciesEach)
                ).TotalSeconds
            );
        }
        var sorted = seconds.Skip(1).Order().ToArray();

        await Console.Error.WriteLineAsync("measuring the floor");
        var floor = await FanoutFloor.MeasureAsync(
            servers,
            Letters,
            letters[0].Length,
            Recipients,
            ManyOffices.Systems,
            cancellationToken
        );
        const double Deliveries = Letters * Recipients;
        return
        [
            Of("deliveries", Deliveries / elapsed.TotalSeconds, "deliveries/s", floor),
            Of("bytes written for a delivery", written / Deliveries, "bytes"),
            Of("size of a letter", letters[0].Length, "bytes"),
            Of(
                "the hub's processor time for a delivery",
                processor.TotalMicroseconds / Deliveries,
                "µs"
            ),
            Of("in all 3,000 inboxes, median", sorted.At(50), "s"),
            Of("in all 3,000 inboxes, slowest", sorted[^1], "s"),
        ];

        async Task<TimeSpan> SendAsync(byte[][] batch, int recipients)
        {
            var arrived = offices.Expect(batch.Length * recipients);
            var watch = Stopwatch.StartNew();
            await HttpSenders.SendAsync(
                client,
                "v1/packages",
                batch,
                Connections,
                cancellationToken
            );
            await arrived.WaitAsync(cancellationToken);
            return watch.Elapsed;
        }

        // The database's log and the payload files; the broker writes to a log of its own.
        async Task<long> WrittenAsync() =>
            await hub.CountAsync(
                "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
            ) + FilesUnder(hub.PayloadFolder);
    }

    // Made with its first file.
    private static long FilesUnder(string folder) =>
        Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Sum(file => new FileInfo(file).Length)
            : 0;

    private static byte[][] Make(int count) =>
        SignedLetters.Make(
            count,
            AttachmentBytes,
            TwoOffices.Sender,
            ManyOffices.Recipients(Recipients)
        );

    private static Figure Of(string name, double value, string unit, double? floor = null) =>
        new(Name, name, value, unit, floor);
}
