using Axis.EdXml;
using Axis.Hub.Access;
using Axis.Hub.Access.Limits;
using Axis.Hub.Acts;
using Axis.Hub.Errors;
using Axis.Hub.Operations;
using Axis.Hub.Registry;
using Axis.Hub.Statuses;
using Axis.Hub.Storage;
using Axis.Hub.Trust.Receipts;
using Axis.Signatures;
using Microsoft.Extensions.Options;

namespace Axis.Hub.Intake;

/// <summary>
/// One submission from its bytes to its answer, the same for every door. Whatever it answers is true already: a
/// receipt is durable, a refusal is in the audit log.
/// </summary>
public sealed class SubmitPackage(
    SubmissionChecks checks,
    RegistryCache registry,
    PayloadStore payloads,
    AcceptanceWriter store,
    ActWriter acts,
    GroupCommit<DocumentAcceptance, Acceptance> documents,
    GroupCommit<StatusAcceptance, StatusOutcome> statuses,
    DailyUsage usage,
    AuditLog audit,
    HubMetrics metrics,
    IReceiptSigner signer,
    IOptions<ReceiptOptions> receipts,
    IOptions<IntakeOptions> options,
    TimeOrderedIds ids,
    TimeProvider clock
)
{
    public async Task<SubmissionOutcome> SubmitAsync(
        OfficeSystem caller,
        Door door,
        PackageSpool spool,
        string? remote,
        CancellationToken cancellationToken
    )
    {
        var began = clock.GetTimestamp();
        var outcome =
            spool.Reading.Kind == PackageKind.Status
                ? await SubmitStatusAsync(caller, door, spool, cancellationToken)
                : await SubmitDocumentAsync(caller, door, spool, cancellationToken);
        switch (outcome)
        {
            case SubmissionOutcome.Accepted { IsRepeat: false }:
                metrics.PackageAccepted(door);
                metrics.PackageAcceptedWithin(clock.GetElapsedTime(began));
                break;
            case SubmissionOutcome.Refused refused:
                metrics.PackageRefused(door, refused.Errors[0].Code);
                await RecordRefusalAsync(refused.Errors, caller, spool, remote);
                break;
            case SubmissionOutcome.OverQuota over:
                metrics.PackageRefused(door, over.Error.Code);
                audit.RecordRefusal(
                    AuditActions.SubmitPackage,
                    caller.Id,
                    remote,
                    over.Error.Code,
                    new { over.Error.Code }
                );
                break;
        }
        return outcome;
    }

    private async Task<SubmissionOutcome> SubmitDocumentAsync(
        OfficeSystem caller,
        Door door,
        PackageSpool spool,
        CancellationToken cancellationToken
    )
    {
        var snapshot = registry.Current;
        // One instant for the checks and the receipt: at a midnight that changes the registry they must agree.
        var now = clock.GetUtcNow();
        var (document, errors) = await checks.CheckDocumentAsync(
            caller,
            spool,
            snapshot,
            now,
            cancellationToken
        );
        if (document is null)
        {
            return await RefuseAsync(caller, spool, snapshot, [.. errors], cancellationToken);
        }
        if (usage.TryTake(caller, spool.Reading.Length) is not { } share)
        {
            return await OverQuotaAsync(caller, spool, snapshot, cancellationToken);
        }
        SubmissionOutcome? outcome = null;
        try
        {
            return outcome = await AcceptAsync(
                document,
                caller,
                door,
                spool,
                now,
                cancellationToken
            );
        }
        finally
        {
            if (outcome is not SubmissionOutcome.Accepted { IsRepeat: false })
            {
                usage.GiveBack(share);
            }
        }
    }

    private async Task<SubmissionOutcome> AcceptAsync(
        CheckedDocument document,
        OfficeSystem caller,
        Door door,
        PackageSpool spool,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var inline = await RestAsync(spool, cancellationToken);
        if (document.Header.Business.Type != BusinessType.New)
        {
            var act = new ActSubmission(document, caller, door, spool, inline, Sign);
            var (carriedOut, receipt) = await acts.WriteAsync(act, cancellationToken);
            return OutcomeOf(carriedOut, document, receipt);
        }
        var acceptance = DocumentAcceptance.Of(
            document,
            caller,
            door,
            spool,
            inline,
            now,
            ids,
            ids.Next(),
            Sign
        );
        return documents.TrySubmit(acceptance, out var answer)
            ? OutcomeOf(await answer, document, acceptance.ReceiptJson)
            : new SubmissionOutcome.Busy();
    }

    /// <summary>
    /// A repeat costs nothing and gets its first receipt. What no day's quota can hold is refused for good: waiting for
    /// tomorrow would never end.
    /// </summary>
    private async Task<SubmissionOutcome> OverQuotaAsync(
        OfficeSystem caller,
        PackageSpool spool,
        RegistrySnapshot snapshot,
        CancellationToken cancellationToken
    )
    {
        var quota = usage.QuotaOf(caller);
        List<ErrorItem> errors =
            spool.Reading.Length > quota.Bytes
                ? [RequestErrors.TooLarge.At(null, null, quota.Bytes)]
                : [];
        var outcome = await RefuseAsync(caller, spool, snapshot, errors, cancellationToken);
        if (outcome is not SubmissionOutcome.Refused { Errors.Count: 0 })
        {
            return outcome;
        }
        var wait = usage.UntilTomorrow;
        return new SubmissionOutcome.OverQuota(
            RequestErrors.OverQuota.At(
                null,
                null,
                usage.UsedToday(caller.Id).Packages >= quota.Packages
                    ? new Words($"{quota.Packages} documents", $"{quota.Packages} văn bản")
                    : new Words($"{quota.Bytes} bytes", $"{quota.Bytes} byte"),
                (int)Math.Ceiling(wait.TotalSeconds)
            ),
            wait
        );
    }

    private Receipt Sign(Receipt receipt) => receipt.SignedBy(signer, receipts.Value.Issuer);

    private static SubmissionOutcome OutcomeOf(
        Acceptance acceptance,
        CheckedDocument document,
        string receiptJson
    ) =>
        acceptance switch
        {
            Acceptance.Written => new SubmissionOutcome.Accepted(receiptJson, IsRepeat: false),
            Acceptance.Repeated repeated => new SubmissionOutcome.Accepted(
                repeated.ReceiptJson,
                IsRepeat: true
            ),
            Acceptance.Conflicting conflicting => new SubmissionOutcome.Refused([
                ConflictOf(document.Header, conflicting),
            ]),
            Acceptance.Unclear unclear => new SubmissionOutcome.Refused([unclear.Error]),
            var other => throw new InvalidOperationException($"Unknown acceptance {other}"),
        };

    /// <summary>
    /// Brings the bytes to where they rest, by their size and not by the door: null when that is a file, which is
    /// durable then, else what the row is to hold.
    /// </summary>
    private async Task<byte[]?> RestAsync(PackageSpool spool, CancellationToken cancellationToken)
    {
        if (spool.Upload is { } upload)
        {
            if (spool.Reading.Length <= payloads.InlineLimitBytes)
            {
                return await spool.ReadAllAsync(cancellationToken);
            }
            await payloads.KeepAsync(upload, spool.Reading.Sha256, cancellationToken);
            return null;
        }
        if (spool.Memory!.Length <= payloads.InlineLimitBytes)
        {
            return spool.Memory;
        }
        await payloads.KeepAsync(spool.Memory, spool.Reading.Sha256, cancellationToken);
        return null;
    }

    private async Task<SubmissionOutcome> SubmitStatusAsync(
        OfficeSystem caller,
        Door door,
        PackageSpool spool,
        CancellationToken cancellationToken
    )
    {
        if (spool.Reading.Length > options.Value.MaxStatusBytes)
        {
            return new SubmissionOutcome.Refused([
                RequestErrors.TooLarge.At(null, null, options.Value.MaxStatusBytes),
            ]);
        }
        var now = clock.GetUtcNow();
        var (status, errors) = checks.CheckStatus(caller, spool.Reading, registry.Current, now);
        if (status is null)
        {
            return new SubmissionOutcome.Refused(errors);
        }
        var bytes = await spool.ReadAllAsync(cancellationToken);
        var acceptance = new StatusAcceptance(
            ids.Next(),
            now,
            door,
            caller.Id,
            status,
            spool.Reading.Sha256.ToArray(),
            bytes
        );
        if (!statuses.TrySubmit(acceptance, out var answer))
        {
            return new SubmissionOutcome.Busy();
        }
        return await answer switch
        {
            StatusOutcome.Recorded recorded => new SubmissionOutcome.Accepted(
                recorded.ReceiptJson,
                IsRepeat: false
            ),
            StatusOutcome.Repeated repeated => new SubmissionOutcome.Accepted(
                repeated.ReceiptJson,
                IsRepeat: true
            ),
            StatusOutcome.Refused refused => new SubmissionOutcome.Refused([refused.Error]),
            var other => throw new InvalidOperationException($"Unknown status outcome {other}"),
        };
    }

    /// <summary>
    /// A package that was accepted once keeps its receipt, even if it would be refused today (a recipient has closed
    /// since); a package that is wrong today and also conflicts with an earlier one is told both.
    /// </summary>
    private async Task<SubmissionOutcome> RefuseAsync(
        OfficeSystem caller,
        PackageSpool spool,
        RegistrySnapshot snapshot,
        List<ErrorItem> errors,
        CancellationToken cancellationToken
    )
    {
        if (
            spool.Reading.Document
                is { DocumentId: { Length: > 0 } documentId, From.Code: { } from } header
            && snapshot.TryFindAgency(from.Value, clock.GetUtcNow(), out var sender)
            && Permissions.CanSpeakFor(caller, sender)
        )
        {
            var variant =
                header.Business.Type == BusinessType.New
                    ? ""
                    : Convert.ToHexStringLower(spool.Reading.Sha256.Span);
            var first = await store.LookUpAsync(
                sender.Id,
                documentId,
                variant,
                spool.Reading.Sha256,
                cancellationToken
            );
            if (first is Acceptance.Repeated repeated)
            {
                return new SubmissionOutcome.Accepted(repeated.ReceiptJson, IsRepeat: true);
            }
            if (first is Acceptance.Conflicting conflicting)
            {
                errors.Add(ConflictOf(header, conflicting));
            }
        }
        return new SubmissionOutcome.Refused(errors);
    }

    private static ErrorItem ConflictOf(
        DocumentHeader header,
        Acceptance.Conflicting conflicting
    ) =>
        SubmissionErrors.DocumentIdConflict.At(
            "MessageHeader/DocumentId",
            header.DocumentId,
            header.DocumentId!,
            conflicting.PackageId
        );

    private Task RecordRefusalAsync(
        IReadOnlyList<ErrorItem> errors,
        OfficeSystem caller,
        PackageSpool spool,
        string? remote
    ) =>
        audit.RecordAsync(
            AuditActions.SubmitPackage,
            AuditOutcome.Refused,
            caller.Id,
            remote,
            new
            {
                Codes = errors.Select(error => error.Code).Distinct().ToArray(),
                DocumentId = spool.Reading.Document?.DocumentId
                    ?? spool.Reading.Status?.ResponseFor.DocumentId,
                Sha256 = Convert.ToHexStringLower(spool.Reading.Sha256.Span),
                Size = spool.Reading.Length,
            }
        );
}
