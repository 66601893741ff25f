using System.Net;
using Axis.LocalServers;
using Axis.TestKit;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>What a hub leaves in the database when its network goes in the middle of a transaction.</summary>
public sealed class LostConnectionTests
{
    [Test]
    public async Task A_transaction_that_lost_its_hub_does_not_hold_its_locks_for_ever()
    {
        await using var hub = await TestProvince.StartAsync(LocalServersSetUp.Servers);
        var direct = new NpgsqlConnectionStringBuilder(hub.DatabaseConnectionString);
        await using var relay = TcpRelay.Start(0, direct.Port);
        hub.Set(
            "Storage:ConnectionString",
            new NpgsqlConnectionStringBuilder(hub.DatabaseConnectionString)
            {
                Port = relay.Port,
                // Soon enough for this test, and no limit for anything else on a busy machine.
                CommandTimeout = 8,
            }.ConnectionString
        );
        await hub.RestartAsync();
        using var office = await hub.ClientAsync("office");
        using var commune = await hub.ClientAsync("commune");
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        var package = letter.Signed();
        var receipt = await Eventually.GetAsync(async () =>
            await office.SubmitAsync(package) is { Status: < HttpStatusCode.BadRequest } accepted
                ? accepted
                : null
        );
        var delivery = receipt.DeliveryTo(TestProvince.Commune);

        // The report takes its key and then waits for the delivery, which is locked here; meanwhile its network dies.
        var report = new Report(
            TestProvince.Commune,
            "03",
            TestProvince.Office,
            letter.DocumentId
        ).Bytes();
        Task<Answer> first;
        await using (var locking = await hub.Database.OpenConnectionAsync())
        {
            await using var transaction = await locking.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(
                $"SELECT id FROM delivery WHERE id = '{delivery}' FOR UPDATE",
                locking
            );
            await command.ExecuteNonQueryAsync();
            first = commune.SubmitAsync(report);
            await Eventually.HoldsAsync(async () =>
                await hub.CountAsync(
                    """
                    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                        AND application_name = 'axis-hub' AND wait_event_type = 'Lock'
                    """
                ) > 0
            );
            relay.Forget();
        }
        Assert.That((await first).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        // The dead session holds the key of the report now; the repeat must not wait for it for ever.
        await Eventually.HoldsAsync(async () =>
            (await commune.SubmitAsync(report)).Status
                is HttpStatusCode.Created
                    or HttpStatusCode.OK
        );
        Assert.That(
            await hub.CountAsync(
                $"SELECT count(*) FROM delivery WHERE id = '{delivery}' AND status = '03'"
            ),
            Is.EqualTo(1)
        );
    }
}
