using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations;

/// <summary>
/// Counts open deliveries from time to time, those to office systems apart from those to other axes: what waits for
/// another axis waits for somebody else's machine. Every state here has a partial index, and the count stops at a bound,
/// so it costs the same with ten million collected deliveries as with none.
/// </summary>
public sealed class DeliveryGauges(
    NpgsqlDataSource database,
    HubMetrics metrics,
    IOptions<OperationsOptions> options,
    TimeProvider clock,
    ILogger<DeliveryGauges> log
) : BackgroundService
{
    private const int CountAtMost = 100_000;

    private static readonly string[] States = ["waiting", "dispatched", "held", "failed"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.CountInterval, clock);
        do
        {
            try
            {
                await CountAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The last figures stay until the next try.
                log.LogWarning("Open deliveries could not be counted: {Failure}", failure.Message);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var state in States)
        {
            // The state as text of the statement: a partial index serves only what the planner can see.
            await using var command = new NpgsqlCommand(
                $"""
                SELECT r.route, c.open, c.oldest
                FROM (VALUES ('office_system'), ('national')) AS r (route)
                    CROSS JOIN LATERAL (
                        SELECT count(*) AS open, min(created_at) AS oldest
                        FROM (
                            SELECT created_at FROM delivery
                            WHERE state = '{state}' AND route = r.route LIMIT {CountAtMost}) AS counted) AS c
                """,
                connection
            );
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                metrics.DeliveriesOpen(
                    state,
                    reader.GetString(0),
                    reader.GetInt64(1),
                    await reader.IsDBNullAsync(2, cancellationToken)
                        ? TimeSpan.Zero
                        : clock.GetUtcNow() - reader.GetFieldValue<DateTimeOffset>(2)
                );
            }
        }
    }
}
