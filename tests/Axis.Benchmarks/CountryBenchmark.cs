using System.Diagnostics;
using System.Text.Json;
using Axis.LocalServers;
using Axis.TestKit;

namespace Axis.Benchmarks;

/// <summary>
/// The catalogue of the whole country, 120,000 codes, from the simulated national axis into the registry of a hub that
/// is a process of its own: shown, written, and read once more when nothing has changed.
/// </summary>
public static class CountryBenchmark
{
    private const int Agencies = 120_000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(CancellationToken cancellationToken)
    {
        await using var servers = await SharedTestServers.StartAsync(
            cancellation: cancellationToken
        );
        await using var border = await Border.OpenAsync(
            servers,
            asProcess: true,
            change: options => options with { Agencies = Agencies },
            settings: ("National:CallTimeout", "00:10:00")
        );
        await border.Hub.AddOperatorAsync("so-dang-ky", "registrar");
        using var registrar = await border.Hub.ClientAsync(
            "so-dang-ky",
            ops: true,
            @unchecked: true
        );
        return
        [
            .. await ReadAsync(border, registrar, "shown", false, cancellationToken),
            .. await ReadAsync(border, registrar, "written", true, cancellationToken),
            .. await ReadAsync(border, registrar, "unchanged", true, cancellationToken),
        ];
    }

    private static async Task<Figure[]> ReadAsync(
        Border border,
        HttpClient registrar,
        string name,
        bool apply,
        CancellationToken cancellationToken
    )
    {
        var cost = border.Hub.ProcessorTime;
        var watch = Stopwatch.StartNew();
        using var answer = await registrar.PostAsync(
            new Uri(
                $"ops/v1/national/national/catalogue?apply={(apply ? "true" : "false")}",
                UriKind.Relative
            ),
            null,
            cancellationToken
        );
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var took = watch.Elapsed;
        answer.EnsureSuccessStatusCode();
        using var difference = JsonDocument.Parse(text);
        return
        [
            new Figure(
                "country",
                $"{name}, changes",
                // The answer shows the first of them only.
                difference
                    .RootElement.GetProperty("counts")
                    .EnumerateObject()
                    .Sum(count => count.Value.GetInt32()),
                "agencies",
                null
            ),
            new Figure("country", name, took.TotalSeconds, "s", null),
            new Figure(
                "country",
                $"{name}, cost",
                (border.Hub.ProcessorTime - cost).TotalSeconds,
                "s processor",
                null
            ),
        ];
    }
}
