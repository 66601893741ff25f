using System.Diagnostics;

namespace Axis.Benchmarks;

/// <summary>
/// The floor of latency: what a letter cannot avoid is to be synced twice, one after the other, by the database and by the
/// broker. The same bytes are written at the same pace to two files, whatever waits together, and nothing else is done.
/// </summary>
internal static class PacedDisk
{
    /// <summary>Milliseconds from when each write was due to when both files had it; in order of size.</summary>
    public static async Task<double[]> MeasureAsync(
        int writes,
        int bytes,
        TimeSpan pace,
        CancellationToken cancellationToken
    )
    {
        var folder = Directory.CreateTempSubdirectory("axis-paced-disk-");
        try
        {
            await using var database = File.Create(Path.Combine(folder.FullName, "database"));
            await using var broker = File.Create(Path.Combine(folder.FullName, "broker"));
            using var clock = new PeriodicTimer(pace);
            var times = new List<double>(writes);
            var began = Stopwatch.GetTimestamp();
            while (times.Count < writes)
            {
                var elapsed = Stopwatch.GetElapsedTime(began);
                var due = Math.Min(writes, (int)(elapsed / pace) + 1) - times.Count;
                if (due == 0)
                {
                    await clock.WaitForNextTickAsync(cancellationToken);
                    continue;
                }
                var letters = new byte[due * bytes];
                foreach (var file in (FileStream[])[database, broker])
                {
                    await file.WriteAsync(letters, cancellationToken);
                    file.Flush(flushToDisk: true);
                }
                var done = Stopwatch.GetElapsedTime(began);
                for (; due > 0; due--)
                {
                    times.Add((done - pace * times.Count).TotalMilliseconds);
                }
            }
            return [.. times.Order()];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
