using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// A session for statements that take as long as the tables are large. The client sets them no time-out
/// (<c>CommandTimeout = 0</c>), so the server looks itself whether its client is still there, and ends what nobody waits
/// for any more, with its locks. The session goes on looking when the pool has it back, which harms nobody.
/// </summary>
internal static class PatientSession
{
    /// <summary>A statement without a time-out.</summary>
    public static NpgsqlCommand Patient(this NpgsqlConnection connection, string sql) =>
        new(sql, connection) { CommandTimeout = 0 };

    public static async Task BeginAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.Patient("SET client_connection_check_interval = '5s'");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
