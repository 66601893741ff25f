using Npgsql;

namespace Axis.Hub.Storage;

/// <summary>
/// Listens to a channel of PostgreSQL on a connection of its own, through lost connections. Whoever listens is told
/// once after each connecting, because nobody knows what was said while it was away.
/// </summary>
internal static class DatabaseNotices
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Returns when it is told to stop.</summary>
    public static async Task ListenAsync(
        NpgsqlDataSource database,
        string channel,
        Action heard,
        TimeProvider clock,
        ILogger log,
        CancellationToken stopping
    )
    {
        var pause = FirstPause;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stopping);
                connection.Notification += (_, _) => heard();
                await using (var listen = new NpgsqlCommand($"LISTEN {channel}", connection))
                {
                    await listen.ExecuteNonQueryAsync(stopping);
                }
                pause = FirstPause;
                heard();
                while (true)
                {
                    await connection.WaitAsync(stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogWarning(
                    "Listening to {Channel} was interrupted ({Failure}); next try in {Pause}",
                    channel,
                    failure.Message,
                    pause
                );
                await Task.Delay(pause, clock, stopping)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
            }
        }
    }
}
