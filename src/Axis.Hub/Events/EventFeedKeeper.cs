using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Events;

/// <summary>
/// Keeps the feed going on every node: numbers new events as soon as it hears of them, makes the days to come and drops
/// those that are over.
/// </summary>
public sealed class EventFeedKeeper(
    NpgsqlDataSource database,
    EventNumbering numbering,
    EventBell bell,
    IOptions<EventOptions> options,
    TimeProvider clock,
    ILogger<EventFeedKeeper> log
) : BackgroundService
{
    private const int DaysAhead = 2;

    /// <summary>How long to leave a transaction that still runs before the next look.</summary>
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(20);

    private int _daysMadeOn;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.Value.LookInterval;
            try
            {
                if (await RoundAsync(stoppingToken))
                {
                    pause = ShortPause;
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                // The days may be what is missing: they are looked at again before the next try.
                _daysMadeOn = 0;
                log.LogWarning("Events wait for their numbers: {Failure}", failure.Message);
            }
            try
            {
                await bell.WaitAsync(pause, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>
    /// One look; true when some events wait for a transaction that still runs. The days are made and the numbers given by
    /// one reading of the clock: one that is set forward between two readings would ask for a day that is not there.
    /// </summary>
    internal async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await KeepDaysAsync(FeedPosition.DayOf(now), cancellationToken);
        return (await numbering.NumberAsync(now, cancellationToken)).Left;
    }

    /// <summary>Once a day: makes the coming days and drops those that need not be kept.</summary>
    private async Task KeepDaysAsync(int today, CancellationToken cancellationToken)
    {
        if (_daysMadeOn == today)
        {
            return;
        }
        await using var command = database.CreateCommand(
            """
            SELECT ensure_feed_days($1, $2), ensure_feed_days(day, $2), drop_feed_days(least($1, day) - $3)
            FROM (SELECT CASE WHEN position = 0 THEN $1 ELSE (position / $4)::integer END AS day FROM event_feed_head) head
            """
        );
        command.Parameters.Add(new() { Value = today });
        command.Parameters.Add(new() { Value = DaysAhead });
        command.Parameters.Add(new() { Value = options.Value.KeepDays });
        command.Parameters.Add(new() { Value = FeedPosition.PerDay });
        await command.ExecuteNonQueryAsync(cancellationToken);
        _daysMadeOn = today;
    }
}
