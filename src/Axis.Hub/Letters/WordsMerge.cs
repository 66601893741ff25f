using Npgsql;

namespace Axis.Hub.Letters;

/// <summary>
/// Merges the pending list of the index of words into the index, beside the traffic. PostgreSQL would do it in the middle
/// of the letter that makes the list too long, and all of a batch would wait; and a search reads the list from end to end.
/// What is in the list is found like the rest. Running on several nodes is harmless: one merges, the others do not wait.
/// </summary>
public sealed class WordsMerge(
    NpgsqlDataSource database,
    TimeProvider clock,
    ILogger<WordsMerge> log
) : BackgroundService
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    // Letters are written into the month of their id: this one, for a while after midnight the one before, and the
    // default partition for clocks that are far off.
    private const string Merge = """
        SELECT gin_clean_pending_list(i.indexrelid)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
        WHERE a.amname = 'gin' AND i.indrelid IN (
            to_regclass('package_' || to_char($1 AT TIME ZONE 'UTC', 'YYYY_MM')),
            to_regclass('package_' || to_char(($1 - interval '1 day') AT TIME ZONE 'UTC', 'YYYY_MM')),
            to_regclass('package_default'))
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_pause, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var command = database.CreateCommand(Merge);
                command.Parameters.Add(new() { Value = clock.GetUtcNow() });
                await command.ExecuteNonQueryAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // A list that grows is slower to search, and merged by PostgreSQL itself in the end.
                log.LogWarning(
                    "New words could not be merged into their index, and are later: {Failure}",
                    failure.Message
                );
            }
        }
    }
}
