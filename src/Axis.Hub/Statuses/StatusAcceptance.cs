using Axis.Hub.Errors;
using Axis.Hub.Intake;
using Axis.Hub.Registry;

namespace Axis.Hub.Statuses;

/// <summary>A status report on its way into the store.</summary>
public sealed record StatusAcceptance(
    Guid ReportId,
    DateTimeOffset ReceivedAt,
    Door Door,
    string OfficeSystemId,
    CheckedStatus Report,
    byte[] Sha256,
    byte[] Bytes
)
{
    /// <summary>The delivery, where the report named it outright and nothing is left to match.</summary>
    public Guid? DeliveryId { get; init; }

    /// <summary>The hub wrote the time of its reception for who told none.</summary>
    public bool IsTimedByHub { get; init; }

    /// <summary>When it was said, by the clock of who said it; null when that is not told.</summary>
    public DateTimeOffset? SaidAt => IsTimedByHub ? null : Report.Header.Timestamp?.Time;

    public string Code => Report.Header.StatusCode!;

    /// <summary>13 is raised by the sender and names the recipient in ResponseFor; all others the other way round.</summary>
    public Agency Sender =>
        Lifecycle.IsRaisedBySender(Code) ? Report.Reporter : Report.ResponseAgency;

    public Agency Recipient =>
        Lifecycle.IsRaisedBySender(Code) ? Report.ResponseAgency : Report.Reporter;

    public IReadOnlyList<Guid> SenderFamily =>
        Lifecycle.IsRaisedBySender(Code) ? Report.ReporterFamily : Report.ResponseFamily;

    public IReadOnlyList<Guid> RecipientFamily =>
        Lifecycle.IsRaisedBySender(Code) ? Report.ResponseFamily : Report.ReporterFamily;
}

public abstract record StatusOutcome
{
    private StatusOutcome() { }

    /// <summary>Durable: in the history, and applied if the lifecycle allows.</summary>
    public sealed record Recorded(string ReceiptJson) : StatusOutcome;

    /// <summary>The same bytes were recorded before, with this receipt.</summary>
    public sealed record Repeated(string ReceiptJson) : StatusOutcome;

    /// <summary>No delivery matches, or more than one.</summary>
    public sealed record Refused(ErrorItem Error) : StatusOutcome;
}
