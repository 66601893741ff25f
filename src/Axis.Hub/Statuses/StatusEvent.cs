using System.Text.Json;
using Axis.Hub.Errors;
using Axis.Hub.Registry;

namespace Axis.Hub.Statuses;

/// <summary>An event on its way to an office system, as a row of the outbox.</summary>
public sealed record EventRow(
    Guid Id,
    string OfficeSystemId,
    string Type,
    string Body,
    int Attempts
);

/// <summary>CloudEvents 1.0, JSON format.</summary>
public sealed record CloudEvent(
    string Specversion,
    string Id,
    string Source,
    string Type,
    DateTimeOffset Time,
    string Subject,
    string Datacontenttype,
    StatusEventData Data
)
{
    public const string DeliveryStatus = "vn.axis.delivery.status";

    public static CloudEvent OfStatus(Guid id, DateTimeOffset time, StatusEventData data) =>
        new(
            "1.0",
            id.ToString(),
            "/axis",
            DeliveryStatus,
            time,
            data.DeliveryId.ToString(),
            "application/json",
            data
        );

    public string ToJson() => JsonSerializer.Serialize(this, HubJson.Options);
}

/// <param name="Recipient">The recipient's code as the sender of the document wrote it.</param>
/// <param name="Agency">The recipient's code of today.</param>
/// <param name="Substitution">When another agency received it than the one named.</param>
/// <param name="Signature">The verdict on the envelope of the document.</param>
/// <param name="DocumentVerdict">The verdict on its attached PDF files.</param>
/// <param name="StatusPackage">The status edXML as received, base64.</param>
public sealed record StatusEventData(
    Guid DeliveryId,
    Guid PackageId,
    string DocumentId,
    string Recipient,
    string Agency,
    string Status,
    string StatusName,
    string? Description,
    DateTimeOffset? ReportedAt,
    string Outcome,
    Substitution? Substitution,
    string Signature,
    string DocumentVerdict,
    byte[] StatusPackage
);

public static class StatusNames
{
    /// <summary>Vietnamese names as QĐ 28/2018 Đ10h and the field use them.</summary>
    public static string Of(string code) =>
        code switch
        {
            "01" => "Đã đến",
            "02" => "Từ chối tiếp nhận",
            "03" => "Đã tiếp nhận",
            "04" => "Phân công xử lý",
            "05" => "Đang xử lý",
            "06" => "Đã hoàn thành",
            "13" => "Yêu cầu lấy lại",
            "15" => "Đồng ý cập nhật, lấy lại",
            "16" => "Từ chối cập nhật, lấy lại",
            _ => code,
        };
}
