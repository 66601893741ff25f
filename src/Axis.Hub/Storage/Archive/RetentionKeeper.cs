using Axis.Hub.Access;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Storage.Archive;

/// <summary>
/// Archives the months whose time has come, checks each archive by reading it back, and only then drops the month. One
/// node at a time; a month that could not be dropped is archived anew at the next look.
/// </summary>
public sealed class RetentionKeeper(
    NpgsqlDataSource database,
    ArchiveExport export,
    MonthDrop drop,
    AuditLog audit,
    IOptions<RetentionOptions> options,
    TimeProvider clock,
    ILogger<RetentionKeeper> log
) : BackgroundService
{
    private const string Months = """
        SELECT substring(c.relname FROM '\d{4}_\d{2}$')
        FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'delivery'::regclass AND c.relname ~ '^delivery_\d{4}_\d{2}$'
        ORDER BY 1
        """;

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
                log.LogError(failure, "A month could not be archived; nothing was dropped");
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
        foreach (var month in await MonthsAsync(cancellationToken))
        {
            if (month.End <= first && await TakeOutAsync(month, cancellationToken))
            {
                taken.Add(month);
            }
        }
        return taken;
    }

    private async Task<bool> TakeOutAsync(ArchiveMonth month, CancellationToken cancellationToken)
    {
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
        if (!await drop.TryDropAsync(month, manifest, folder, cancellationToken))
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

    private async Task<IReadOnlyList<ArchiveMonth>> MonthsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Months);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var months = new List<ArchiveMonth>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (ArchiveMonth.TryParse(reader.GetString(0).Replace('_', '-'), out var month))
            {
                months.Add(month);
            }
        }
        return months;
    }
}
