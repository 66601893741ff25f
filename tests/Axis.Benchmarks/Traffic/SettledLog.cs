using Axis.TestKit;
using Npgsql;

namespace Axis.Benchmarks.Traffic;

/// <summary>
/// A database that has run for some days overwrites the old segments of its log. One that was made a minute ago makes
/// each segment new, 16 MB of zeros and a sync, while every commit waits: that is over after the first checkpoints and
/// says nothing of a server at work, so the benchmarks, floors too, begin behind it.
/// </summary>
internal static class SettledLog
{
    // As much as the longest benchmark writes between two checkpoints of its server.
    private const int Segments = 96;

    public static async Task MakeAsync(TestHub hub)
    {
        await using var connection = await hub.Database.OpenConnectionAsync();
        for (var segment = 0; segment < Segments; segment++)
        {
            // A segment in which nothing was written is not left.
            await ExecuteAsync(connection, "SELECT pg_logical_emit_message(false, 'axis', 'x')");
            await ExecuteAsync(connection, "SELECT pg_switch_wal()");
        }
        await ExecuteAsync(connection, "CHECKPOINT");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
