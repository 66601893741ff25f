using Axis.Hub.Access;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Archives the months whose time has come, checks each archive by reading it back, and only then drops the month. One
/// node at a time; a month that could not be dropped is archived anew at the next look, and holds up no other. A month
/// that was imported stays until it is released.
/// </summary>
public sealed class RetentionKeeper(
    NpgsqlDataSource database,
    ArchiveExport export,
    MonthDrop drop,
    ArchivedMonths months,
    UnreadEvents unread,
    AuditLog audit,
    IOptions<RetentionOptions> options,
    TimeProvider clock,
    ILogger<RetentionKeeper> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Months == 0)
        {
            return;
        }
        using var timer = new PeriodicTimer(options.Value.LookInterval, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.LogError(failure, "Which months are to be archived could not be found out");
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>The months that were taken out.</summary>
    public async Task<IReadOnlyList<ArchiveMonth>> LookAsync(CancellationToken cancellationToken)
    {
        await using var alone = await SingleRunner.TryTakeAsync(
            database,
            SingleRunner.Retention,
            cancellationToken
        );
        if (alone is null)
        {
            return [];
        }
        var taken = new List<ArchiveMonth>();
        var first = ArchiveMonth.Of(clock.GetUtcNow().AddMonths(-options.Value.Months)).Start;
        foreach (var month in await months.LeavingAsync(cancellationToken))
        {
            try
            {
                if (month.End <= first && await TakeOutAsync(month, cancellationToken))
                {
                    taken.Add(month);
                }
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogError(
                    failure,
                    "{Month} could not be archived; nothing of it was dropped",
                    month
                );
            }
        }
        return taken;
    }

    private async Task<bool> TakeOutAsync(ArchiveMonth month, CancellationToken cancellationToken)
    {
        await unread.FinishAsync(month, cancellationToken);
        if (await MonthWatch.BeginAsync(database, month, cancellationToken) is not { } watch)
        {
            log.LogInformation("{Month} is in use; it is archived later", month);
            return false;
        }
        var folder = await export.ExportAsync(
            month,
            options.Value.ArchiveFolder!,
            cancellationToken
        );
        var (manifest, problems) = await ArchiveCheck.CheckAsync(folder, cancellationToken);
        if (manifest is null || problems.Count > 0)
        {
            throw new ArchiveException(
                $"{folder} does not read back as it was written: {string.Join("; ", problems)}"
            );
        }
        if (
            !await drop.TryDropAsync(
                watch,
                manifest,
                folder,
                options.Value.DropPatience,
                cancellationToken
            )
        )
        {
            log.LogInformation("{Month} is archived and still in use; it is dropped later", month);
            return false;
        }
        await audit.RecordAsync(
            AuditActions.ArchiveMonth,
            AuditOutcome.Ok,
            "hub",
            remote: null,
            new
            {
                Month = month.ToString(),
                folder,
                Packages = manifest.RowsOf("package"),
                Deliveries = manifest.RowsOf("delivery"),
                Sha256 = await ArchiveFormat.HashAsync(
                    Path.Combine(folder, ArchiveFormat.Sums),
                    cancellationToken
                ),
            }
        );
        return true;
    }
}
