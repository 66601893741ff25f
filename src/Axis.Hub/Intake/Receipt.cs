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
    string? Jws = null
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

public sealed record SignatureSummary(string Verdict, string Reason, string ReasonVi);

/// <summary>The answer to an accepted status report.</summary>
public sealed record StatusReceipt(
    Guid PackageId,
    string Kind,
    Guid DeliveryId,
    string DocumentId,
    string Status,
    string Outcome,
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

    /// <summary>Nothing was accepted and nothing was wrong: try again.</summary>
    public sealed record Busy : SubmissionOutcome;
}
