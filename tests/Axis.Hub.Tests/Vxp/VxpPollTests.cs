using Axis.Hub.Storage;
using Axis.Hub.Vxp;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Axis.Hub.Tests.Vxp;

/// <summary>What a poll costs an office system that has had years of events which this door cannot take.</summary>
public sealed class VxpPollTests
{
    private NpgsqlDataSource _database = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _database = NpgsqlDataSource.Create(await LocalServersSetUp.Servers.CreateDatabaseAsync());
        await new Migrator(
            _database,
            TimeProvider.System,
            NullLogger<Migrator>.Instance
        ).MigrateAsync(default);
        // Every hundredth has a status package. No id falls by chance into a month, whose events are read anew.
        await ExecuteAsync(
            """
            INSERT INTO event (id, office_system_id, type, at, delivery_id, report_id, body, state)
            SELECT ('ffffffff-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'vendor',
                'vn.axis.delivery.received', now(), gen_random_uuid(),
                CASE WHEN n % 100 = 0 THEN gen_random_uuid() END, '{}', 'listed'
            FROM generate_series(1, 5000) AS n
            """
        );
        await ExecuteAsync("ANALYZE event");
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _database.DisposeAsync();

    [TestCase(ReceivedEdocs.Statuses)]
    [TestCase(ReceivedEdocs.CountedStatuses)]
    public async Task A_poll_walks_over_no_event_without_a_status_package(string statement)
    {
        await using var command = _database.CreateCommand(
            "EXPLAIN (ANALYZE, TIMING OFF) "
                + statement
                    .Replace("$1", "'vendor'", StringComparison.Ordinal)
                    .Replace("$2", "1000", StringComparison.Ordinal)
        );
        await using var reader = await command.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(0));
        }

        Assert.That(plan, Has.None.Contains("Rows Removed by Filter"), string.Join('\n', plan));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
