using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Operations;

/// <summary>
/// Counts open deliveries from time to time, those to office systems apart from those to other axes: what waits for
/// another axis waits for somebody else's machine. Every state here has a partial index that parts the two, and the count
/// stops at a bound, so it costs the same with ten million collected deliveries as with none, and with a million that lie
/// in inboxes as with a hundred thousand.
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

    private const string OfOffices = "office_system";
    private const string OfAxes = "national";

    /// <summary>
    /// What parts the routes in the index of each state: another axis has no inbox, and its time is kept by its own
    /// outbox. Only what is for another axis is held, and none of that is in an inbox.
    /// </summary>
    private static readonly (string State, string Route, string? Where)[] s_counted =
    [
        ("waiting", OfOffices, "next_attempt_at IS NOT NULL"),
        ("waiting", OfAxes, "next_attempt_at IS NULL"),
        ("dispatched", OfOffices, "office_system_id IS NOT NULL"),
        ("dispatched", OfAxes, null),
        ("held", OfOffices, null),
        ("held", OfAxes, "true"),
        ("failed", OfOffices, "office_system_id IS NOT NULL"),
        ("failed", OfAxes, "office_system_id IS NULL"),
    ];

    /// <summary>The statements, for the tests of plans.</summary>
    internal static IEnumerable<string> Statements =>
        s_counted.Where(one => one.Where is not null).Select(one => Count(one.State, one.Where!));

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
        foreach (var (state, route, where) in s_counted)
        {
            var (open, oldest) = where is null
                ? (0, null)
                : await CountAsync(connection, Count(state, where), cancellationToken);
            metrics.DeliveriesOpen(
                state,
                route,
                open,
                oldest is null ? TimeSpan.Zero : clock.GetUtcNow() - oldest.Value
            );
        }
    }

    private static async Task<(long Open, DateTimeOffset? Oldest)> CountAsync(
        NpgsqlConnection connection,
        string statement,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset?>(1));
    }

    // The state as text of the statement: a partial index serves only what the planner can see.
    private static string Count(string state, string where) =>
        $"""
            SELECT count(*), min(created_at) FROM (
                SELECT created_at FROM delivery WHERE state = '{state}' AND {where} LIMIT {CountAtMost}
            ) AS counted
            """;
}
