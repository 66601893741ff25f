using Axis.EdXml;

namespace Axis.Signatures;

/// <summary>
/// Judges the signatures inside the PDF attachments of a package, also of those that came packed in a ZIP without
/// saying so. Bounded: the number of files, their decoded bytes, the time; what lies beyond is "unsupported", never
/// passed over.
/// </summary>
/// <param name="limits">What one package may cost.</param>
/// <param name="createFile">Makes room for a document that is too large for memory; it goes when it was judged.</param>
/// <param name="clock">For the limit of time.</param>
public sealed class AttachmentJudge(
    DocumentLimits limits,
    Func<ITemporaryFile> createFile,
    TimeProvider clock
)
{
    private readonly PdfSignatureVerifier _verifier = new();

    /// <summary>One verdict for each attachment, in the order of the package.</summary>
    /// <param name="package">The package, seekable.</param>
    /// <param name="attachments">What the reader found in it.</param>
    /// <param name="chain">Judges the signers.</param>
    /// <param name="at">The time at which certificates must have been valid.</param>
    public async Task<IReadOnlyList<AttachmentVerdict>> JudgeAsync(
        Stream package,
        IReadOnlyList<AttachmentFacts> attachments,
        ChainJudge chain,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(attachments);
        var budget = new Budget(limits, clock);
        var verdicts = new List<AttachmentVerdict>(attachments.Count);
        foreach (var attachment in attachments)
        {
            verdicts.Add(
                await JudgeAsync(package, attachment, chain, at, budget, cancellationToken)
            );
        }
        return verdicts;
    }

    private async Task<AttachmentVerdict> JudgeAsync(
        Stream package,
        AttachmentFacts attachment,
        ChainJudge chain,
        DateTimeOffset at,
        Budget budget,
        CancellationToken cancellationToken
    )
    {
        if (!MayBePdf(attachment))
        {
            return NoPdf(attachment);
        }
        if (!budget.TakeDocument())
        {
            return budget.Exhausted(attachment.Name);
        }
        try
        {
            await using var encoded = AttachmentStream.Open(package, attachment);
            await using var decoded = await budget.DecodeAsync(
                encoded,
                attachment.Size,
                createFile,
                cancellationToken
            );
            if (decoded is null)
            {
                return budget.Exhausted(attachment.Name);
            }
            return attachment.Kind == ContentKind.Zip
                ? await UnpackAsync(
                    decoded.Content,
                    attachment,
                    chain,
                    at,
                    budget,
                    cancellationToken
                )
                : Verify(decoded.Content, attachment, chain, at, budget);
        }
        catch (InvalidDataException unreadable)
        {
            return Unreadable(attachment, unreadable.Message);
        }
        catch (BudgetSpentException)
        {
            return budget.Exhausted(attachment.Name);
        }
    }

    private async Task<AttachmentVerdict> UnpackAsync(
        Stream zip,
        AttachmentFacts attachment,
        ChainJudge chain,
        DateTimeOffset at,
        Budget budget,
        CancellationToken cancellationToken
    )
    {
        using var packed = ZipUnwrap.TryOpen(zip, new UnpackLimits { MaxBytes = budget.BytesLeft });
        if (packed is null)
        {
            return NoPdf(attachment);
        }
        await using var unpacked = await budget.DecodeAsync(
            packed.Content,
            budget.BytesLeft,
            createFile,
            cancellationToken
        );
        return unpacked is null ? budget.Exhausted(attachment.Name)
            : await IsPdfAsync(unpacked.Content, cancellationToken)
                ? Verify(unpacked.Content, attachment, chain, at, budget)
            : NoPdf(attachment);
    }

    private AttachmentVerdict Verify(
        Stream pdf,
        AttachmentFacts attachment,
        ChainJudge chain,
        DateTimeOffset at,
        Budget budget
    )
    {
        try
        {
            return DocumentVerdict.Of(
                attachment.Name,
                _verifier.Verify(budget.Timed(pdf), chain, at)
            );
        }
        // Whoever sends the file must get an answer for it, also where a library that reads it fails in a way of its own:
        // whatever escaped here would be taken for a fault of the hub, and the package tried again without end.
        catch (Exception failure)
            when (failure
                    is not (
                        BudgetSpentException
                        or OperationCanceledException
                        or OutOfMemoryException
                    )
                && !budget.FileFailed
            )
        {
            return Unreadable(attachment, failure.GetType().Name);
        }
    }

    private static bool MayBePdf(AttachmentFacts attachment) =>
        attachment is { HasData: true, Kind: ContentKind.Pdf }
        || (
            attachment is { HasData: true, Kind: ContentKind.Zip }
            && !ZipUnwrap.IsZipName(attachment.Name)
        );

    private static async Task<bool> IsPdfAsync(Stream file, CancellationToken cancellationToken)
    {
        var head = new byte[1024];
        var length = await file.ReadAtLeastAsync(
            head,
            head.Length,
            throwOnEndOfStream: false,
            cancellationToken
        );
        return head.AsSpan(0, length).IndexOf("%PDF-"u8) >= 0;
    }

    private static AttachmentVerdict Unreadable(AttachmentFacts attachment, string reason) =>
        DocumentVerdict.NotJudged(
            attachment.Name,
            SignatureVerdictKind.Malformed,
            $"The attachment cannot be read: {reason}",
            "Không đọc được nội dung tệp đính kèm."
        );

    private static AttachmentVerdict NoPdf(AttachmentFacts attachment) =>
        DocumentVerdict.Unsigned(
            attachment.Name,
            "Only PDF files are looked at for signatures.",
            "Chỉ kiểm tra chữ ký số trong tệp PDF."
        );
}
