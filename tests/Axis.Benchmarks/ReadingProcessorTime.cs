using System.Diagnostics;
using System.Security.Cryptography;
using System.Xml.Linq;
using Axis.EdXml;

namespace Axis.Benchmarks;

/// <summary>What is compared.</summary>
internal static class ReadingWork
{
    public static PackageReading Read(byte[] package, AttachmentDetail detail)
    {
        var reading = PackageReader.Read(
            package,
            ReadLimits.Default with
            {
                AttachmentDetail = detail,
            }
        );
        return reading is { IsComplete: true, Document: not null }
            ? reading
            : throw new InvalidOperationException("The package of the benchmark was not read.");
    }

    public static XDocument Document(byte[] package)
    {
        using var stream = new MemoryStream(package, writable: false);
        return XDocument.Load(stream);
    }
}

/// <summary>Time on the processor, all threads of the process together, collections of garbage included.</summary>
internal static class ReadingProcessorTime
{
    private const int Rounds = 7;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(
        string benchmark,
        CancellationToken cancellationToken
    )
    {
        var package = await ReadingPackages.BytesAsync(100_000_000);
        (string Name, Action Work)[] contestants =
        [
            ("hash", () => SHA256.HashData(package)),
            ("read", () => ReadingWork.Read(package, AttachmentDetail.Sniff)),
            ("document", () => ReadingWork.Document(package)),
        ];
        var times = contestants.ToDictionary(one => one.Name, _ => new List<double>());
        for (var round = -1; round < Rounds; round++)
        {
            foreach (var (name, work) in contestants)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var spent = Spent(work);
                // The first round only warms up.
                if (round >= 0)
                {
                    times[name].Add(spent);
                }
            }
        }
        var hash = Median(times["hash"]);
        var read = Median(times["read"]);
        var document = Median(times["document"]);
        return
        [
            new Figure(
                benchmark,
                "100 MB, header and hash, processor time, beside SHA-256",
                read,
                "ms",
                hash
            ),
            new Figure(
                benchmark,
                "100 MB, XDocument.Load, processor time, beside reading",
                document,
                "ms",
                read
            ),
            new Figure(
                benchmark,
                "100 MB, XDocument.Load, processor time, beside SHA-256",
                document,
                "ms",
                hash
            ),
        ];
    }

    /// <summary>Microseconds for one status, of many read one after the other.</summary>
    public static async Task<Figure> StatusAsync(string benchmark)
    {
        const int times = 20_000;
        var package = await ReadingPackages.StatusAsync();
        var (reads, hashes) = (new List<double>(), new List<double>());
        for (var round = -3; round < 2 * Rounds; round++)
        {
            var read = Spent(() =>
                Repeat(times, () => PackageReader.Read(package, ReadLimits.Default))
            );
            var hash = Spent(() => Repeat(times, () => SHA256.HashData(package)));
            if (round >= 0)
            {
                reads.Add(read * 1000 / times);
                hashes.Add(hash * 1000 / times);
            }
        }
        return new Figure(
            benchmark,
            "status, processor time, beside SHA-256",
            Median(reads),
            "µs",
            Median(hashes)
        );
    }

    /// <summary>Milliseconds of processor time of each work, in rounds in which they take turns.</summary>
    public static double[] MediansInTurns(IReadOnlyList<Action> works)
    {
        var times = works.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < Rounds; round++)
        {
            for (var i = 0; i < works.Count; i++)
            {
                var spent = Spent(works[i]);
                // The first round only warms up.
                if (round >= 0)
                {
                    times[i].Add(spent);
                }
            }
        }
        return Array.ConvertAll(times, Median);
    }

    /// <summary>Milliseconds of processor time of one work that takes long.</summary>
    public static double MedianOf(int rounds, Action work) =>
        Median([.. Enumerable.Range(0, rounds).Select(_ => Spent(work))]);

    private static void Repeat(int times, Action work)
    {
        for (var i = 0; i < times; i++)
        {
            work();
        }
    }

    private static double Spent(Action work)
    {
        // What one contestant leaves behind is not to be cleared away at the next one's cost.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        work();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}

/// <summary>How far the managed heap grows while a package streams through, whatever its size.</summary>
internal static class ReadingMemory
{
    public static async Task<Figure> MeasureAsync(
        string benchmark,
        int megabytes,
        CancellationToken cancellationToken
    )
    {
        var peak = 0L;
        var limits = ReadLimits.Default with { MaxBytes = long.MaxValue };
        await using var package = await ReadingPackages.OpenAsync(
            megabytes * 1_000_000L,
            () => peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false))
        );
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var reading = await PackageReader.ReadAsync(package, limits, cancellationToken);
        if (!reading.IsComplete || reading.Length != megabytes * 1_000_000L)
        {
            throw new InvalidOperationException("The package of the benchmark was not read.");
        }
        return new Figure(
            benchmark,
            $"{megabytes} MB, growth of the managed heap",
            Math.Max(0, peak - before) / 1e6,
            "MB",
            null
        );
    }
}
