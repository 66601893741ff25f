using Axis.Hub.Tests.Access;
using Axis.TestKit;

namespace Axis.Hub.Tests.Registry;

public sealed class RegistryCacheTests
{
    private const string AddSystem = "INSERT INTO office_system (id, name) VALUES ('new-one', 'x')";
    private static readonly TimeSpan s_never = TimeSpan.FromMinutes(5);

    private RegistryDatabase _database = null!;

    [SetUp]
    public async Task Make_a_database() => _database = await RegistryDatabase.CreateAsync();

    [TearDown]
    public async Task Leave_it() => await _database.DisposeAsync();

    [Test]
    public async Task It_is_loaded_when_start_returns_and_not_before()
    {
        using var cache = _database.CreateCache();
        Assert.That(cache.IsLoaded, Is.False);
        Assert.That(() => cache.Current, Throws.InvalidOperationException);
        await cache.StartAsync(CancellationToken.None);
        Assert.That(cache.IsLoaded);
        await cache.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task A_change_is_seen_by_notification_alone()
    {
        using var cache = _database.CreateCache(poll: s_never);
        await cache.StartAsync(CancellationToken.None);
        await UntilListeningAsync();
        await _database.ExecuteAsync(AddSystem);
        await Eventually.HoldsAsync(() =>
            Task.FromResult(cache.Current.OfficeSystem("new-one") is not null)
        );
        await cache.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task A_change_is_seen_by_the_poll_when_the_notification_is_lost()
    {
        await _database.ExecuteAsync(
            """
            CREATE OR REPLACE FUNCTION bump_registry_version() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN UPDATE registry_version SET version = version + 1; RETURN NULL; END $$
            """
        );
        using var cache = _database.CreateCache(poll: TimeSpan.FromMilliseconds(100));
        await cache.StartAsync(CancellationToken.None);
        await _database.ExecuteAsync(AddSystem);
        await Eventually.HoldsAsync(() =>
            Task.FromResult(cache.Current.OfficeSystem("new-one") is not null)
        );
        await cache.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task It_listens_again_after_its_connections_were_cut()
    {
        using var cache = _database.CreateCache(poll: s_never);
        await cache.StartAsync(CancellationToken.None);
        var before = await UntilListeningAsync();
        await _database.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                + "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        );
        // The next question of this test must not be put to one of the dead.
        _database.Source.Clear();
        await UntilListeningAsync(but: before);
        await _database.ExecuteAsync(AddSystem);
        await Eventually.HoldsAsync(() =>
            Task.FromResult(cache.Current.OfficeSystem("new-one") is not null)
        );
        await cache.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task A_code_that_begins_later_arrives_with_its_time()
    {
        var clock = new SetClock(DateTimeOffset.UnixEpoch.AddYears(60));
        await _database.ExecuteAsync(
            """
            INSERT INTO agency (id, name, kind, reach)
            VALUES ('019aa9a0-0000-7000-8000-000000000001', 'Xã mới', 'commune', 'province');
            INSERT INTO agency_code (code, agency_id, valid_to)
            VALUES ('H99.50', '019aa9a0-0000-7000-8000-000000000001', '2031-01-01Z');
            INSERT INTO agency_code (code, agency_id, valid_from)
            VALUES ('H99.60', '019aa9a0-0000-7000-8000-000000000001', '2031-01-01Z');
            """
        );
        using var cache = _database.CreateCache(TimeSpan.FromMilliseconds(50), clock);
        await cache.StartAsync(CancellationToken.None);
        Assert.That(cache.Current.Agencies.Single().PrimaryCode, Is.EqualTo("H99.50"));
        clock.Now = new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await Eventually.HoldsAsync(() =>
            Task.FromResult(cache.Current.Agencies.Single().PrimaryCode == "H99.60")
        );
        await cache.StopAsync(CancellationToken.None);
    }

    [Test]
    public async Task Certificates_are_parsed_once_and_a_broken_one_does_not_stop_the_registry()
    {
        var certificate = TestKeys.Of("H99.77");
        await using var insert = _database.Source.CreateCommand(
            """
            WITH a AS (
                INSERT INTO agency (id, name, kind, reach)
                VALUES (gen_random_uuid(), 'Sở', 'department', 'province') RETURNING id)
            INSERT INTO certificate (agency_id, thumbprint, der, subject, not_before, not_after)
            SELECT id, sha256(der), der, 'x', now(), now() FROM a, unnest($1) AS der
            """
        );
        insert.Parameters.Add(new() { Value = new[] { certificate.RawData, new byte[] { 1, 2 } } });
        await insert.ExecuteNonQueryAsync();

        using var cache = _database.CreateCache();
        await cache.RefreshAsync(CancellationToken.None);
        var agency = cache.Current.Agencies.Single().Id;
        var first = cache.Current.CertificatesOf(agency).Single();
        await cache.RefreshAsync(CancellationToken.None);
        var second = cache.Current.CertificatesOf(agency).Single();

        Assert.That(first.Certificate.RawData, Is.EqualTo(certificate.RawData));
        Assert.That(second.Certificate, Is.SameAs(first.Certificate));
        Assert.That(first.RevokedAt, Is.EqualTo(DateTimeOffset.MaxValue));
    }

    /// <summary>Waits for a session that listens, and is another one than that; returns which it is.</summary>
    private async Task<int> UntilListeningAsync(int but = 0)
    {
        var listening = 0;
        await Eventually.HoldsAsync(async () =>
        {
            await using var command = _database.Source.CreateCommand(
                "SELECT max(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    + "AND query = 'LISTEN axis_registry' AND pid NOT IN (pg_backend_pid(), $1)"
            );
            command.Parameters.Add(new() { Value = but });
            listening = await command.ExecuteScalarAsync() as int? ?? 0;
            return listening > 0;
        });
        return listening;
    }
}
