using System.IO.Pipelines;

namespace Axis.Hub.Intake.Uploads;

/// <summary>
/// Appends a piece to an upload, in constant memory. Every few megabytes what came is synced and recorded: that far the
/// sender need not go back, whatever dies.
/// </summary>
public sealed class ReceivePiece(UploadStore uploads, ICrashPoints crash)
{
    private const long SyncEvery = 8 * 1024 * 1024;

    /// <summary>
    /// The upload as its file is. One that is shorter than what was recorded has lost its end: to an older backup, or to a
    /// folder that is not shared. The sender is told to go on where it ends.
    /// </summary>
    public async Task<Upload> HeldAgainstAsync(
        Upload upload,
        FileStream file,
        CancellationToken cancellationToken
    )
    {
        if (file.Length >= upload.Received)
        {
            return upload;
        }
        await uploads.RecordReceivedAsync(upload.Id, file.Length, cancellationToken);
        return upload with { Received = file.Length };
    }

    /// <summary>How far the upload is then, and whether more came than was announced.</summary>
    /// <remarks>
    /// A sender that breaks off leaves what it had sent. With more than was announced the upload is not recorded as complete,
    /// so that nobody submits it meanwhile.
    /// </remarks>
    public async Task<(Upload Upload, bool IsTooLong)> ReceiveAsync(
        Upload upload,
        FileStream file,
        PipeReader body,
        CancellationToken cancellationToken
    )
    {
        // What is beyond the recorded length was written and never synced: it may be anything after a power cut. The file is
        // never shorter (HeldAgainstAsync): this would fill it with zeros.
        file.SetLength(upload.Received);
        file.Position = upload.Received;
        var received = upload.Received;
        var synced = received;
        var isTooLong = false;
        try
        {
            while (!isTooLong)
            {
                var read = await body.ReadAsync(cancellationToken);
                foreach (var segment in read.Buffer)
                {
                    var room = (int)Math.Min(segment.Length, upload.Length - received);
                    isTooLong |= room < segment.Length;
                    await file.WriteAsync(segment[..room], cancellationToken);
                    received += room;
                }
                body.AdvanceTo(read.Buffer.End);
                if (received - synced >= SyncEvery && received < upload.Length)
                {
                    await SyncAsync(upload.Id, file, received);
                    synced = received;
                }
                if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        finally
        {
            if (received > synced && !isTooLong)
            {
                await SyncAsync(upload.Id, file, received);
            }
        }
        return (upload with { Received = received }, isTooLong);
    }

    private Task SyncAsync(Guid id, FileStream file, long received)
    {
        file.Flush(flushToDisk: true);
        crash.Pass(CrashPoint.UploadPieceSynced);
        return uploads.RecordReceivedAsync(id, received, CancellationToken.None);
    }
}
