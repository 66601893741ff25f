using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>Creates the partitions of the coming months, once a day. Running on several nodes is harmless.</summary>
public sealed class PartitionKeeper(
    NpgsqlDataSource database,
    TimeProvider clock,
    ILogger<PartitionKeeper> log
) : BackgroundService
{
    private const int MonthsAhead = 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromDays(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Partitions.EnsureAsync(
                    database,
                    clock.GetUtcNow(),
                    MonthsAhead,
                    stoppingToken
                );
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // Three months of partitions lie ahead and default partitions behind them: tomorrow is soon enough.
                log.LogWarning(
                    failure,
                    "Partitions of the coming months could not be created; next try in a day"
                );
            }
        }
    }
}
