using Axis.Hub.Operations;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// Removes payload files that no package names: what a crash left between a file and its row, and what retention let go.
/// One node at a time.
/// </summary>
/// <remarks>
/// A file goes in two rounds. The first sets it aside, where it is still found when it is asked for; the next removes it
/// if still no row names it, or puts it back. So a submission of the same bytes that comes in between loses nothing:
/// its own file takes the place, or the one set aside is there.
/// </remarks>
public sealed class OrphanSweep(
    NpgsqlDataSource database,
    PayloadFiles files,
    HubMetrics metrics,
    IOptions<StorageOptions> options,
    TimeProvider clock,
    ILogger<OrphanSweep> log
) : BackgroundService
{
    private const int BatchFiles = 500;

    /// <summary>Packages above this size are in the index package_file; smaller ones are only files by exception.</summary>
    private const int IndexedAbove = 65536;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, clock);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning("Orphans could not be swept: {Failure}", failure.Message);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One round; returns how many files were removed. Null when another node is at it.</summary>
    public async Task<int?> SweepAsync(CancellationToken cancellationToken)
    {
        await using var alone = await SingleRunner.TryTakeAsync(
            database,
            SingleRunner.OrphanSweep,
            cancellationToken
        );
        if (alone is null)
        {
            return null;
        }
        var removed = 0;
        var before = clock.GetUtcNow() - options.Value.OrphanAge;
        foreach (var batch in files.InQuarantineSince(before).Chunk(BatchFiles))
        {
            var named = await NamedAsync(batch, cancellationToken);
            foreach (var (file, sha256) in batch)
            {
                if (named.Contains(Convert.ToHexString(sha256)))
                {
                    files.Restore(file, sha256);
                    continue;
                }
                file.Delete();
                removed++;
            }
        }
        foreach (var batch in files.OlderThan(before).Chunk(BatchFiles))
        {
            var named = await NamedAsync(batch, cancellationToken);
            foreach (
                var (file, _) in batch.Where(one =>
                    !named.Contains(Convert.ToHexString(one.Sha256))
                )
            )
            {
                files.Quarantine(file, clock.GetUtcNow());
            }
        }
        metrics.OrphansRemoved(removed);
        return removed;
    }

    private async Task<HashSet<string>> NamedAsync(
        IReadOnlyCollection<(FileInfo File, byte[] Sha256)> batch,
        CancellationToken cancellationToken
    )
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        // Encryption adds less than this to a file.
        foreach (var isLarge in (bool[])[true, false])
        {
            var asked = batch
                .Where(one => one.File.Length > IndexedAbove + 1024 == isLarge)
                .Select(one => one.Sha256)
                .ToArray();
            if (asked.Length == 0)
            {
                continue;
            }
            await using var command = database.CreateCommand(
                $"""
                SELECT s.sha256 FROM unnest($1) AS s (sha256)
                WHERE EXISTS (SELECT 1 FROM package p WHERE p.sha256 = s.sha256
                    {(isLarge ? $"AND p.size > {IndexedAbove}" : "")})
                """
            );
            command.Parameters.Add(new() { Value = asked });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                named.Add(Convert.ToHexString(reader.GetFieldValue<byte[]>(0)));
            }
        }
        return named;
    }
}
