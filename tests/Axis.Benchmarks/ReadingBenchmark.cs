using System.Security.Cryptography;
using System.Xml.Linq;
using Axis.EdXml;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Axis.Benchmarks;

/// <summary>
/// What reading costs beside what cannot be avoided: SHA-256 over the same bytes, and what most software does instead,
/// <see cref="XDocument"/>. Times are medians of BenchmarkDotNet in this process; processor times are medians of
/// rounds in which the contestants take turns, so that a noisy neighbour hits all of them alike.
/// </summary>
public static class ReadingBenchmark
{
    private const string Name = "reading";

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync("managed memory while reading 10, 100 and 400 MB");
        List<Figure> memory =
        [
            await ReadingMemory.MeasureAsync(Name, 10, cancellationToken),
            await ReadingMemory.MeasureAsync(Name, 100, cancellationToken),
            await ReadingMemory.MeasureAsync(Name, 400, cancellationToken),
        ];
        await Console.Error.WriteLineAsync("processor time over 100 MB");
        var processor = await ReadingProcessorTime.MeasureAsync(Name, cancellationToken);
        var statusProcessor = await ReadingProcessorTime.StatusAsync(Name);
        await Console.Error.WriteLineAsync("BenchmarkDotNet: 100 MB");
        var large = Run<LargePackage>(
            Job.Default.WithStrategy(RunStrategy.Monitoring)
                .WithWarmupCount(1)
                .WithIterationCount(9)
                .WithInvocationCount(1)
                .WithUnrollFactor(1)
        );
        cancellationToken.ThrowIfCancellationRequested();
        await Console.Error.WriteLineAsync("BenchmarkDotNet: a status");
        var small = Run<SmallStatus>(Job.Default.WithWarmupCount(5).WithIterationCount(15));

        var hash = MedianMs(large, nameof(LargePackage.Hash));
        var reading = MedianMs(large, nameof(LargePackage.Read));
        var document = MedianMs(large, nameof(LargePackage.Document));
        return
        [
            new Figure(Name, "100 MB, header and hash, beside SHA-256", reading, "ms", hash),
            new Figure(
                Name,
                "100 MB, with every attachment hashed too, beside SHA-256",
                MedianMs(large, nameof(LargePackage.ReadFull)),
                "ms",
                hash
            ),
            new Figure(Name, "100 MB, XDocument.Load, beside reading", document, "ms", reading),
            new Figure(Name, "100 MB, XDocument.Load, beside SHA-256", document, "ms", hash),
            .. processor,
            new Figure(
                Name,
                "status, beside SHA-256",
                MedianMs(small, nameof(SmallStatus.Read)) * 1000,
                "µs",
                MedianMs(small, nameof(SmallStatus.Hash)) * 1000
            ),
            statusProcessor,
            new Figure(
                Name,
                "status, allocated",
                Report(small, nameof(SmallStatus.Read))
                    .GcStats.GetBytesAllocatedPerOperation(
                        Report(small, nameof(SmallStatus.Read)).BenchmarkCase
                    )
                    ?? double.NaN,
                "bytes",
                null
            ),
            new Figure(
                Name,
                "status, size",
                (await ReadingPackages.StatusAsync()).Length,
                "bytes",
                null
            ),
            .. memory,
        ];
    }

    private static Summary Run<T>(Job job)
    {
        var config = ManualConfig
            .CreateEmpty()
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "axis-benchmarks"))
            .AddJob(job.WithToolchain(InProcessEmitToolchain.Instance));
        var summary = BenchmarkRunner.Run<T>(config);
        if (summary.HasCriticalValidationErrors || summary.Reports.Any(one => !one.Success))
        {
            throw new InvalidOperationException(
                "BenchmarkDotNet could not measure: "
                    + string.Join("; ", summary.ValidationErrors.Select(error => error.Message))
            );
        }
        return summary;
    }

    private static BenchmarkReport Report(Summary summary, string method) =>
        summary.Reports.Single(report =>
            report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method
        );

    private static double MedianMs(Summary summary, string method) =>
        Report(summary, method).ResultStatistics!.Median / 1_000_000;

    /// <summary>One package of 100,000,000 bytes in memory.</summary>
    public class LargePackage
    {
        private byte[] _package = [];

        [GlobalSetup]
        public async Task Prepare() => _package = await ReadingPackages.BytesAsync(100_000_000);

        [Benchmark(Baseline = true)]
        public byte[] Hash() => SHA256.HashData(_package);

        [Benchmark]
        public object Read() => ReadingWork.Read(_package, AttachmentDetail.Sniff);

        [Benchmark]
        public object ReadFull() => ReadingWork.Read(_package, AttachmentDetail.Full);

        [Benchmark]
        public object Document() => ReadingWork.Document(_package);
    }

    /// <summary>One status package.</summary>
    public class SmallStatus
    {
        private byte[] _package = [];

        [GlobalSetup]
        public async Task Prepare() => _package = await ReadingPackages.StatusAsync();

        [Benchmark(Baseline = true)]
        public byte[] Hash() => SHA256.HashData(_package);

        [Benchmark]
        public object Read() => PackageReader.Read(_package, ReadLimits.Default);
    }
}
