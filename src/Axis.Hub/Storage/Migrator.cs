using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// Brings the schema up to date: numbered SQL files, each applied once, in order, in its own transaction, under an
/// advisory lock so that nodes which start together do not race. A file that was applied must never change.
/// </summary>
/// <remarks>
/// A migration may rewrite every row there is, and a second node waits for as long as that takes: neither has a
/// time-out. Who cancels breaks the connection, and the server ends what nobody waits for.
/// </remarks>
public sealed class Migrator(NpgsqlDataSource database, TimeProvider clock, ILogger<Migrator> log)
{
    private static readonly string Unlock = $"SELECT pg_advisory_unlock({SingleRunner.Migration})";

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await PatientSession.BeginAsync(connection, cancellationToken);
        await ExecuteAsync(
            connection,
            $"SELECT pg_advisory_lock({SingleRunner.Migration})",
            cancellationToken
        );
        try
        {
            await BringUpToDateAsync(connection, cancellationToken);
        }
        catch
        {
            await LetGoAsync(connection);
            throw;
        }
        await ExecuteAsync(connection, Unlock, CancellationToken.None);
    }

    /// <summary>
    /// What stopped the migration is what is to be told. It may have taken the connection along, and then PostgreSQL has
    /// let the lock go with it.
    /// </summary>
    private async Task LetGoAsync(NpgsqlConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, Unlock, CancellationToken.None);
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException)
        {
            log.LogInformation("The lock of the migration went with its connection");
        }
    }

    private async Task BringUpToDateAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await ExecuteAsync(
            connection,
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                number     integer PRIMARY KEY,
                name       text NOT NULL,
                sha256     bytea NOT NULL,
                applied_at timestamptz NOT NULL
            )
            """,
            cancellationToken
        );
        var applied = await ReadAppliedAsync(connection, cancellationToken);
        foreach (var migration in Embedded())
        {
            if (!applied.TryGetValue(migration.Number, out var sha256))
            {
                await ApplyAsync(connection, migration, cancellationToken);
                log.LogInformation("Applied migration {Migration}", migration.Name);
            }
            else if (!sha256.AsSpan().SequenceEqual(migration.Sha256))
            {
                throw new InvalidOperationException(
                    $"Migration {migration.Name} was applied to this database in another form. "
                        + "An applied migration must not change; add a new one."
                );
            }
        }
        // By the clock of the database: a first start must find its month whatever the hub's clock says.
        foreach (var parent in Partitions.Parents)
        {
            await ExecuteAsync(
                connection,
                $"SELECT ensure_partitions_of('{parent}', now(), 3)",
                cancellationToken
            );
        }
    }

    private async Task ApplyAsync(
        NpgsqlConnection connection,
        Migration migration,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, migration.Sql, cancellationToken);
        await using var record = connection.Patient(
            "INSERT INTO schema_migration (number, name, sha256, applied_at) VALUES ($1, $2, $3, $4)"
        );
        record.Parameters.Add(new() { Value = migration.Number });
        record.Parameters.Add(new() { Value = migration.Name });
        record.Parameters.Add(new() { Value = migration.Sha256 });
        record.Parameters.Add(new() { Value = clock.GetUtcNow() });
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<Dictionary<int, byte[]>> ReadAppliedAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        var applied = new Dictionary<int, byte[]>();
        await using var command = connection.Patient("SELECT number, sha256 FROM schema_migration");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            applied.Add(reader.GetInt32(0), reader.GetFieldValue<byte[]>(1));
        }
        return applied;
    }

    private static async Task ExecuteAsync(
        NpgsqlConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.Patient(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static IEnumerable<Migration> Embedded()
    {
        const string Folder = "Axis.Hub.Storage.Migrations.";
        var assembly = Assembly.GetExecutingAssembly();
        return assembly
            .GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(resource =>
            {
                using var stream = assembly.GetManifestResourceStream(resource)!;
                using var reader = new StreamReader(stream, Encoding.UTF8);
                var sql = reader.ReadToEnd();
                var name = resource[Folder.Length..^".sql".Length];
                var number = int.Parse(
                    name.AsSpan(0, 4),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture
                );
                return new Migration(
                    number,
                    name,
                    sql,
                    SHA256.HashData(Encoding.UTF8.GetBytes(sql))
                );
            });
    }

    private sealed record Migration(int Number, string Name, string Sql, byte[] Sha256);
}
