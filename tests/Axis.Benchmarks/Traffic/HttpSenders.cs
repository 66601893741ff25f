using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace Axis.Benchmarks.Traffic;

/// <summary>Clients that each send the next letter as soon as the one before is answered.</summary>
internal static class HttpSenders
{
    /// <summary>Milliseconds to each answer, sorted.</summary>
    public static async Task<double[]> SendAsync(
        HttpClient client,
        string path,
        byte[][] letters,
        int connections,
        CancellationToken cancellationToken
    )
    {
        var latencies = new ConcurrentBag<double>();
        var address = new Uri(path, UriKind.Relative);
        await Parallel.ForEachAsync(
            letters,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = connections,
                CancellationToken = cancellationToken,
            },
            async (letter, token) =>
            {
                var sent = Stopwatch.GetTimestamp();
                using var content = new ByteArrayContent(letter);
                using var response = await client.PostAsync(address, content, token);
                if (response.StatusCode != HttpStatusCode.Created)
                {
                    throw new InvalidOperationException(
                        $"{response.StatusCode}: {await response.Content.ReadAsStringAsync(token)}"
                    );
                }
                latencies.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }
        );
        return [.. latencies.Order()];
    }
}

internal static class Percentiles
{
    /// <summary>Of sorted values, by the nearest rank.</summary>
    public static double At(this double[] sorted, double percent) =>
        sorted[
            Math.Clamp((int)Math.Ceiling(sorted.Length * percent / 100) - 1, 0, sorted.Length - 1)
        ];
}
