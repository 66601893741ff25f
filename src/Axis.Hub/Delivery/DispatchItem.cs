using Axis.Hub.Intake;
using Axis.Hub.Registry;
using Axis.Hub.Trust;

namespace Axis.Hub.Delivery;

/// <summary>A delivery on its way to an inbox queue.</summary>
/// <param name="Bytes">The package, when it is small enough to travel and still at hand; else it is read again.</param>
public sealed record DispatchItem(
    Guid DeliveryId,
    Guid PackageId,
    string OfficeSystemId,
    bool Urgent,
    int Attempts,
    string DocumentId,
    string Sender,
    string Recipient,
    int Priority,
    string Business,
    string Signature,
    string DocumentVerdict,
    byte[] Sha256,
    long Size,
    Substitution? Substitution,
    byte[]? Bytes
)
{
    /// <summary>The word of its last failure, when it comes from the database.</summary>
    public string? LastFailure { get; init; }

    public static DispatchItem Of(DocumentAcceptance document, AcceptedDelivery accepted) =>
        new(
            accepted.Id,
            document.PackageId,
            accepted.Plan.OfficeSystem!.Id,
            Priorities.IsUrgent(document.Document.Header),
            0,
            document.Document.Header.DocumentId!,
            document.Document.Header.From.Code!.Value.Value,
            accepted.Plan.RecipientCode,
            Priorities.Of(document.Document.Header),
            BusinessNames.Of(document.Document.Header.Business.Type),
            VerdictNames.Of(document.Document.Signatures.Envelope.Kind),
            document.DocumentVerdict,
            document.Sha256,
            document.Size,
            accepted.Plan.Substitution,
            document.InlineBytes
        );
}
