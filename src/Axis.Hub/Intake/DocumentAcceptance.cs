using System.Text.Json;
using Axis.EdXml;
using Axis.Hub.Acts;
using Axis.Hub.Errors;
using Axis.Hub.Letters;
using Axis.Hub.Registry;
using Axis.Hub.Storage;
using Axis.Hub.Trust;

namespace Axis.Hub.Intake;

/// <summary>Everything that one accepted document writes, decided before the transaction.</summary>
public sealed record DocumentAcceptance(
    Guid PackageId,
    DateTimeOffset ReceivedAt,
    Door Door,
    string OfficeSystemId,
    CheckedDocument Document,
    byte[] Sha256,
    long Size,
    byte[]? InlineBytes,
    IReadOnlyList<AcceptedDelivery> Deliveries,
    string ReceiptJson
)
{
    /// <summary>
    /// What the sender may say only once. New documents: the id alone, so other bytes are a conflict. Recalls, updates
    /// and replacements of the same id are acts of their own, told apart by their bytes.
    /// </summary>
    public string Variant =>
        Document.Header.Business.Type == BusinessType.New ? "" : Convert.ToHexStringLower(Sha256);

    /// <summary>
    /// By which words its subject is found, taken here and not while it is written: what one sender's letter costs is his
    /// to wait for, not everybody's whose letters share the transaction.
    /// </summary>
    public string Words { get; } = SubjectWords.ForRow(Document.Header.Subject ?? "");

    /// <summary>As tables and answers write it.</summary>
    public string DocumentVerdict => DocumentVerdictOf(Document.Signatures);

    private static string DocumentVerdictOf(PackageVerdicts verdicts) =>
        VerdictNames.Of(verdicts.Document?.Kind ?? Signatures.SignatureVerdictKind.None);

    public static DocumentAcceptance Of(
        CheckedDocument document,
        OfficeSystem caller,
        Door door,
        PackageSpool spool,
        byte[]? inlineBytes,
        DateTimeOffset now,
        TimeOrderedIds ids,
        Guid packageId,
        Func<Receipt, Receipt> sign,
        ActPlan? act = null
    )
    {
        List<AcceptedDelivery> deliveries =
        [
            .. act is null
                ? document.Deliveries.Select(planned => new AcceptedDelivery(ids.Next(), planned))
                : act.Deliveries.Select(planned => new AcceptedDelivery(ids.Next(), planned.Plan)
                {
                    About = planned.About,
                    Dialogue = planned.Dialogue,
                }),
        ];
        var sha256 = spool.Reading.Sha256.ToArray();
        var receipt = new Receipt(
            packageId,
            "document",
            document.Header.DocumentId!,
            BusinessNames.Of(document.Header.Business.Type),
            document.Header.From.Code!.Value.Value,
            Convert.ToHexStringLower(sha256),
            spool.Reading.Length,
            now,
            [
                .. deliveries.Select(delivery => new ReceiptDelivery(
                    delivery.Id,
                    delivery.Plan.RecipientCode,
                    delivery.Plan.Recipient.PrimaryCode,
                    delivery.Plan.Recipient.Name,
                    delivery.Plan.Route,
                    delivery.State,
                    delivery.Plan.Substitution
                )),
            ],
            new SignatureSummary(
                VerdictNames.Of(document.Signatures.Envelope.Kind),
                document.Signatures.Envelope.Reason,
                document.Signatures.Envelope.ReasonVi
            ),
            DocumentVerdictOf(document.Signatures),
            RegistryNames.Of(document.Signatures.Policy),
            [.. document.Signatures.Attachments.Select(AttachmentSummary.Of)],
            act is null ? document.Warnings : [.. document.Warnings, .. act.Warnings],
            Effects: act?.Effects
        );
        return new DocumentAcceptance(
            packageId,
            now,
            door,
            caller.Id,
            document,
            sha256,
            spool.Reading.Length,
            inlineBytes,
            deliveries,
            JsonSerializer.Serialize(sign(receipt), HubJson.Options)
        );
    }
}

public sealed record AcceptedDelivery(Guid Id, Routing.PlannedDelivery Plan)
{
    /// <summary>Of a recall or an update: the delivery of the letter that it tells of.</summary>
    public Guid? About { get; init; }

    /// <summary>The question it puts by itself, where the letter is not known to the hub.</summary>
    public string? Dialogue { get; init; }

    /// <summary>
    /// An HTTP inbox is a query over these rows, so the delivery is in it with the commit; an AMQP inbox is a queue
    /// that the dispatcher fills; the national route is held until it opens.
    /// </summary>
    public string State =>
        Plan.OfficeSystem switch
        {
            null => "held",
            { InboxDoor: Door.Http } => "dispatched",
            _ => "waiting",
        };
}

public static class BusinessNames
{
    public static string Of(BusinessType type) =>
        type switch
        {
            BusinessType.Recall => "recall",
            BusinessType.Update => "update",
            BusinessType.Replace => "replace",
            _ => "new",
        };
}
