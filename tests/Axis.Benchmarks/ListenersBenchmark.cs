using System.Diagnostics;
using System.Net.Http.Headers;
using Axis.Benchmarks.Traffic;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Benchmarks;

/// <summary>
/// A thousand event streams open on one hub: what they take of its memory, and how long an event takes to reach all.
/// </summary>
public static class ListenersBenchmark
{
    private const string Name = "listeners";
    private const int Listeners = 1_000;
    private const int OpenAtATime = 50;
    private const int Rounds = 20;
    private const int WarmUp = 2_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var hub = await TwoOffices.StartAsync(
            servers,
            ("Events:MaxStreamsPerCaller", "1000"),
            ("Limits:MaxConnections", "1100")
        );
        using var sender = await hub.ClientAsync(TwoOffices.SenderSystem, @unchecked: true);
        await using var receiver = await AmqpOfficeSystem.ConnectAsync(
            hub,
            TwoOffices.ReceiverSystem
        );
        await receiver.WaitForQueuesAsync();
        await Console.Error.WriteLineAsync("warming up");
        await HttpSenders.SendAsync(
            sender,
            "v1/packages",
            SignedLetters.Make(
                WarmUp,
                SignedLetters.UsualAttachment,
                TwoOffices.Sender,
                TwoOffices.Receiver
            ),
            OpenAtATime,
            cancellationToken
        );

        await Console.Error.WriteLineAsync("opening a thousand streams");
        var before = hub.Process.ResidentBytes;
        var streams = new EventStream[Listeners];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Listeners),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = OpenAtATime,
                CancellationToken = cancellationToken,
            },
            async (i, token) => streams[i] = await EventStream.OpenAsync(sender, token)
        );
        try
        {
            var opened = hub.Process.ResidentBytes;
            await Console.Error.WriteLineAsync("raising events");
            var milliseconds = new List<double>();
            var processor = hub.ProcessorTime;
            for (var round = 0; round < Rounds; round++)
            {
                var letter = new Letter(TwoOffices.Sender, TwoOffices.Receiver);
                await sender.SubmitAsync(letter.Signed());
                var heard = streams
                    .Select(stream => stream.ReadToAsync(letter.DocumentId, cancellationToken))
                    .ToArray();
                var watch = Stopwatch.StartNew();
                await receiver.SubmitAsync(
                    new Report(
                        TwoOffices.Receiver,
                        "03",
                        TwoOffices.Sender,
                        letter.DocumentId
                    ).Bytes()
                );
                await Task.WhenAll(heard);
                milliseconds.Add(watch.Elapsed.TotalMilliseconds);
            }
            processor = hub.ProcessorTime - processor;
            var sorted = milliseconds.Order().ToArray();
            return
            [
                Of("memory for each open stream", (opened - before) / 1e3 / Listeners, "KB"),
                Of("the hub's memory with all of them", hub.Process.ResidentBytes / 1e6, "MB"),
                Of("a report to the last of a thousand, median", sorted.At(50), "ms"),
                Of("a report to the last of a thousand, slowest", sorted[^1], "ms"),
                Of(
                    "the hub's processor time for one event to one stream",
                    processor.TotalMicroseconds / Rounds / Listeners,
                    "µs"
                ),
            ];
        }
        finally
        {
            foreach (var stream in streams)
            {
                stream.Dispose();
            }
        }
    }

    private static Figure Of(string name, double value, string unit) =>
        new(Name, name, value, unit, null);

    private sealed class EventStream(HttpResponseMessage response, StreamReader reader)
        : IDisposable
    {
        public static async Task<EventStream> OpenAsync(
            HttpClient client,
            CancellationToken cancellationToken
        )
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                new Uri("v1/events/feed", UriKind.Relative)
            );
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
            var response = await client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            response.EnsureSuccessStatusCode();
            return new EventStream(
                response,
                new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken))
            );
        }

        public async Task ReadToAsync(string documentId, CancellationToken cancellationToken)
        {
            while (
                await reader.ReadLineAsync(cancellationToken) is { } line
                && !line.Contains(documentId, StringComparison.Ordinal)
            ) { }
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
