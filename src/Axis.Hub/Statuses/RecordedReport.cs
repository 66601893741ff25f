using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Intake;

namespace Axis.Hub.Statuses;

/// <summary>A report that was judged, with the receipt that answers it.</summary>
internal sealed record RecordedReport(
    StatusAcceptance Report,
    MatchedDelivery Delivery,
    ReportOutcome Outcome,
    string ReceiptJson
)
{
    public static RecordedReport Of(
        StatusAcceptance report,
        MatchedDelivery delivery,
        ReportOutcome outcome
    ) =>
        new(
            report,
            delivery,
            outcome,
            JsonSerializer.Serialize(
                new StatusReceipt(
                    report.ReportId,
                    "status",
                    delivery.Id,
                    delivery.DocumentId,
                    report.Code,
                    OutcomeNames.Of(outcome),
                    Convert.ToHexStringLower(report.Sha256),
                    report.Bytes.Length,
                    report.ReceivedAt
                ),
                HubJson.Options
            )
        );
}

public static class OutcomeNames
{
    public static string Of(ReportOutcome outcome) => outcome.ToString().ToLowerInvariant();
}
