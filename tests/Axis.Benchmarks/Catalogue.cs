using System.Globalization;
using System.Text.Json;

namespace Axis.Benchmarks;

public sealed record Benchmark(
    string Name,
    string What,
    Func<CancellationToken, Task<IReadOnlyList<Figure>>> RunAsync
)
{
    /// <summary>The same with a size of one's own, where there is one to choose.</summary>
    public Func<int, CancellationToken, Task<IReadOnlyList<Figure>>>? SizedAsync { get; init; }
}

/// <summary>One measured value, and the floor of the same work measured in the same run.</summary>
public sealed record Figure(string Benchmark, string Name, double Value, string Unit, double? Floor)
{
    public double? Ratio => Floor is { } floor ? Value / floor : null;

    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                benchmark = Benchmark,
                name = Name,
                value = Math.Round(Value, 2),
                unit = Unit,
                floor = Floor is { } floor ? Math.Round(floor, 2) : (double?)null,
                ratio = Ratio is { } ratio ? Math.Round(ratio, 3) : (double?)null,
            }
        );

    public override string ToString()
    {
        var beside = Floor is { } floor
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"; floor {floor:N1} {Unit}, ratio {Ratio:N2}"
            )
            : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Benchmark} {Name}: {Value:N1} {Unit}{beside}"
        );
    }
}

public static class Catalogue
{
    public static IReadOnlyList<Benchmark> All { get; } =
    [
        new(
            "exchange",
            "20 KB signed letters, HTTP in, AMQP out, without and with reports back; beside a textbook implementation",
            ExchangeBenchmark.RunAsync
        ),
        new(
            "fanout",
            "400 KB to 40 agencies again and again, and one letter to all 3,000 of a province",
            FanoutBenchmark.RunAsync
        ),
        new(
            "latency",
            "taken in to in the inbox at 100 letters a second; urgent letters behind 100,000",
            LatencyBenchmark.RunAsync
        ),
        new(
            "growth",
            "the exchange with a million deliveries stored, or as many as given, beside an empty database",
            cancellationToken =>
                GrowthBenchmark.RunAsync(GrowthBenchmark.DefaultDeliveries, cancellationToken)
        )
        {
            SizedAsync = GrowthBenchmark.RunAsync,
        },
        new(
            "large",
            "64 packages of 50 MB, 16 at a time: memory, and throughput beside the disk's",
            LargeBenchmark.RunAsync
        ),
        new(
            "listeners",
            "a thousand event streams on one hub: memory, and how soon all have an event",
            ListenersBenchmark.RunAsync
        ),
        new(
            "reading",
            "the format library: 100 MB beside SHA-256 and XDocument, a status, memory whatever the size",
            ReadingBenchmark.RunAsync
        ),
        new(
            "verify",
            "envelope signatures: 100 MB beside SHA-256, SignedXml and xmlsec1, 20 KB, memory",
            VerifyBenchmark.RunAsync
        ),
        new(
            "registry",
            "a catalogue of 120,000 agencies: lookup, memory, reading, import, how soon a change is seen",
            RegistryBenchmark.RunAsync
        ),
        new(
            "national",
            "the gateway to the simulated national axis: documents a second both ways, and what each costs",
            NationalBenchmark.RunAsync
        ),
        new(
            "matching",
            "which delivery a status report is about, among a million over ten years or as many as given, beside few",
            cancellationToken =>
                MatchingBenchmark.RunAsync(MatchingBenchmark.DefaultDeliveries, cancellationToken)
        )
        {
            SizedAsync = MatchingBenchmark.RunAsync,
        },
        new(
            "country",
            "the national catalogue of 120,000 codes into the registry: shown, written, unchanged",
            CountryBenchmark.RunAsync
        ),
        new(
            "tracking",
            "finding letters among a million deliveries, or as many as given: p50 and p99 by kind of question",
            cancellationToken =>
                TrackingBenchmark.RunAsync(TrackingBenchmark.DefaultDeliveries, cancellationToken)
        )
        {
            SizedAsync = TrackingBenchmark.RunAsync,
        },
    ];
}
