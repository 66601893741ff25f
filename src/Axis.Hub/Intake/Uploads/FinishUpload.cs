using System.IO.Pipelines;
using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake.Uploads;

/// <summary>
/// Submits a complete upload as the package that it is, with the checks and the receipt of any other door. Done twice,
/// after a crash in between, it gets the first receipt again.
/// </summary>
public sealed class FinishUpload(
    UploadStore uploads,
    ResumableFiles files,
    SubmitPackage submit,
    PayloadStore payloads,
    IOptions<IntakeOptions> options,
    ICrashPoints crash
)
{
    /// <summary>The upload with its answer; unchanged when the hub takes no packages at the moment, or none of this office system today: then it is submitted again
    /// and again, while it lives.</summary>
    /// <param name="upload">Complete and open.</param>
    /// <param name="file">Its file, held alone; the caller disposes of it.</param>
    /// <param name="caller">Whose it is.</param>
    /// <param name="remote">Where the last request came from.</param>
    public async Task<Upload> FinishAsync(
        Upload upload,
        FileStream file,
        OfficeSystem caller,
        string? remote
    )
    {
        file.Position = 0;
        var limits = options.Value.ToReadLimits(caller);
        var reader = PipeReader.Create(file, new StreamPipeReaderOptions(leaveOpen: true));
        // It may become durable at any moment from here on, so nobody's leaving ends it.
        await using var spool = await PackageSpool.ReceiveAsync(
            reader,
            upload.Length,
            limits,
            options.Value.SpoolMemoryBytes,
            payloads,
            CancellationToken.None
        );
        var outcome = spool is null
            ? new SubmissionOutcome.Refused([
                RequestErrors.TooLarge.At(null, null, limits.MaxBytes),
            ])
            : await submit.SubmitAsync(caller, Door.Http, spool, remote, CancellationToken.None);
        return outcome switch
        {
            SubmissionOutcome.Accepted accepted => await CloseAsync(
                upload,
                Upload.Accepted,
                accepted.ReceiptJson
            ),
            SubmissionOutcome.Refused refused => await RefuseAsync(upload, refused.Errors),
            _ => upload,
        };
    }

    /// <summary>Closes it for good, with the problem as its answer.</summary>
    public Task<Upload> RefuseAsync(Upload upload, params IReadOnlyList<ErrorItem> errors) =>
        CloseAsync(
            upload,
            Upload.Refused,
            JsonSerializer.Serialize(Problem.Of(errors), HubJson.Options)
        );

    private async Task<Upload> CloseAsync(Upload upload, string state, string answerJson)
    {
        crash.Pass(CrashPoint.UploadSubmitted);
        await uploads.RecordAnswerAsync(upload.Id, state, answerJson, CancellationToken.None);
        files.Delete(upload.Id);
        return upload with { State = state, AnswerJson = answerJson };
    }
}
