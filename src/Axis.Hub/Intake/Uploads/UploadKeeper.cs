using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Intake.Uploads;

/// <summary>
/// Submits uploads that were complete when their hub died, and removes those whose time is over. One node at a time.
/// </summary>
public sealed class UploadKeeper(
    NpgsqlDataSource database,
    UploadStore uploads,
    ResumableFiles files,
    FinishUpload finish,
    RegistryCache registry,
    IOptions<IntakeOptions> options,
    TimeProvider clock,
    ILogger<UploadKeeper> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.UploadLookInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
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
                log.LogWarning("Uploads could not be looked after: {Failure}", failure.Message);
            }
        }
    }

    /// <summary>One that fails is tried again at the next look, and keeps no other from its turn.</summary>
    private async Task FinishAsync(Upload upload, FileStream file, OfficeSystem sender)
    {
        try
        {
            await finish.FinishAsync(upload, file, sender, remote: null);
        }
        catch (Exception failure)
        {
            log.LogWarning(
                "Upload {Upload} could not be submitted: {Failure}",
                upload.Id,
                failure.Message
            );
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var alone = await SingleRunner.TryTakeAsync(
            database,
            SingleRunner.UploadExpiry,
            cancellationToken
        );
        if (alone is null)
        {
            return;
        }
        foreach (var upload in await uploads.CompleteAsync(cancellationToken))
        {
            if (registry.Current.OfficeSystem(upload.OfficeSystemId) is { IsActive: true } sender)
            {
                // Somebody who has it at this moment finishes it.
                await using var file = files.TryOpen(upload.Id);
                if (file?.Length == upload.Length)
                {
                    await FinishAsync(upload, file, sender);
                }
            }
        }
        foreach (var id in await uploads.ForgetExpiredAsync(cancellationToken))
        {
            files.Delete(id);
        }
    }
}
