using Axis.EdXml;
using Axis.Hub.Storage;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Trust;

/// <summary>Judges the signatures inside attachments by the trust folder, with temporary files beside the payloads, encrypted
/// where those are.</summary>
public sealed class DocumentJudge(
    TrustFolder trust,
    PayloadFiles files,
    PayloadKeys keys,
    IOptions<TrustOptions> options,
    TimeProvider clock
)
{
    private readonly AttachmentJudge _judge = new(
        options.Value.ToLimits(),
        () => new PayloadUpload(files.CreateUpload(), keys),
        clock
    );

    /// <inheritdoc cref="AttachmentJudge.JudgeAsync"/>
    public Task<IReadOnlyList<AttachmentVerdict>> JudgeAsync(
        Stream package,
        IReadOnlyList<AttachmentFacts> attachments,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) => _judge.JudgeAsync(package, attachments, trust.Current.Judge, at, cancellationToken);
}
