using System.Diagnostics;
using System.Runtime;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;

namespace Axis.Benchmarks;

/// <summary>
/// The whole path: signed letters go in over HTTP from several connections, and the clock stops when the last one has
/// been taken from the recipient's AMQP queue; then the same with the recipient's reports 01, 03 and 06, until the last
/// of them has reached the sender. The hub is a process of its own, as in production; fsync is on; the load generator
/// shares the machine.
/// </summary>
public static class ExchangeBenchmark
{
    // Until the runtime has compiled what is hot for good, which takes it some ten seconds of load.
    private const int WarmUp = 16_000;
    private const int WarmUpWithReports = 9_000;
    private const int Letters = 6_000;
    private const int LettersWithReports = 3_000;

    // Ten seconds of load at its pace, too.
    private const int TextbookWarmUp = 4_000;
    private const int TextbookLetters = 1_500;
    private const int Connections = 48;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        List<Figure> figures = [];
        byte[][] letters;
        await using (var hub = await TwoOffices.StartAsync(servers))
        {
            using var client = await hub.ClientAsync(TwoOffices.SenderSystem, @unchecked: true);
            await Console.Error.WriteLineAsync("signing letters");
            letters = Make(WarmUp + Letters);
            await using var recipient = await ReportingRecipient.ConnectAsync(hub);

            await Console.Error.WriteLineAsync("warming up");
            await MeasureAsync(letters[..WarmUp], reports: false);
            await Console.Error.WriteLineAsync("measuring the exchange");
            var plain = await MeasureAsync(letters[WarmUp..], reports: false);
            await Console.Error.WriteLineAsync("measuring the exchange with reports");
            await MeasureAsync(Make(WarmUpWithReports), reports: true);
            var reported = await MeasureAsync(Make(LettersWithReports), reports: true);

            await Console.Error.WriteLineAsync("measuring the floors");
            var size = letters[0].Length;
            // The first is not kept: it warms up what the floors are measured with.
            await ExchangeFloor.MeasureAsync(
                servers,
                LettersWithReports,
                size,
                ReportingRecipient.Statuses.Count,
                cancellationToken
            );
            var floor = await ExchangeFloor.MeasureAsync(
                servers,
                Letters,
                size,
                reports: 0,
                cancellationToken
            );
            var floorWithReports = await ExchangeFloor.MeasureAsync(
                servers,
                LettersWithReports,
                size,
                ReportingRecipient.Statuses.Count,
                cancellationToken
            );
            figures.AddRange([
                Of("letters", plain.Rate, "letters/s", floor),
                Of("letters with 01, 03 and 06 back", reported.Rate, "letters/s", floorWithReports),
                Of("the hub's processor time for a letter", plain.ProcessorTime, "µs"),
                Of(
                    "the hub's processor time for a letter and its reports",
                    reported.ProcessorTime,
                    "µs"
                ),
                Of("size of a letter", size, "bytes"),
                Of("answer p50", plain.Latencies.At(50), "ms"),
                Of("answer p99", plain.Latencies.At(99), "ms"),
            ]);

            async Task<Measured> MeasureAsync(byte[][] batch, bool reports)
            {
                GCSettings.LargeObjectHeapCompactionMode =
                    GCLargeObjectHeapCompactionMode.CompactOnce;
                GC.Collect();
                var processor = hub.ProcessorTime;
                var done = recipient.Expect(batch.Length, reports);
                var watch = Stopwatch.StartNew();
                var latencies = await HttpSenders.SendAsync(
                    client,
                    "v1/packages",
                    batch,
                    Connections,
                    cancellationToken
                );
                await done.WaitAsync(cancellationToken);
                var rate = batch.Length / watch.Elapsed.TotalSeconds;
                processor = hub.ProcessorTime - processor;
                return new Measured(rate, processor.TotalMicroseconds / batch.Length, latencies);
            }
        }
        await Console.Error.WriteLineAsync("measuring the textbook");
        var textbook = await TextbookExchange.MeasureAsync(
            servers,
            letters[..(TextbookWarmUp + TextbookLetters)],
            TextbookWarmUp,
            Connections,
            cancellationToken
        );
        figures.Insert(
            1,
            Of("letters, beside the textbook", figures[0].Value, "letters/s", textbook)
        );
        return figures;
    }

    private static byte[][] Make(int count) =>
        SignedLetters.Make(
            count,
            SignedLetters.UsualAttachment,
            TwoOffices.Sender,
            TwoOffices.Receiver
        );

    private static Figure Of(string name, double value, string unit, double? floor = null) =>
        new("exchange", name, value, unit, floor);

    private sealed record Measured(double Rate, double ProcessorTime, double[] Latencies);
}
