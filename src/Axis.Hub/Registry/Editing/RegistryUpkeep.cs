using Npgsql;

namespace Axis.Hub.Registry.Editing;

/// <summary>
/// Keeps the registry's tables short: folds plans whose instant has passed, and drops the log of changes that no node
/// can still need. Nothing waits for it; whichever node comes first does it.
/// </summary>
public sealed class RegistryUpkeep(
    NpgsqlDataSource database,
    TimeProvider clock,
    ILogger<RegistryUpkeep> log
) : BackgroundService
{
    // Any constant will do; it only has to differ from the other advisory locks of the hub.
    private const long LockKey = 0x41584953_0004;
    private const int KeptVersions = 10_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // A node further behind than this reads everything, which it would do anyway.
    private const string Prune = """
        WITH kept AS (SELECT version - $1 AS log_from FROM registry_version WHERE version - $1 > log_from),
        gone AS (DELETE FROM registry_change USING kept WHERE registry_change.version <= kept.log_from)
        UPDATE registry_version SET log_from = kept.log_from FROM kept
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning("The registry could not be tidied: {Failure}", failure.Message);
            }
            await Task.Delay(Interval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (
            var lockIt = new NpgsqlCommand(
                $"SELECT pg_try_advisory_xact_lock({LockKey})",
                connection
            )
        )
        {
            if (!(bool)(await lockIt.ExecuteScalarAsync(cancellationToken))!)
            {
                return;
            }
        }
        await ElapsedPlans.FoldAsync(connection, clock.GetUtcNow(), cancellationToken);
        await using var prune = new NpgsqlCommand(Prune, connection);
        prune.Parameters.Add(new() { Value = (long)KeptVersions });
        await prune.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
