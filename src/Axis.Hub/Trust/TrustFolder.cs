using Axis.Hub.Trust.Revocation;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust;

/// <summary>
/// Holds the authorities of the trust folder, and reads it again when its files change. A folder that cannot be read
/// leaves the authorities as they were: nobody becomes trusted by a fault, and nobody stops being.
/// </summary>
public sealed class TrustFolder(
    RevocationMemory revocation,
    IOptions<TrustOptions> options,
    TimeProvider clock,
    ILogger<TrustFolder> log
) : BackgroundService
{
    private readonly Lock _reading = new();
    private volatile TrustedAuthorities? _current;
    private string? _stamp;

    public TrustedAuthorities Current =>
        _current
        ?? throw new InvalidOperationException("The trust folder was asked before it was read.");

    /// <summary>Reads the folder if it changed; returns when <see cref="Current"/> is at least as new as this call.</summary>
    public void Refresh()
    {
        lock (_reading)
        {
            var folder = options.Value.AnchorFolder;
            if (folder.Length == 0)
            {
                _current ??= TrustedAuthorities.None(revocation);
                return;
            }
            var stamp = TrustFiles.StampOf(folder);
            if (stamp == _stamp)
            {
                return;
            }
            var files = TrustFiles.Read(folder);
            foreach (var problem in files.Problems)
            {
                log.LogWarning("Trust folder: {Problem}", problem);
            }
            log.LogInformation(
                "Trust folder {Folder}: {Anchors} authorities, {Intermediates} below them, {Lists} revocation lists",
                folder,
                files.Anchors.Count,
                files.Intermediates.Count,
                files.RevocationLists.Count
            );
            foreach (var problem in revocation.UseLists(files).Problems)
            {
                log.LogWarning("Trust folder: {Problem}", problem);
            }
            _current = new TrustedAuthorities(files, revocation);
            _stamp = stamp;
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Refresh();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.FolderInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Refresh();
            }
            catch (Exception failure)
            {
                log.LogWarning("The trust folder could not be read: {Failure}", failure.Message);
            }
        }
    }
}
