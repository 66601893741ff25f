using Npgsql;
using NpgsqlTypes;

namespace Axis.Hub.Access.Limits;

/// <summary>
/// Adds what this node counted to the table that all nodes share, and learns what the others did: every two seconds, and
/// once before the hub takes anything. So quotas count over all nodes, and what a node does not know yet is what the
/// others accepted in the last seconds. A node that dies takes its last two seconds with it, in favour of the sender.
/// </summary>
public sealed class UsageExchange(
    NpgsqlDataSource database,
    DailyUsage usage,
    TimeProvider clock,
    ILogger<UsageExchange> log
) : BackgroundService
{
    private const int KeptDays = 400;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // In the order of the key, so that two nodes take their locks in the same order. A system that was removed
    // meanwhile has nothing to count.
    private const string Write = """
        INSERT INTO office_system_usage (day, office_system_id, packages, bytes)
        SELECT n.* FROM unnest($1, $2, $3, $4) AS n (day, office_system_id, packages, bytes)
        JOIN office_system s ON s.id = n.office_system_id
        ORDER BY 1, 2
        ON CONFLICT (day, office_system_id) DO UPDATE SET (packages, bytes) =
            (office_system_usage.packages + excluded.packages, office_system_usage.bytes + excluded.bytes)
        """;

    private const string Read =
        "SELECT office_system_id, packages, bytes FROM office_system_usage WHERE day = $1";

    private const string Forget = "DELETE FROM office_system_usage WHERE day < $1";

    private DateOnly _forgotten;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ExchangeAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryExchangeAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
            {
                await TryExchangeAsync(stoppingToken);
            }
        }
    }

    public async Task ExchangeAsync(CancellationToken cancellationToken)
    {
        var unwritten = usage.TakeUnwritten();
        try
        {
            await WriteAsync(unwritten, cancellationToken);
        }
        catch
        {
            // Whether it was written is not known when the connection broke: then it counts twice, for today.
            usage.PutBack(unwritten);
            throw;
        }
        var today = usage.Today;
        await using (var read = database.CreateCommand(Read))
        {
            read.Parameters.Add(new() { Value = today });
            await using var reader = await read.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                usage.Learn(
                    today,
                    reader.GetString(0),
                    new(reader.GetInt64(1), reader.GetInt64(2))
                );
            }
        }
        if (today > _forgotten)
        {
            await using var forget = database.CreateCommand(Forget);
            forget.Parameters.Add(new() { Value = today.AddDays(-KeptDays) });
            await forget.ExecuteNonQueryAsync(cancellationToken);
            _forgotten = today;
        }
    }

    private async Task TryExchangeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExchangeAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            log.LogWarning(
                "What was used of quotas could not be exchanged: {Failure}",
                failure.Message
            );
        }
    }

    private async Task WriteAsync(
        IReadOnlyList<DailyUsage.Unwritten> unwritten,
        CancellationToken cancellationToken
    )
    {
        if (unwritten.Count == 0)
        {
            return;
        }
        await using var write = database.CreateCommand(Write);
        write.Parameters.Add(
            new NpgsqlParameter
            {
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date,
                Value = unwritten.Select(one => one.Day).ToArray(),
            }
        );
        write.Parameters.Add(new() { Value = unwritten.Select(one => one.OfficeSystem).ToArray() });
        write.Parameters.Add(new() { Value = unwritten.Select(one => one.Packages).ToArray() });
        write.Parameters.Add(new() { Value = unwritten.Select(one => one.Bytes).ToArray() });
        await write.ExecuteNonQueryAsync(cancellationToken);
    }
}
