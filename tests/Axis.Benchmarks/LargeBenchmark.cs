using System.Diagnostics;
using System.Net;
using Axis.Benchmarks.Traffic;
using Axis.Hub.Registry;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Benchmarks;

/// <summary>
/// Large packages: 64 of 50 MB, 16 at a time, in over HTTP and out again over HTTP. How far the hub's memory grows, and
/// how near it comes to what the disk takes.
/// </summary>
public static class LargeBenchmark
{
    private const string Name = "large";
    private const int Packages = 64;
    private const int AtATime = 16;
    private const string Collector = "H99.72";
    private const string CollectorSystem = "collector";

    // 50 MB as base64 with the header.
    private const int AttachmentBytes = 37_497_000;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
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
        var folder = Directory.CreateTempSubdirectory("axis-large-");
        try
        {
            await Console.Error.WriteLineAsync("signing 64 packages of 50 MB");
            string[] files =
            [
                .. Enumerable
                    .Range(0, Packages)
                    .Select(i => Path.Combine(folder.FullName, $"{i}.edxml")),
            ];
            foreach (var file in files)
            {
                await File.WriteAllBytesAsync(
                    file,
                    SignedLetters.Make(1, AttachmentBytes, TwoOffices.Sender, Collector)[0],
                    cancellationToken
                );
            }
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var bytes = files.Sum(file => new FileInfo(file).Length);

            await Console.Error.WriteLineAsync("measuring the way in");
            await HttpSenders.SendAsync(
                client,
                "v1/packages",
                SignedLetters.Make(
                    200,
                    SignedLetters.UsualAttachment,
                    TwoOffices.Sender,
                    TwoOffices.Receiver
                ),
                AtATime,
                cancellationToken
            );
            var before = hub.Process.ResidentBytes;
            var (inSeconds, inPeak) = await WatchedAsync(
                hub,
                () => EachAsync(files, file => SendAsync(client, file, cancellationToken)),
                cancellationToken
            );

            await Console.Error.WriteLineAsync("measuring the way out");
            var items = await collector.ItemsAsync($"v1/inbox?limit={Packages}");
            var (outSeconds, outPeak) = await WatchedAsync(
                hub,
                () =>
                    EachAsync(
                        items.Select(item => item.GetProperty("deliveryId").GetString()!),
                        id => CollectAsync(collector, id, cancellationToken)
                    ),
                cancellationToken
            );

            await Console.Error.WriteLineAsync("measuring the disk");
            var payload = await File.ReadAllBytesAsync(files[0], cancellationToken);
            var disk = Stopwatch.StartNew();
            await EachAsync(
                files,
                file => WriteSyncedAsync($"{file}.floor", payload, cancellationToken)
            );
            var megabytes = bytes / 1e6;
            return
            [
                Of(
                    "in over HTTP, verified and synced",
                    megabytes / inSeconds,
                    "MB/s",
                    megabytes / disk.Elapsed.TotalSeconds
                ),
                Of("out over HTTP, checked on the way", megabytes / outSeconds, "MB/s", null),
                Of("growth of the hub's memory, in", (inPeak - before) / 1e6, "MB", null),
                Of("growth of the hub's memory, out", (outPeak - before) / 1e6, "MB", null),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task EachAsync(IEnumerable<string> all, Func<string, Task> one) =>
        Parallel.ForEachAsync(
            all,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (item, _) => await one(item)
        );

    private static async Task SendAsync(
        HttpClient client,
        string file,
        CancellationToken cancellationToken
    )
    {
        using var content = new StreamContent(File.OpenRead(file));
        using var response = await client.PostAsync(
            new Uri("v1/packages", UriKind.Relative),
            content,
            cancellationToken
        );
        if (response.StatusCode != HttpStatusCode.Created)
        {
            throw new InvalidOperationException(
                $"{response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}"
            );
        }
    }

    private static async Task CollectAsync(
        HttpClient client,
        string deliveryId,
        CancellationToken cancellationToken
    )
    {
        await using var content = await client.GetStreamAsync(
            new Uri($"v1/inbox/{deliveryId}/content", UriKind.Relative),
            cancellationToken
        );
        await content.CopyToAsync(Stream.Null, cancellationToken);
        await client.AcknowledgeAsync(Guid.Parse(deliveryId));
    }

    private static async Task WriteSyncedAsync(
        string file,
        byte[] payload,
        CancellationToken cancellationToken
    )
    {
        await using var stream = File.Create(file);
        await stream.WriteAsync(payload, cancellationToken);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>How long it took, and the most memory the hub had meanwhile.</summary>
    private static async Task<(double Seconds, long Peak)> WatchedAsync(
        TestHub hub,
        Func<Task> work,
        CancellationToken cancellationToken
    )
    {
        var peak = hub.Process.ResidentBytes;
        var watch = Stopwatch.StartNew();
        var working = work();
        using var clock = new PeriodicTimer(s_look);
        while (!working.IsCompleted)
        {
            peak = Math.Max(peak, hub.Process.ResidentBytes);
            await clock.WaitForNextTickAsync(cancellationToken);
        }
        await working;
        return (watch.Elapsed.TotalSeconds, peak);
    }

    private static Figure Of(string name, double value, string unit, double? floor) =>
        new(Name, name, value, unit, floor);
}
