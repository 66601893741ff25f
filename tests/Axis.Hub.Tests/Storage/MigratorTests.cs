using Axis.Hub.Storage;
using Axis.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Axis.Hub.Tests.Storage;

/// <summary>A migration that fails says why, whatever became of its connection, and leaves no lock behind.</summary>
public sealed class MigratorTests
{
    // Whoever writes down that a migration was applied comes to grief.
    private const string Trap = """
        CREATE TABLE schema_migration (
            number integer PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL, applied_at timestamptz NOT NULL);
        CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {0}; RETURN NEW; END $$;
        CREATE TRIGGER trap BEFORE INSERT ON schema_migration FOR EACH ROW EXECUTE FUNCTION trap();
        """;

    [TestCase("RAISE EXCEPTION 'the disk of the registry is read-only'", "P0001")]
    [TestCase("PERFORM pg_terminate_backend(pg_backend_pid())", "57P01")]
    public async Task The_first_failure_is_the_one_that_is_told(string harm, string state)
    {
        await using var database = NpgsqlDataSource.Create(
            await LocalServersSetUp.Servers.CreateDatabaseAsync()
        );
        await using (
            var command = database.CreateCommand(
                Trap.Replace("{0}", harm, StringComparison.Ordinal)
            )
        )
        {
            await command.ExecuteNonQueryAsync();
        }
        var migrator = new Migrator(database, TimeProvider.System, NullLogger<Migrator>.Instance);

        var failure = Assert.CatchAsync<PostgresException>(() =>
            migrator.MigrateAsync(CancellationToken.None)
        );

        Assert.That(failure!.SqlState, Is.EqualTo(state));
        // The next start need not wait; a backend that was terminated tells its client first and lets go then.
        await Eventually.HoldsAsync(async () =>
        {
            await using var free = database.CreateCommand(
                $"SELECT pg_try_advisory_xact_lock({SingleRunner.Migration})"
            );
            return await free.ExecuteScalarAsync() is true;
        });
        await using var end = database.CreateCommand("DROP TRIGGER trap ON schema_migration");
        await end.ExecuteNonQueryAsync();
        await migrator.MigrateAsync(CancellationToken.None);
    }

    [Test]
    public async Task A_migration_and_the_wait_for_another_node_take_the_time_they_need()
    {
        var address = await LocalServersSetUp.Servers.CreateDatabaseAsync();
        await using var other = NpgsqlDataSource.Create(address);
        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(address)
            {
                CommandTimeout = 2,
                ApplicationName = "axis-slow-migration",
            }.ConnectionString
        );
        await using (
            var command = other.CreateCommand(
                Trap.Replace(
                    "{0}",
                    "IF NEW.number = 1 THEN PERFORM pg_sleep(3); END IF",
                    StringComparison.Ordinal
                )
            )
        )
        {
            await command.ExecuteNonQueryAsync();
        }

        Task migrating;
        await using (await SingleRunner.TryTakeAsync(other, SingleRunner.Migration, default))
        {
            migrating = new Migrator(
                database,
                TimeProvider.System,
                NullLogger<Migrator>.Instance
            ).MigrateAsync(CancellationToken.None);
            await Eventually.HoldsAsync(async () =>
                migrating.IsCompleted || await HubRows.WaitsAsync(other, "axis-slow-migration")
            );
        }
        await migrating;
    }
}
