using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// A job that one node does at a time holds an advisory lock on a connection of its own; if the node dies, PostgreSQL
/// lets the lock go with the connection.
/// </summary>
public sealed class SingleRunner : IAsyncDisposable
{
    // Any numbers will do that differ; the hub's all begin with "AXIS".
    public const long Migration = 0x41584953_0001;
    public const long OrphanSweep = 0x41584953_0030;
    public const long Retention = 0x41584953_0031;
    public const long UploadExpiry = 0x41584953_0032;
    public const long FarGathering = 0x41584953_0075;
    public const long FarCatalogue = 0x41584953_0078;

    /// <summary>One job for each axis and list; what follows is added to it.</summary>
    public const long FarPolling = 0x41584953_75000000;

    public const long Notices = 0x41584953_0067;

    private readonly NpgsqlConnection _connection;
    private readonly long _job;

    private SingleRunner(NpgsqlConnection connection, long job)
    {
        _connection = connection;
        _job = job;
    }

    /// <summary>Null when another node is at the job.</summary>
    public static async Task<SingleRunner?> TryTakeAsync(
        NpgsqlDataSource database,
        long job,
        CancellationToken cancellationToken
    )
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand(
                "SELECT pg_try_advisory_lock($1)",
                connection
            );
            command.Parameters.Add(new() { Value = job });
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new SingleRunner(connection, job);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var command = new NpgsqlCommand(
                "SELECT pg_advisory_unlock($1)",
                _connection
            );
            command.Parameters.Add(new() { Value = _job });
            await command.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException)
        {
            // The connection broke, and the lock with it.
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }
}
