using Axis.Hub.Errors;
using Axis.Hub.Registry;
using Axis.Hub.Trust;
using Axis.Signatures;

namespace Axis.Hub.Intake;

/// <summary>The answer to an accepted document; stored with it, so that every repeat gets the same.</summary>
public sealed record Receipt(
    Guid PackageId,
    string Kind,
    string DocumentId,
    string Business,
    string Sender,
    string Sha256,
    long Size,
    DateTimeOffset ReceivedAt,
    IReadOnlyList<ReceiptDelivery> Deliveries,
    SignatureSummary Signature,
    string DocumentVerdict,
    string SignaturePolicy,
    IReadOnlyList<AttachmentSummary> Attachments,
    IReadOnlyList<ErrorItem> Warnings,
    string? Jws = null,
    IReadOnlyList<ActEffect>? Effects = null
)
{
    /// <summary>With the hub's signature over what matters of it.</summary>
    public Receipt SignedBy(IReceiptSigner signer, string issuer) =>
        this with
        {
            Jws = SignedReceipt.Write(
                new ReceiptClaims
                {
                    Iss = issuer,
                    PackageId = PackageId,
                    DocumentId = DocumentId,
                    Business = Business,
                    Sha256 = Sha256,
                    Size = Size,
                    Sender = Sender,
                    Recipients =
                    [
                        .. Deliveries.Select(delivery => new ReceiptRecipient(
                            delivery.DeliveryId,
                            delivery.Recipient,
                            delivery.Agency
                        )),
                    ],
                    ReceivedAt = ReceivedAt,
                    Signature = Signature.Verdict,
                    DocumentVerdict = DocumentVerdict,
                },
                signer
            ),
        };
}

public sealed record ReceiptDelivery(
    Guid DeliveryId,
    string Recipient,
    string Agency,
    string AgencyName,
    string Route,
    string State,
    Substitution? Substitution
);

/// <summary>What a recall, update or replacement did to the letter at one recipient.</summary>
/// <param name="DeliveryId">Of the letter.</param>
/// <param name="Effect">withdrawn, asked, replaced, or none.</param>
/// <param name="Outcome">applied, repeated or late.</param>
/// <param name="Stage">Where the delivery of the letter stands after it.</param>
public sealed record ActEffect(
    Guid DeliveryId,
    string Recipient,
    string Agency,
    string Effect,
    string Outcome,
    string Stage
);

public sealed record SignatureSummary(string Verdict, string Reason, string ReasonVi);

/// <summary>The answer to an accepted status report.</summary>
public sealed record StatusReceipt(
    Guid PackageId,
    string Kind,
    Guid DeliveryId,
    string DocumentId,
    string Status,
    string Outcome,
    string Stage,
    string Sha256,
    long Size,
    DateTimeOffset ReceivedAt
);

/// <summary>What became of a submission, whichever door it came through.</summary>
public abstract record SubmissionOutcome
{
    private SubmissionOutcome() { }

    /// <param name="ReceiptJson">The receipt as stored.</param>
    /// <param name="IsRepeat">The same submission had been accepted before; this is its first receipt.</param>
    public sealed record Accepted(string ReceiptJson, bool IsRepeat) : SubmissionOutcome;

    public sealed record Refused(IReadOnlyList<ErrorItem> Errors) : SubmissionOutcome;

    /// <summary>Nothing was wrong, but the day's quota of the office system does not hold it: try again tomorrow.</summary>
    public sealed record OverQuota(ErrorItem Error, TimeSpan RetryAfter) : SubmissionOutcome;

    /// <summary>Nothing was accepted and nothing was wrong: try again.</summary>
    public sealed record Busy : SubmissionOutcome;
}
