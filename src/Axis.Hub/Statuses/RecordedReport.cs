using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Intake;

namespace Axis.Hub.Statuses;

/// <summary>A report that was judged, with the receipt that answers it.</summary>
internal sealed record RecordedReport(
    StatusAcceptance Report,
    LifeChange Change,
    string ReceiptJson
)
{
    public static RecordedReport Judge(StatusAcceptance report, LockedDelivery delivery)
    {
        var header = report.Report.Header;
        var change = LifeChange.Judge(
            delivery,
            LifeEvents.OfCode(report.Code)!.Value,
            new LifeCause(
                report.ReceivedAt,
                HistoryWords.Status,
                report.OfficeSystemId,
                header.Description
            )
            {
                Code = report.Code,
                ReportId = report.ReportId,
                ReportedAt = header.Timestamp?.Time,
                StatusPackage = report.Bytes,
            }
        );
        var receipt = new StatusReceipt(
            report.ReportId,
            "status",
            delivery.Id,
            delivery.DocumentId,
            report.Code,
            OutcomeNames.Of(change.Outcome),
            StageNames.Of(change.After.Stage),
            Convert.ToHexStringLower(report.Sha256),
            report.Bytes.Length,
            report.ReceivedAt
        );
        return new(report, change, JsonSerializer.Serialize(receipt, HubJson.Options));
    }
}

public static class OutcomeNames
{
    public static string Of(ReportOutcome outcome) => outcome.ToString().ToLowerInvariant();
}
