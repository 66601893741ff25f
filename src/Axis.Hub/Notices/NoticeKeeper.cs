using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Notices;

/// <summary>
/// Looks and tells, on one node at a time: the lock goes with the connection of a node that dies, and another goes on
/// with what is written down. So several nodes send once.
/// </summary>
internal sealed class NoticeKeeper(
    NpgsqlDataSource database,
    NoticeCollector collector,
    DueNotices due,
    NoticeMailing mailing,
    NoticePushing pushing,
    IOptions<NoticeOptions> options,
    TimeProvider clock,
    ILogger<NoticeKeeper> log
) : BackgroundService
{
    /// <summary>One round; false when another node is at it.</summary>
    public async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        await using var alone = await SingleRunner.TryTakeAsync(
            database,
            SingleRunner.Notices,
            cancellationToken
        );
        if (alone is null)
        {
            return false;
        }
        await collector.LookAsync(cancellationToken);
        await due.LeaveOutOvertakenAsync(cancellationToken);
        await Task.WhenAll(
            mailing.TellDueAsync(cancellationToken),
            pushing.TellDueAsync(cancellationToken)
        );
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("Notices wait for the store: {Failure}", failure.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(options.Value.LookInterval, clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
