using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Axis.Hub.Intake.Uploads;

/// <summary>
/// Submits uploads that were complete when their hub died, removes those whose time is over, and
/// files that no upload names any more. One node at a time.
/// </summary>
public sealed class UploadKeeper(
    NpgsqlDataSource database,
    UploadStore uploads,
    ResumableFiles files,
    ReceivePiece receive,
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
        await FinishCompleteAsync(cancellationToken);
        foreach (var id in await uploads.ForgetExpiredAsync(cancellationToken))
        {
            files.Delete(id);
        }
        await RemoveOrphansAsync(cancellationToken);
    }

    /// <summary>All of them, page by page: those of a locked office system or one over its quota stay, and hold up no other's.</summary>
    private async Task FinishCompleteAsync(CancellationToken cancellationToken)
    {
        var after = Guid.Empty;
        while (true)
        {
            var page = await uploads.CompleteAsync(after, cancellationToken);
            foreach (var upload in page)
            {
                if (
                    registry.Current.OfficeSystem(upload.OfficeSystemId) is
                    { IsActive: true } sender
                )
                {
                    await FinishAsync(upload, sender, cancellationToken);
                }
            }
            if (page.Count < UploadStore.PageSize)
            {
                return;
            }
            after = page[^1].Id;
        }
    }

    /// <summary>One that fails is tried again at the next look, and keeps no other from its turn.</summary>
    private async Task FinishAsync(
        Upload listed,
        OfficeSystem sender,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // Somebody who has it at this moment finishes it.
            await using var file = files.TryOpen(listed.Id);
            if (file is null)
            {
                return;
            }
            // Read again: only now does nobody else write. Its time may be over: who sent all of it is not to blame that no hub
            // ran for so long.
            if (
                await uploads.ReadAgainAsync(listed.Id, cancellationToken)
                is not { IsOpen: true } upload
            )
            {
                files.Delete(listed.Id);
                return;
            }
            upload = await receive.HeldAgainstAsync(upload, file, cancellationToken);
            if (upload.IsComplete && file.Length == upload.Length)
            {
                await finish.FinishAsync(upload, file, sender, remote: null);
            }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(
                "Upload {Upload} could not be submitted: {Failure}",
                listed.Id,
                failure.Message
            );
        }
    }

    /// <summary>
    /// Files whose row went before them, by a death between the two. A file that was written to has a row for a lifetime
    /// longer, so one that is twice as old and has none is nobody's.
    /// </summary>
    private async Task RemoveOrphansAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - (2 * options.Value.UploadLifetime);
        foreach (var batch in files.OlderThan(before).Chunk(UploadStore.PageSize))
        {
            var known = await uploads.KnownAsync(
                [.. batch.Select(one => one.Id)],
                cancellationToken
            );
            foreach (var (file, _) in batch.Where(one => !known.Contains(one.Id)))
            {
                file.Delete();
            }
        }
    }
}
