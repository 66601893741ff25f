using System.Net;
using Axis.LocalServers;
using Axis.TestKit;
using Npgsql;

namespace Axis.Resilience.Tests;

/// <summary>
/// A receipt means that the synchronous standby has the package too. Here the standby is one that never answers, and
/// every wait for it is cut short.
/// </summary>
public sealed class StandbyTests
{
    private readonly string _folder = $"/var/tmp/axis-standby-{Environment.ProcessId}";
    private PrivateServers _postgres = null!;
    private TestHub _hub = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _postgres = await PrivateServers.StartAsync(
            new PrivateServersOptions(_folder, WithBroker: false),
            new Progress<string>()
        );
        _hub = await TestProvince.StartAsync(
            LocalServersSetUp.Servers,
            settings: ("Storage:ConnectionString", _postgres.PostgresConnectionString)
        );
        // Its waits are cut short from here on, and not while it makes its tables.
        _hub.Set(
            "Storage:ConnectionString",
            new NpgsqlConnectionStringBuilder(_postgres.PostgresConnectionString)
            {
                CommandTimeout = 6,
            }.ConnectionString
        );
        await _hub.RestartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await RequireAsync("");
        await _hub.DisposeAsync();
        await PrivateServers.PurgeAsync(_folder);
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [TearDown]
    public Task ForgetStandbyAsync() => RequireAsync("");

    [Test]
    public async Task While_the_standby_is_away_there_is_no_receipt_and_no_second_one_either()
    {
        using var office = await _hub.ClientAsync("office");
        var package = new Letter(TestProvince.Office, TestProvince.Commune).Signed();
        await RequireAsync("nobody");

        var first = await office.SubmitAsync(package);
        // PostgreSQL has been asked to give the wait up by now, and its row can be seen.
        var second = await office.SubmitAsync(package);
        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), first.Text);
        Assert.That(second.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), second.Text);

        await RequireAsync("");
        await IsAcceptedAsync(office, package);
    }

    [Test]
    public async Task The_same_holds_for_a_status_report()
    {
        using var office = await _hub.ClientAsync("office");
        using var commune = await _hub.ClientAsync("commune");
        var letter = new Letter(TestProvince.Office, TestProvince.Commune);
        await IsAcceptedAsync(office, letter.Signed());
        var report = new Report(
            TestProvince.Commune,
            "03",
            TestProvince.Office,
            letter.DocumentId
        ).Bytes();
        await RequireAsync("nobody");

        var first = await commune.SubmitAsync(report);
        var second = await commune.SubmitAsync(report);
        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), first.Text);
        Assert.That(second.Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), second.Text);

        await RequireAsync("");
        await IsAcceptedAsync(commune, report);
    }

    private static Task IsAcceptedAsync(HttpClient client, byte[] package) =>
        Eventually.HoldsAsync(async () =>
            (await client.SubmitAsync(package)).Status
                is HttpStatusCode.OK
                    or HttpStatusCode.Created
        );

    private async Task RequireAsync(string standby)
    {
        await using var source = NpgsqlDataSource.Create(_postgres.PostgresConnectionString);
        foreach (
            var sql in (string[])
                [
                    $"ALTER SYSTEM SET synchronous_standby_names = '{standby}'",
                    "SELECT pg_reload_conf()",
                ]
        )
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
        await Eventually.HoldsAsync(async () =>
        {
            await using var command = source.CreateCommand("SHOW synchronous_standby_names");
            return (string?)await command.ExecuteScalarAsync() == standby;
        });
        if (standby.Length > 0)
        {
            await Eventually.HoldsAsync(() => CommitsWaitAsync(source));
        }
    }

    /// <summary>Whether a commit waits for the standby: PostgreSQL's checkpointer, which decides it, hears of the setting last.</summary>
    private static async Task<bool> CommitsWaitAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var write = new NpgsqlCommand(
            "SELECT pg_logical_emit_message(true, 'axis', 'does this wait?')",
            connection
        )
        {
            CommandTimeout = 0,
        };
        var written = write.ExecuteNonQueryAsync();
        await using var end = source.CreateCommand(
            "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'SyncRep'"
        );
        end.Parameters.Add(new() { Value = connection.ProcessID });
        var waits = false;
        while (!written.IsCompleted)
        {
            waits |= (long)(await end.ExecuteScalarAsync())! > 0;
        }
        await written;
        return waits;
    }
}
